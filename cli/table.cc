#include "cli/table.h"

#include <algorithm>
#include <utility>

#include "cli/text_width.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kShortest = 8;  // no column is shortened below this
constexpr std::size_t kComfortable =
    18;  // flexible columns keep at least this much while others can be dropped

}  // namespace

Table::Table(std::vector<Column> columns, const Terminal& terminal)
    : columns_(std::move(columns)), terminal_(terminal), shown_(columns_.size(), true) {
  for (const Column& column : columns_) widths_.push_back(DisplayWidth(column.title));
}

void Table::AddRow(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

std::string Table::Render() {
  std::string text;
  if (!chosen_ || terminal_.width == kUnlimitedWidth) GrowColumns();
  if (!chosen_) {
    FitColumns();
    chosen_ = true;
    std::vector<Cell> titles;
    for (const Column& column : columns_) titles.push_back(Cell{std::string(column.title), Style::kBold});
    text += RenderRow(titles);
  }
  for (const auto& row : rows_) text += RenderRow(row);
  rows_.clear();
  return text;
}

void Table::GrowColumns() {
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], DisplayWidth(row[i].text));
  }
}

void Table::FitColumns() {
  while (WidthOfShown(kComfortable) > terminal_.width && DropColumn()) continue;
  for (std::size_t total = WidthOfShown(kUnlimitedWidth); total > terminal_.width; --total) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!shown_[i] || !columns_[i].flexible || widths_[i] <= kShortest) continue;
      if (widest == columns_.size() || widths_[i] > widths_[widest]) widest = i;
    }
    if (widest == columns_.size()) return;
    --widths_[widest];
  }
}

bool Table::DropColumn() {
  std::size_t drop = columns_.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!shown_[i] || columns_[i].rank == 0) continue;
    if (drop == columns_.size() || columns_[i].rank > columns_[drop].rank) drop = i;
  }
  if (drop == columns_.size()) return false;
  shown_[drop] = false;
  return true;
}

std::size_t Table::WidthOfShown(std::size_t flexible_limit) const {
  std::size_t width = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!shown_[i]) continue;
    width += width == 0 ? 0 : kGap;
    width += columns_[i].flexible ? std::min(widths_[i], flexible_limit) : widths_[i];
  }
  return width;
}

std::string Table::RenderRow(const std::vector<Cell>& row) const {
  const std::string_view mark = terminal_.utf8 ? "\xE2\x80\xA6" : "~";
  std::string line;
  std::size_t pending = 0;  // spaces that are written only if something follows
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!shown_[i]) continue;
    const bool fit = terminal_.width == kUnlimitedWidth;
    const std::string text = fit ? row[i].text : Shorten(row[i].text, widths_[i], mark);
    if (!text.empty()) {
      line.append(pending, ' ').append(Styled(text, row[i].style, terminal_.color));
      pending = 0;
    }
    pending += widths_[i] + kGap - std::min(DisplayWidth(text), widths_[i]);
  }
  line.push_back('\n');
  return line;
}

}  // namespace claviger::cli
