#include "cli/nearest.h"

#include <vector>

#include "base/text.h"

namespace claviger::cli {

std::string_view NearestNoun(std::string_view word) {
  std::vector<std::string_view> nouns;
  for (const Command& command : Commands()) nouns.push_back(command.noun);
  return NearestOf(word, nouns);
}

std::string_view NearestVerb(std::string_view noun, std::string_view word) {
  std::vector<std::string_view> verbs;
  for (const Command& command : Commands()) {
    if (command.noun == noun) verbs.push_back(command.verb);
  }
  return NearestOf(word, verbs);
}

std::string_view NearestOption(const Command& command, std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  std::vector<std::string_view> names;
  for (const auto options : {command.options, GlobalOptions()}) {
    for (const Option& option : options) names.push_back(option.name);
  }
  return NearestOf(word, names);
}

std::string_view NearestChoice(ValueKind kind, std::string_view word) {
  const auto choices = ChoicesOf(kind);
  return NearestOf(word, {choices.begin(), choices.end()});
}

}  // namespace claviger::cli
