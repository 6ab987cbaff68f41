#include "cli/command.h"

#include <algorithm>

namespace claviger::cli {

std::string NameOf(const Command& command) {
  std::string name(command.noun);
  if (!command.verb.empty()) name.append(" ").append(command.verb);
  return name;
}

std::string UsageOf(const Argument& argument) {
  std::string usage(argument.name);
  if (argument.optional) usage = "[" + usage + "]";
  return argument.repeatable ? usage + "..." : usage;
}

const Command* FindCommand(std::string_view noun, std::string_view verb) {
  const auto commands = Commands();
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const Command& command) {
    return command.noun == noun && command.verb == verb;
  });
  return found == commands.end() ? nullptr : &*found;
}

const Option* FindOption(const Command& command, std::string_view name) {
  for (const auto options : {command.options, GlobalOptions()}) {
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&](const Option& option) { return option.name == name; });
    if (found != options.end()) return &*found;
  }
  return nullptr;
}

}  // namespace claviger::cli
