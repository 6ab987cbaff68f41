// Rows in aligned columns that fit the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/style.h"
#include "cli/terminal.h"

namespace claviger::cli {

struct Column {
  std::string_view title;
  int rank;  // in a narrow terminal the column with the highest rank goes first; 0 stays
  bool flexible =
      false;  // may be shortened: to some comfort before a column goes, to little after all have gone
};

struct Cell {
  std::string text;  // safe to show (EscapeForDisplay)
  Style style = Style::kPlain;
};

// Rendered page by page: all pages have the columns of the first, so that the rows of many pages need not be
// in memory together.
class Table {
 public:
  Table(std::vector<Column> columns, const Terminal& terminal);

  // As many cells as there are columns.
  void AddRow(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }
  // The rows added since the last call, with the titles above them the first time. Forgets them.
  std::string Render();

 private:
  void GrowColumns();
  // Drops and shortens columns until the rest fits.
  void FitColumns();
  // False if only columns are left that stay.
  bool DropColumn();
  // With the flexible columns no wider than `flexible_limit`.
  std::size_t WidthOfShown(std::size_t flexible_limit) const;
  std::string RenderRow(const std::vector<Cell>& row) const;

  std::vector<Column> columns_;
  const Terminal& terminal_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> widths_;
  std::vector<bool> shown_;
  bool chosen_ = false;
};

}  // namespace claviger::cli
