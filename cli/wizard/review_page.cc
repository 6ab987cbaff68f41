#include "cli/wizard/review_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.h"
#include "cli/terms_view.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kMostReviewWidth = 100;

void AddLines(View& view, std::string_view text, Look look) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    view.Add(std::string(text.substr(0, end)), look);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

void ReviewPage::Show(std::optional<boost::json::object> preview) {
  preview_ = std::move(preview);
  first_ = 0;
}

View ReviewPage::Text(const Size& size) const {
  View view;
  if (!preview_) {
    view.Add("");
    view.AddWrapped("The daemon could not say how the key would be. Your answers are kept.", 2,
                    size.columns - 2);
    return view;
  }
  const boost::json::object& terms = ObjectOf(*preview_, "terms");
  const std::size_t columns = std::min(size.columns - 2, kMostReviewWidth);
  view.AddWrapped(AbilitySentence(terms), 2, columns, Look::kBold);
  for (const std::string& warning : WarningLines(*preview_)) {
    view.AddWrapped("! " + warning, 2, columns, Look::kAttention);
  }
  view.Add("");
  Terminal terminal;
  terminal.width = columns;
  AddLines(view, TermsFields(terms, state_.now()).Render(terminal, 2), Look::kPlain);
  return view;
}

View ReviewPage::Draw(const Size& size, const Glyphs& glyphs) {
  View text = Text(size);
  rows_ = size.rows > 1 ? size.rows - 1 : 1;
  last_first_ = text.lines.size() > rows_ ? text.lines.size() - rows_ : 0;
  first_ = std::min(first_, last_first_);
  View view;
  const std::size_t end = std::min(first_ + rows_, text.lines.size());
  for (std::size_t i = first_; i < end; ++i) view.lines.push_back(std::move(text.lines[i]));
  while (view.lines.size() < rows_) view.Add("");
  if (last_first_ > 0) {
    view.Add(fmt::format("  lines {} to {} of {} {} Up/Down shows the rest", first_ + 1, end,
                         text.lines.size(), glyphs.dot),
             Look::kFaint);
  }
  return view;
}

Move ReviewPage::Handle(const Key& key) {
  switch (key.kind) {
    case KeyKind::kEscape:
      return Move::kBack;
    case KeyKind::kUp:
      first_ -= std::min<std::size_t>(first_, 1);
      return Move::kStay;
    case KeyKind::kDown:
      first_ = std::min(first_ + 1, last_first_);
      return Move::kStay;
    case KeyKind::kPageUp:
      first_ -= std::min(first_, rows_);
      return Move::kStay;
    case KeyKind::kPageDown:
      first_ = std::min(first_ + rows_, last_first_);
      return Move::kStay;
    case KeyKind::kHome:
      first_ = 0;
      return Move::kStay;
    case KeyKind::kEnd:
      first_ = last_first_;
      return Move::kStay;
    case KeyKind::kText:
      if (key.Is('c') && preview_) return Move::kCreate;
      if (key.Is('r') && !preview_) return Move::kAgain;
      return Move::kStay;
    default:
      return Move::kStay;
  }
}

std::vector<KeyHint> ReviewPage::hints() const {
  std::vector<KeyHint> hints = {{"c", "create the key"}};
  if (!preview_) hints = {{"r", "ask again"}};
  if (last_first_ > 0) hints.push_back({"Up/Down", "the rest"});
  hints.push_back({"Esc", "back, to change something"});
  hints.push_back({"?", "help"});
  return hints;
}

std::string_view ReviewPage::help() const {
  return "Nothing has been done so far. c issues the key as it stands here; its key string is shown on the "
         "next page, "
         "this once. Esc goes back page by page; what was answered stays. Ctrl-C leaves without a key.";
}

}  // namespace claviger::cli::wizard
