// The scopes as they are looked through: filtered, searched, page by page. Knows no terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

// Changes which scopes are chosen in the state. Thread-compatible; `state` must outlive it.
class ScopeTable {
 public:
  explicit ScopeTable(WizardState& state) : state_(state) { Find(); }

  const std::optional<Action>& filter() const { return filter_; }
  const std::string& search() const { return search_; }
  // Absent: every action.
  void SetFilter(std::optional<Action> filter);
  // Only scopes with this in name, summary or description, in any case.
  void SetSearch(std::string text);
  // Positions of the scopes that filter and search let through, in the order of the catalogue.
  const std::vector<std::size_t>& shown() const { return shown_; }

  // At least 1. The cursor stays where it is.
  void SetPageSize(std::size_t rows);
  std::size_t page_size() const { return page_size_; }
  std::size_t page() const { return cursor_ / page_size_; }  // from 0
  std::size_t pages() const;                                 // at least 1
  // Positions in shown() of the first row of the page, and behind the last.
  std::size_t page_begin() const { return page() * page_size_; }
  std::size_t page_end() const;

  std::size_t cursor() const { return cursor_; }  // in shown()
  void MoveTo(std::size_t row);
  void MoveUp();
  void MoveDown();
  void MoveToPage(std::size_t page);

  // The scope under the cursor. One that a bundle gives stays given.
  void Toggle();
  // Chooses all that are shown, on all pages; if they are all chosen, none of them.
  void ToggleShown();

 private:
  void Find();

  WizardState& state_;
  std::optional<Action> filter_;
  std::string search_;
  std::vector<std::size_t> shown_;
  std::size_t page_size_ = 1;
  std::size_t cursor_ = 0;
};

}  // namespace claviger::cli::wizard
