#include "cli/completion_words.h"

#include <algorithm>

namespace claviger::cli {
namespace {

template <class Words>
std::string JoinWords(const Words& words) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

}  // namespace

std::vector<std::string_view> Nouns() {
  std::vector<std::string_view> nouns;
  for (const Command& command : Commands()) {
    if (nouns.empty() || nouns.back() != command.noun) nouns.push_back(command.noun);
  }
  nouns.push_back("help");
  return nouns;
}

std::vector<std::string_view> VerbsOf(std::string_view noun) {
  std::vector<std::string_view> verbs;
  for (const Command& command : Commands()) {
    if (command.noun == noun && !command.verb.empty()) verbs.push_back(command.verb);
  }
  return verbs;
}

std::string SummaryOf(std::string_view noun) {
  if (noun == "help") return "show help";
  if (const Command* command = FindCommand(noun, "")) return std::string(command->summary);
  return Join(VerbsOf(noun));
}

std::vector<ValueOption> OptionsWithValues() {
  std::vector<ValueOption> all;
  for (const Command& command : Commands()) {
    for (const Option& option : command.options) {
      if (!option.value.empty()) all.push_back({NameOf(command), option});
    }
  }
  for (const Option& option : GlobalOptions()) {
    if (!option.value.empty()) all.push_back({"", option});
  }
  std::vector<ValueOption> options;
  for (const ValueOption& candidate : all) {
    const std::string_view name = candidate.option.name;
    const bool differs = std::any_of(all.begin(), all.end(), [&](const ValueOption& other) {
      return other.option.name == name && other.option.kind != candidate.option.kind;
    });
    const bool known = std::any_of(options.begin(), options.end(),
                                   [&](const ValueOption& earlier) { return earlier.option.name == name; });
    if (differs || !known) options.push_back({differs ? candidate.command : "", candidate.option});
  }
  return options;
}

std::string CasePattern(const ValueOption& option) {
  const std::string dashed = " --" + std::string(option.option.name);
  return option.command.empty() ? "*\"" + dashed + "\"" : "\"" + option.command + dashed + "\"";
}

std::vector<std::string> DashedOptions(const Command& command) {
  std::vector<std::string> names;
  for (const Option& option : command.options) names.push_back("--" + std::string(option.name));
  const auto global = DashedGlobalOptions();
  names.insert(names.end(), global.begin(), global.end());
  return names;
}

std::vector<std::string> DashedGlobalOptions() {
  std::vector<std::string> names;
  for (const Option& option : GlobalOptions()) names.push_back("--" + std::string(option.name));
  return names;
}

std::string CommandFor(ValueKind kind) {
  if (kind == ValueKind::kScope) return "claviger scope list --names";
  if (kind == ValueKind::kBundle) return "claviger bundle list --names";
  if (kind == ValueKind::kKeyId) return "claviger key list --ids";
  return "";
}

std::string Join(std::span<const std::string_view> words) { return JoinWords(words); }
std::string Join(std::span<const std::string> words) { return JoinWords(words); }

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? "'\\''" : std::string(1, c));
  return quoted + "'";
}

}  // namespace claviger::cli
