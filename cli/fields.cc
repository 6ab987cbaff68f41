#include "cli/fields.h"

#include <algorithm>

#include "cli/style.h"
#include "cli/text_width.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestValue = 20;

}  // namespace

void Fields::Add(std::string_view label, std::string_view value) {
  if (!value.empty()) fields_.push_back(Field{std::string(label), {std::string(value)}});
}

void Fields::AddList(std::string_view label, const std::vector<std::string>& values) {
  if (!values.empty()) fields_.push_back(Field{std::string(label), values});
}

std::string Fields::Render(const Terminal& terminal, std::size_t indent) const {
  std::size_t column = 0;
  for (const Field& field : fields_) column = std::max(column, DisplayWidth(field.label));
  column += indent + kGap;
  const std::size_t width =
      terminal.width == kUnlimitedWidth
          ? kUnlimitedWidth
          : std::max(terminal.width - std::min(terminal.width, column), kNarrowestValue);
  std::string text;
  for (const Field& field : fields_) {
    std::string label(indent, ' ');
    label += Styled(field.label, Style::kBold, terminal.color);
    std::size_t used = indent + DisplayWidth(field.label);
    for (const std::string& value : field.lines) {
      for (const std::string& line : WrapWords(value, width)) {
        text.append(label).append(column - used, ' ').append(line).push_back('\n');
        label.clear();
        used = 0;
      }
    }
  }
  return text;
}

}  // namespace claviger::cli
