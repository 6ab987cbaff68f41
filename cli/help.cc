#include "cli/help.h"

#include <fmt/format.h>

#include <span>
#include <vector>

#include "cli/text_width.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kTextColumn = 27;

// "  term       text, broken into lines"; a long term has a line of its own.
std::string Entry(std::string_view term, std::string_view text) {
  std::string entry(kIndent, ' ');
  entry += term;
  std::size_t used = entry.size();
  if (used + 2 > kTextColumn) {
    entry += '\n';
    used = 0;
  }
  for (const std::string& line : WrapWords(text, kWidth - kTextColumn)) {
    entry.append(kTextColumn - used, ' ').append(line).push_back('\n');
    used = 0;
  }
  return entry;
}

std::string Terms(const Option& option) {
  std::string terms = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
  terms.append("--").append(option.name);
  if (!option.value.empty()) terms.append(" ").append(option.value);
  return terms;
}

std::string OptionList(std::string_view title, std::span<const Option> options) {
  if (options.empty()) return "";
  std::string text = fmt::format("\n{}:\n", title);
  for (const Option& option : options) text += Entry(Terms(option), option.summary);
  return text;
}

std::string Usage(const Command& command) {
  std::string usage = "claviger " + NameOf(command);
  if (!command.argument.name.empty()) usage.append(" ").append(UsageOf(command.argument));
  for (const Option& option : command.options) {
    if (option.required) usage += fmt::format(" --{} {}", option.name, option.value);
  }
  return usage + " [OPTION]...";
}

std::string Paragraph(std::string_view text) {
  std::string paragraph;
  for (const std::string& line : WrapWords(text, kWidth)) paragraph.append(line).push_back('\n');
  return paragraph;
}

std::string CommandList(std::string_view noun) {
  std::string text;
  for (const Command& command : Commands()) {
    if (noun.empty() || command.noun == noun) text += Entry(NameOf(command), command.summary);
  }
  return text;
}

}  // namespace

std::string HelpOnEverything() {
  return "claviger issues, lists, rotates, revokes and verifies scoped API keys.\n"
         "\nUsage: claviger COMMAND [OPTION]...\n\nCommands:\n" +
         CommandList("") + Entry("help [COMMAND]", "show this help, or that on a command") +
         OptionList("Options of every command", GlobalOptions()) +
         "\nclaviger COMMAND --help shows what a command takes. See also: man claviger.\n";
}

std::string HelpOnNoun(std::string_view noun) {
  return fmt::format("Usage: claviger {} COMMAND [OPTION]...\n\nCommands:\n{}", noun, CommandList(noun)) +
         fmt::format("\nclaviger {} COMMAND --help shows what a command takes.\n", noun);
}

std::string HelpOnCommand(const Command& command) {
  std::string text = fmt::format("Usage: {}\n\n", Usage(command));
  std::string summary(command.summary);
  summary.front() = static_cast<char>(summary.front() - 'a' + 'A');
  text +=
      Paragraph(summary + "." + (command.description.empty() ? "" : " ") + std::string(command.description));
  text += OptionList("Options", command.options);
  text += OptionList("Options of every command", GlobalOptions());
  text += command.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const std::string_view example : command.examples) text += fmt::format("  {}\n", example);
  return text;
}

}  // namespace claviger::cli
