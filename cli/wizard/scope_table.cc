#include "cli/wizard/scope_table.h"

#include <algorithm>
#include <cctype>

namespace claviger::cli::wizard {
namespace {

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// `wanted` is in lower case.
bool Contains(const std::string& text, const std::string& wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end();
}

}  // namespace

void ScopeTable::SetFilter(std::optional<Action> filter) {
  filter_ = filter;
  Find();
}

void ScopeTable::SetSearch(std::string text) {
  search_ = std::move(text);
  Find();
}

void ScopeTable::Find() {
  const std::size_t before = cursor_ < shown_.size() ? shown_[cursor_] : 0;
  std::string wanted = search_;
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), Lower);
  shown_.clear();
  const std::vector<OfferedScope>& scopes = state_.offer().scopes;
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (filter_ && scopes[i].action != *filter_) continue;
    if (!wanted.empty() && !Contains(scopes[i].name, wanted) && !Contains(scopes[i].summary, wanted) &&
        !Contains(scopes[i].description, wanted)) {
      continue;
    }
    shown_.push_back(i);
  }
  // The cursor stays on its scope, or goes to the next one that is shown.
  const auto next = std::lower_bound(shown_.begin(), shown_.end(), before);
  MoveTo(static_cast<std::size_t>(next - shown_.begin()));
}

void ScopeTable::SetPageSize(std::size_t rows) { page_size_ = std::max<std::size_t>(rows, 1); }

std::size_t ScopeTable::pages() const {
  return std::max<std::size_t>((shown_.size() + page_size_ - 1) / page_size_, 1);
}

std::size_t ScopeTable::page_end() const { return std::min(page_begin() + page_size_, shown_.size()); }

void ScopeTable::MoveTo(std::size_t row) { cursor_ = shown_.empty() ? 0 : std::min(row, shown_.size() - 1); }

void ScopeTable::MoveUp() { MoveTo(cursor_ - std::min<std::size_t>(cursor_, 1)); }

void ScopeTable::MoveDown() { MoveTo(cursor_ + 1); }

void ScopeTable::MoveToPage(std::size_t page) { MoveTo(std::min(page, pages() - 1) * page_size_); }

void ScopeTable::Toggle() {
  if (shown_.empty()) return;
  std::vector<bool>& chosen = state_.answers().scopes;
  chosen[shown_[cursor_]] = !chosen[shown_[cursor_]];
}

void ScopeTable::ToggleShown() {
  std::vector<bool>& chosen = state_.answers().scopes;
  const bool all = std::all_of(shown_.begin(), shown_.end(), [&](std::size_t i) { return chosen[i]; });
  for (const std::size_t i : shown_) chosen[i] = !all;
}

}  // namespace claviger::cli::wizard
