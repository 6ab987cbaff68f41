#include "cli/check_rows.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "cli/json_view.h"
#include "cli/style.h"
#include "cli/text_width.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kStateWidth = 9;  // "warning" and a gap

}  // namespace

boost::json::object CheckRow(std::string_view name, std::string_view state, std::string_view finding,
                             std::string_view advice) {
  boost::json::object row = {{"name", name}, {"state", state}, {"finding", EscapeForDisplay(finding)}};
  if (!advice.empty()) row["advice"] = advice;
  return row;
}

void PrintCheckRow(Context& context, const boost::json::object& row, std::size_t name_width) {
  const std::string state = ShownText(row, "state");
  const std::string name = ShownText(row, "name");
  const std::size_t indent = kStateWidth + name_width + 2;
  const std::size_t terminal_width = context.terminal().width;
  const std::size_t width = terminal_width == kUnlimitedWidth
                                ? kUnlimitedWidth
                                : std::max<std::size_t>(terminal_width, indent + 20) - indent;
  std::string text = Styled(state, StyleOfState(state), context.terminal().color);
  text.append(kStateWidth - std::min(kStateWidth - 1, state.size()), ' ');
  text += name;
  text.append(name_width + 2 - DisplayWidth(name), ' ');
  bool first = true;
  for (const std::string& part : {ShownText(row, "finding"), ShownText(row, "advice")}) {
    if (part.empty()) continue;
    for (const std::string& line : WrapWords(first ? part : "-> " + part, width)) {
      if (!first) text.append(indent, ' ');
      text.append(line).push_back('\n');
      first = false;
    }
  }
  context.output().Print(text);
}

}  // namespace claviger::cli
