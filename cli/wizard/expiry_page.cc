#include "cli/wizard/expiry_page.h"

#include <fmt/format.h>

#include <algorithm>

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kLifetimeWidth = 12;
constexpr std::size_t kTypedWidth = 24;

std::string RemarkOn(const ExpiryPreset& preset) {
  if (preset.usual && preset.longest) return "  default, longest";
  if (preset.usual) return "  the default";
  return preset.longest ? "  the longest" : "";
}

}  // namespace

View ExpiryPage::Draw(const Size& size, const Glyphs& glyphs) {
  const auto& presets = state_.presets();
  const bool typed = state_.answers().typed_expiry;
  View view;
  view.Add("");
  for (std::size_t i = 0; i < presets.size(); ++i) {
    if (row_ == i) view.focus = view.lines.size();
    const bool chosen = !typed && state_.answers().preset == i;
    const std::string text = fmt::format("  ({}) {}{}{}", chosen ? '*' : ' ',
                                         Pad(LifetimeText(presets[i].lifetime), kLifetimeWidth, glyphs.more),
                                         DateText(state_.now() + presets[i].lifetime), RemarkOn(presets[i]));
    view.lines.push_back({{text, row_ == i ? Look::kChosen : Look::kPlain}});
  }
  DrawTyped(view, size);
  view.Add("");
  view.AddWrapped("A key always ends. It can be rotated before that: same key, new secret, new end.", 6,
                  size.columns - 2, Look::kFaint);
  return view;
}

void ExpiryPage::DrawTyped(View& view, const Size& size) const {
  const bool typed = state_.answers().typed_expiry;
  const std::string label = fmt::format("  ({}) {}", typed ? '*' : ' ', Pad("another", kLifetimeWidth, ""));
  const std::size_t width = std::min(kTypedWidth, size.columns - label.size() - 2);
  if (OnTyped()) {
    view.focus = view.lines.size();
    view.cursor = Place{view.lines.size(), label.size() + typed_.CursorColumn(width)};
  }
  view.lines.push_back({{label, OnTyped() ? Look::kChosen : Look::kPlain}, {typed_.Draw(width)}});
  if (!typed) return;
  const auto read = ReadExpiry(typed_.Trimmed(), state_.offer().maximum_lifetime, state_.now());
  const std::string meaning = read ? DateText(read->ends) : read.error().message;
  view.AddWrapped(meaning, label.size() + 1, size.columns - 2, read ? Look::kGood : Look::kFaint);
}

void ExpiryPage::MoveTo(std::size_t row) {
  row_ = row;
  state_.ForgetComplaint();
  state_.answers().typed_expiry = OnTyped();
  if (!OnTyped()) state_.answers().preset = row;
}

Move ExpiryPage::Handle(const Key& key) {
  const bool moves = key.kind == KeyKind::kUp || key.kind == KeyKind::kDown;
  if (OnTyped() && !moves && typed_.Handle(key)) {
    state_.answers().expiry_text = typed_.Trimmed();
    state_.ForgetComplaint();
    return Move::kStay;
  }
  switch (key.kind) {
    case KeyKind::kEscape:
      return Move::kBack;
    case KeyKind::kEnter:
      return Move::kNext;
    case KeyKind::kUp:
    case KeyKind::kBackTab:
      MoveTo(row_ - std::min<std::size_t>(row_, 1));
      return Move::kStay;
    case KeyKind::kDown:
    case KeyKind::kTab:
      MoveTo(std::min(row_ + 1, state_.presets().size()));
      return Move::kStay;
    default:
      return Move::kStay;
  }
}

void ExpiryPage::Focus(Field field) {
  if (field == Field::kExpiry) {
    row_ = state_.answers().typed_expiry ? state_.presets().size() : state_.answers().preset;
  }
}

std::vector<KeyHint> ExpiryPage::hints() const {
  return {{"Up/Down", "choose"}, {"Enter", "next"}, {"Esc", "back"}, {OnTyped() ? "F1" : "?", "help"}};
}

std::string_view ExpiryPage::help() const {
  return "Choose the shortest that will do: a key that ended cannot leak. Only what the policy allows is "
         "offered. Under "
         "\"another\" type a length of time (12h, 45d, 2w), a date (2026-12-24: to its end, UTC) or RFC 3339 "
         "(2026-12-24T18:00:00Z). The policy may allow less for some scopes and owners; the review says so.";
}

}  // namespace claviger::cli::wizard
