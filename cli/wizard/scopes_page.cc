#include "cli/wizard/scopes_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/text_width.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kScopesHeadLines = 2;
constexpr std::size_t kFootLines = 1;
constexpr std::size_t kBoxWidth = 6;      // "> [x] "
constexpr std::size_t kActionWidth = 10;  // "! delete", with a gap before it and a column behind it
constexpr std::array<std::size_t, 6> kPageSizes = {0, 5, 10, 14, 25, 50};

// Marked in a way that needs no colour.
std::string_view MarkedAction(Action action) {
  constexpr std::array<std::string_view, 3> kMarked = {"  read", "* write", "! delete"};
  return kMarked.at(static_cast<std::size_t>(action));
}

Look LookOf(Action action) {
  constexpr std::array kLooks = {Look::kPlain, Look::kAttention, Look::kBad};
  return kLooks.at(static_cast<std::size_t>(action));
}

std::string Tab(bool open, std::string_view name, std::size_t count) {
  return open ? fmt::format(" [{} {}]", name, count) : fmt::format("  {} {} ", name, count);
}

}  // namespace

View ScopesPage::Draw(const Size& size, const Glyphs& glyphs) {
  View view;
  const std::size_t room =
      size.rows > kScopesHeadLines + kFootLines ? size.rows - kScopesHeadLines - kFootLines : 1;
  table_.SetPageSize(page_size_ == 0 ? room : std::min(page_size_, room));
  DrawHead(view, size, glyphs);
  if (bundles_) {
    DrawBundles(view, size, glyphs, room);
  } else {
    DrawTable(view, size, glyphs, room);
  }
  while (view.lines.size() < kScopesHeadLines + room) view.Add("");
  view.Add(Shorten(Foot(), size.columns - 1, glyphs.more), Look::kBold);
  return view;
}

void ScopesPage::DrawHead(View& view, const Size& size, const Glyphs& glyphs) const {
  Line line = {
      {Tab(!bundles_, "scopes", state_.offer().scopes.size()), bundles_ ? Look::kPlain : Look::kBold}};
  if (!state_.offer().bundles.empty()) {
    line.push_back(
        {Tab(bundles_, "bundles", state_.offer().bundles.size()), bundles_ ? Look::kBold : Look::kPlain});
  }
  line.push_back({fmt::format("   show: {}", table_.filter() ? ActionName(*table_.filter()) : "all")});
  std::size_t used = 0;
  for (const Span& span : line) used += DisplayWidth(span.text);
  constexpr std::string_view kSearch = "   search: ";
  const std::size_t width =
      std::min<std::size_t>(size.columns - std::min(size.columns - 6, used + kSearch.size()) - 1, 30);
  if (searching_) {
    view.cursor = Place{0, used + kSearch.size() + search_.CursorColumn(width)};
    line.push_back({std::string(kSearch) + search_.Draw(width), Look::kBold});
  } else if (!search_.text().empty()) {
    line.push_back({std::string(kSearch) + Shorten(search_.text(), width, glyphs.more)});
  }
  view.lines.push_back(std::move(line));
}

void ScopesPage::DrawTable(View& view, const Size& size, const Glyphs& glyphs, std::size_t rows) const {
  std::size_t name_width = 5;
  for (const OfferedScope& scope : state_.offer().scopes) {
    name_width = std::max(name_width, DisplayWidth(scope.name));
  }
  name_width = std::min(name_width + 1, (size.columns - kBoxWidth - kActionWidth) * 3 / 5);
  const std::size_t summary_width = size.columns - kBoxWidth - kActionWidth - name_width;
  view.lines.push_back({{std::string(kBoxWidth, ' ') + Pad("scope", name_width, "") +
                             Pad("summary", summary_width, "") + "    action",
                         Look::kFaint}});
  if (table_.shown().empty()) {
    view.Add("      nothing matches; Esc in the search, or the letter of the filter again, shows more");
    return;
  }
  const std::size_t last = std::min(table_.page_end(), table_.page_begin() + rows);
  for (std::size_t row = table_.page_begin(); row < last; ++row) {
    if (row == table_.cursor()) view.focus = view.lines.size();
    view.lines.push_back(DrawScope(row, size, glyphs, name_width));
  }
}

Line ScopesPage::DrawScope(std::size_t row, const Size& size, const Glyphs& glyphs,
                           std::size_t name_width) const {
  const std::size_t position = table_.shown()[row];
  const OfferedScope& scope = state_.offer().scopes[position];
  const bool here = row == table_.cursor() && !searching_;
  const char box = state_.answers().scopes[position] ? 'x' : state_.GivenByBundle(position) ? 'b' : ' ';
  const std::size_t summary_width = size.columns - kBoxWidth - kActionWidth - name_width;
  const std::string text =
      fmt::format("{} [{}] {}{}  ", here ? '>' : ' ', box, Pad(scope.name, name_width - 1, glyphs.more) + " ",
                  Pad(scope.summary, summary_width, glyphs.more));
  return {
      {text, here                     ? Look::kChosen
             : state_.Given(position) ? Look::kBold
                                      : Look::kPlain},
      {Pad(MarkedAction(scope.action), kActionWidth - 2, ""), here ? Look::kChosen : LookOf(scope.action)}};
}

void ScopesPage::DrawBundles(View& view, const Size& size, const Glyphs& glyphs, std::size_t rows) const {
  const auto& bundles = state_.offer().bundles;
  view.Add("      A bundle is a named set of scopes; the key gets those that it has now.", Look::kFaint);
  std::size_t name_width = 8;
  for (const OfferedBundle& bundle : bundles) name_width = std::max(name_width, DisplayWidth(bundle.name));
  name_width = std::min(name_width, size.columns / 3);
  const std::size_t first = bundle_ / rows * rows;
  for (std::size_t i = first; i < std::min(first + rows, bundles.size()); ++i) {
    const bool here = i == bundle_;
    const std::string left =
        fmt::format("{} [{}] {}  {:>4} scopes  ", here ? '>' : ' ', state_.answers().bundles[i] ? 'x' : ' ',
                    Pad(bundles[i].name, name_width, glyphs.more), bundles[i].scopes.size());
    const std::size_t used = DisplayWidth(left);
    const std::size_t rest = size.columns > used + 1 ? size.columns - used - 1 : 0;
    if (here) view.focus = view.lines.size();
    view.lines.push_back(
        {{left + Pad(bundles[i].summary, rest, glyphs.more), here ? Look::kChosen : Look::kPlain}});
  }
}

std::string ScopesPage::Foot() const {
  const std::size_t given = state_.CountGiven();
  std::string chosen = " none chosen";
  if (given > 0) {
    chosen = fmt::format(" {} chosen: {} read, {} write, {} delete", given, state_.CountGiven(Action::kRead),
                         state_.CountGiven(Action::kWrite), state_.CountGiven(Action::kDelete));
  }
  if (!bundles_) {
    chosen +=
        fmt::format("   page {} of {}, {} shown", table_.page() + 1, table_.pages(), table_.shown().size());
  }
  if (state_.offer().beyond_ceilings > 0) {
    chosen += fmt::format("   ({} more are not yours to grant)", state_.offer().beyond_ceilings);
  }
  return chosen;
}

bool ScopesPage::HandleSearch(const Key& key) {
  if (!searching_) return false;
  if (key.kind == KeyKind::kEscape) {
    search_.Set("");
    table_.SetSearch("");
    searching_ = false;
    return true;
  }
  if (key.kind == KeyKind::kEnter || key.kind == KeyKind::kDown || key.kind == KeyKind::kTab) {
    searching_ = false;
    return true;
  }
  if (search_.Handle(key)) table_.SetSearch(search_.text());
  return true;
}

Move ScopesPage::Handle(const Key& key) {
  if (HandleSearch(key)) return Move::kStay;
  switch (key.kind) {
    case KeyKind::kEscape:
      return Move::kBack;
    case KeyKind::kEnter:
      return Move::kNext;
    case KeyKind::kTab:
    case KeyKind::kBackTab:
      bundles_ = !bundles_ && !state_.offer().bundles.empty();
      return Move::kStay;
    case KeyKind::kText:
      state_.ForgetComplaint();
      return key.text.size() == 1 ? HandleCommand(key.text.front()) : Move::kStay;
    default:
      if (bundles_) {
        MoveBundle(key.kind);
      } else {
        HandleMove(key.kind);
      }
      return Move::kStay;
  }
}

Move ScopesPage::HandleCommand(char command) {
  if (command == ' ') {
    if (bundles_) {
      state_.ToggleBundle(bundle_);
    } else {
      table_.Toggle();
    }
    return Move::kStay;
  }
  if (bundles_) return Move::kStay;
  const auto filter = [&](Action action) {
    table_.SetFilter(table_.filter() == action ? std::nullopt : std::optional(action));
  };
  switch (command) {
    case '/':
      searching_ = true;
      break;
    case 'r':
      filter(Action::kRead);
      break;
    case 'w':
      filter(Action::kWrite);
      break;
    case 'd':
      filter(Action::kDelete);
      break;
    case 'a':
      table_.ToggleShown();
      break;
    case 'p': {
      const auto* now = std::find(kPageSizes.begin(), kPageSizes.end(), page_size_);
      page_size_ = now + 1 == kPageSizes.end() ? kPageSizes.front() : *(now + 1);
      break;
    }
    default:
      break;
  }
  return Move::kStay;
}

void ScopesPage::HandleMove(KeyKind kind) {
  switch (kind) {
    case KeyKind::kUp:
      return table_.MoveUp();
    case KeyKind::kDown:
      return table_.MoveDown();
    case KeyKind::kPageUp:
    case KeyKind::kLeft:
      return table_.MoveToPage(table_.page() - std::min<std::size_t>(table_.page(), 1));
    case KeyKind::kPageDown:
    case KeyKind::kRight:
      return table_.MoveToPage(table_.page() + 1);
    case KeyKind::kHome:
      return table_.MoveTo(0);
    case KeyKind::kEnd:
      return table_.MoveTo(table_.shown().size());
    default:
      return;
  }
}

void ScopesPage::MoveBundle(KeyKind kind) {
  const std::size_t last = state_.offer().bundles.size() - 1;
  if (kind == KeyKind::kUp) bundle_ -= std::min<std::size_t>(bundle_, 1);
  if (kind == KeyKind::kDown) bundle_ = std::min(bundle_ + 1, last);
  if (kind == KeyKind::kHome) bundle_ = 0;
  if (kind == KeyKind::kEnd) bundle_ = last;
}

std::vector<KeyHint> ScopesPage::hints() const {
  if (searching_)
    return {{"type", "to search"}, {"Enter", "to the results"}, {"Esc", "end the search"}, {"F1", "help"}};
  if (bundles_) {
    return {{"Space", "choose"}, {"Up/Down", "move"}, {"Tab", "scopes"},
            {"Enter", "next"},   {"Esc", "back"},     {"?", "help"}};
  }
  std::vector<KeyHint> hints = {{"Space", "choose"}, {"/", "search"},    {"r w d", "filter"},
                                {"a", "all shown"},  {"p", "page size"}, {"PgUp/PgDn", "page"},
                                {"Enter", "next"},   {"Esc", "back"},    {"?", "help"}};
  if (!state_.offer().bundles.empty()) hints.insert(hints.end() - 3, {"Tab", "bundles"});
  return hints;
}

std::string_view ScopesPage::help() const {
  return "Space chooses the scope under the cursor, a all that are shown (on all pages; again: none of "
         "them). / searches "
         "in names, summaries and descriptions as you type. r, w and d show only what reads, writes or "
         "deletes; the "
         "same letter again shows all. p changes how many are on a page. * marks what writes, ! what "
         "deletes; [b] "
         "comes with a bundle. Tab goes to the bundles and back.";
}

}  // namespace claviger::cli::wizard
