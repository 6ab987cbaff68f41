#include "cli/wizard/details_page.h"

#include <fmt/format.h>

namespace claviger::cli::wizard {
namespace {

struct Asked {
  Field field;
  std::string_view label;
  std::string_view hint;
};
constexpr std::array kAsked = {
    Asked{Field::kName, "Name", "How people find the key in lists: the service and what it does there."},
    Asked{Field::kDescription, "Purpose",
          "What the key is for, so that someone else can decide about it later."},
    Asked{Field::kOwner, "Owner", "The user who answers for the key. Empty: you."},
    Asked{Field::kTeam, "Team", "Whom to ask when the owner is away."},
};
constexpr std::size_t kLabelWidth = 12;
constexpr std::size_t kMostWidth = 100;

}  // namespace

std::string& DetailsPage::AnswerOf(std::size_t row) {
  Answers& answers = state_.answers();
  switch (kAsked.at(row).field) {
    case Field::kDescription:
      return answers.description;
    case Field::kOwner:
      return answers.owner;
    case Field::kTeam:
      return answers.team;
    default:
      return answers.name;
  }
}

bool DetailsPage::Needed(std::size_t row) const {
  const Field field = kAsked.at(row).field;
  return field == Field::kName || (field == Field::kDescription && state_.offer().needs_description) ||
         (field == Field::kTeam && state_.offer().needs_team);
}

View DetailsPage::Draw(const Size& size, const Glyphs& glyphs) {
  static_cast<void>(glyphs);
  const std::size_t width = std::min(size.columns, kMostWidth) - kLabelWidth - 4;
  // Where there is room, a line between the fields.
  const bool wide = size.rows >= 2 * kAsked.size() + 4;
  View view;
  for (std::size_t row = 0; row < kAsked.size(); ++row) {
    if (wide || row == 0) view.Add("");
    if (row == row_) {
      view.focus = view.lines.size();
      view.cursor = Place{view.lines.size(), kLabelWidth + 2 + fields_.at(row).CursorColumn(width)};
    }
    const std::string label = fmt::format("  {}{}", kAsked.at(row).label, Needed(row) ? " *" : "");
    view.lines.push_back({{Pad(label, kLabelWidth + 2, ""), row == row_ ? Look::kBold : Look::kPlain},
                          {fields_.at(row).Draw(width), row == row_ ? Look::kBold : Look::kPlain}});
  }
  view.Add("");
  view.AddWrapped(kAsked.at(row_).hint, kLabelWidth + 3, size.columns - 2, Look::kFaint);
  if (kAsked.at(row_).field == Field::kName && !state_.offer().name_pattern.empty()) {
    view.AddWrapped(fmt::format("The policy wants names that match {}", state_.offer().name_pattern),
                    kLabelWidth + 3, size.columns - 2, Look::kFaint);
  }
  if (wide) {
    view.Add("");
    view.Add(Pad("", kLabelWidth + 3, "") + "* must be given", Look::kFaint);
  }
  return view;
}

Move DetailsPage::Handle(const Key& key) {
  switch (key.kind) {
    case KeyKind::kEscape:
      return Move::kBack;
    case KeyKind::kEnter:
      if (row_ + 1 == kAsked.size()) return Move::kNext;
      ++row_;
      return Move::kStay;
    case KeyKind::kPageDown:
      return Move::kNext;
    case KeyKind::kPageUp:
      return Move::kBack;
    case KeyKind::kTab:
    case KeyKind::kDown:
      row_ = (row_ + 1) % kAsked.size();
      return Move::kStay;
    case KeyKind::kBackTab:
    case KeyKind::kUp:
      row_ = (row_ + kAsked.size() - 1) % kAsked.size();
      return Move::kStay;
    default:
      if (fields_.at(row_).Handle(key)) {
        AnswerOf(row_) = fields_.at(row_).Trimmed();
        state_.ForgetComplaint();
      }
      return Move::kStay;
  }
}

void DetailsPage::Focus(Field field) {
  for (std::size_t row = 0; row < kAsked.size(); ++row) {
    if (kAsked.at(row).field == field) row_ = row;
  }
}

std::vector<KeyHint> DetailsPage::hints() const {
  return {{"Enter", row_ + 1 == kAsked.size() ? "next page" : "next field"},
          {"Up/Down", "move"},
          {"PgDn", "next page"},
          {"Ctrl-U", "empty the field"},
          {"Esc", "back"},
          {"F1", "help"}};
}

std::string_view DetailsPage::help() const {
  return "The name need not be unique, and can be changed later, as can the rest. The owner is warned before "
         "the key "
         "ends and is asked about it in reviews; name a team too, since people leave. Text may be pasted: "
         "line ends "
         "in it become spaces.";
}

}  // namespace claviger::cli::wizard
