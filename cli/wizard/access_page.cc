#include "cli/wizard/access_page.h"

#include <fmt/format.h>

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kIndent = 6;
constexpr std::string_view kScopedMeans =
    "The key can do only what you choose on a later page. If it leaks, that is all that leaks.";
constexpr std::string_view kUnscopedMeans =
    "Whoever holds the key can read, write and delete everything on this host that asks Claviger, also what "
    "is "
    "added to the catalogue later. It is marked in every list and review.";
constexpr std::string_view kForbidden = "The policy does not let you issue such keys.";

std::string Choice(bool chosen, std::string_view text) {
  return fmt::format("  ({}) {}", chosen ? '*' : ' ', text);
}

}  // namespace

View AccessPage::Draw(const Size& size, const Glyphs& glyphs) {
  static_cast<void>(glyphs);
  const Answers& answers = state_.answers();
  const bool offered = state_.offer().unscoped;
  View view;
  view.Add("");
  view.Add(Choice(!answers.unscoped, "with scopes (recommended)"),
           row_ == kScoped ? Look::kChosen : Look::kPlain);
  view.AddWrapped(kScopedMeans, kIndent, size.columns - 2, Look::kFaint);
  view.Add("");
  if (row_ == kUnscoped) view.focus = view.lines.size();
  view.Add(offered ? Choice(answers.unscoped, "without scopes: full access (not recommended)")
                   : "   -  without scopes: full access (not offered)",
           row_ == kUnscoped ? Look::kChosen
           : offered         ? Look::kPlain
                             : Look::kFaint);
  view.AddWrapped(offered ? kUnscopedMeans : kForbidden, kIndent, size.columns - 2, Look::kFaint);
  if (answers.unscoped) DrawReason(view, size);
  return view;
}

void AccessPage::DrawReason(View& view, const Size& size) const {
  constexpr std::string_view kLabel = "      Reason  ";
  view.Add("");
  if (row_ == kReason) {
    view.focus = view.lines.size();
    view.cursor =
        Place{view.lines.size(), kLabel.size() + reason_.CursorColumn(size.columns - kLabel.size() - 2)};
  }
  view.lines.push_back(
      {{std::string(kLabel), Look::kBold}, {reason_.Draw(size.columns - kLabel.size() - 2), Look::kPlain}});
  view.AddWrapped("Why it cannot do with scopes; kept on record, and shown in reviews.", kLabel.size(),
                  size.columns - 2, Look::kFaint);
}

void AccessPage::Choose(bool unscoped) {
  if (unscoped && !state_.offer().unscoped) {
    state_.Complain({Field::kAccess, "the policy does not let you issue keys without scopes"});
    return;
  }
  state_.ForgetComplaint();
  state_.answers().unscoped = unscoped;
}

Move AccessPage::Handle(const Key& key) {
  const bool unscoped = state_.answers().unscoped;
  if (row_ == kReason && key.kind != KeyKind::kUp && key.kind != KeyKind::kBackTab && reason_.Handle(key)) {
    state_.answers().unscoped_reason = reason_.Trimmed();
    state_.ForgetComplaint();
    return Move::kStay;
  }
  switch (key.kind) {
    case KeyKind::kEscape:
      return Move::kBack;
    case KeyKind::kUp:
    case KeyKind::kBackTab:
      row_ = row_ == kReason ? kUnscoped : kScoped;
      return Move::kStay;
    case KeyKind::kDown:
    case KeyKind::kTab:
      row_ = row_ == kScoped ? kUnscoped : unscoped ? kReason : kUnscoped;
      return Move::kStay;
    case KeyKind::kText:
      if (key.Is(' ')) Choose(row_ == kUnscoped);
      return Move::kStay;
    case KeyKind::kEnter:
      if (row_ == kReason) return Move::kNext;
      Choose(row_ == kUnscoped);
      if (state_.complaint()) return Move::kStay;
      if (!state_.answers().unscoped) return Move::kNext;
      row_ = kReason;
      return Move::kStay;
    default:
      return Move::kStay;
  }
}

void AccessPage::Focus(Field field) {
  if (field == Field::kReason) row_ = kReason;
  if (field == Field::kAccess) row_ = state_.answers().unscoped ? kUnscoped : kScoped;
}

std::vector<KeyHint> AccessPage::hints() const {
  if (row_ == kReason) return {{"Enter", "next"}, {"Up", "choices"}, {"Esc", "leave"}, {"F1", "help"}};
  return {{"Up/Down", "move"}, {"Enter", "choose and go on"}, {"Esc", "leave"}, {"?", "help"}};
}

std::string_view AccessPage::help() const {
  return "A scope is one thing that a key may do, such as read:policies:admin. A key with scopes is refused "
         "everything else, so choose this unless nothing else will do. A key without scopes is refused "
         "nothing. It "
         "needs the policy's permission (policy.unscoped in claviger.toml) and a reason, and every review "
         "names it.";
}

}  // namespace claviger::cli::wizard
