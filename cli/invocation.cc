#include "cli/invocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <charconv>
#include <limits>
#include <utility>

#include "base/text.h"
#include "cli/nearest.h"

namespace claviger::cli {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kSeeHelp = "claviger --help shows all commands";

bool IsOption(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

// Global options with a value may stand before the command, so that their values are not taken for its noun.
bool TakesNextWord(std::string_view word) {
  const auto options = GlobalOptions();
  return std::any_of(options.begin(), options.end(), [&](const Option& option) {
    return !option.value.empty() && word == "--" + std::string(option.name);
  });
}

// Takes the next word out of `words` that is neither an option nor an option's value.
std::optional<std::string> TakeWord(std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (TakesNextWord(words[i])) {
      ++i;
    } else if (!IsOption(words[i])) {
      std::string word = std::move(words[i]);
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
      return word;
    }
  }
  return std::nullopt;
}

bool TakeFlag(std::vector<std::string>& words, std::string_view name, std::string_view letter) {
  const auto end = std::find(words.begin(), words.end(), "--");
  const auto found =
      std::find_if(words.begin(), end, [&](const std::string& w) { return w == name || w == letter; });
  if (found == end) return false;
  words.erase(found);
  return true;
}

bool IsNoun(std::string_view word) {
  const auto commands = Commands();
  return std::any_of(commands.begin(), commands.end(),
                     [&](const Command& command) { return command.noun == word; });
}

bool HasVerbs(std::string_view noun) {
  const auto commands = Commands();
  return std::any_of(commands.begin(), commands.end(),
                     [&](const Command& command) { return command.noun == noun && !command.verb.empty(); });
}

Failure UnknownNoun(const std::string& word, const std::optional<std::string>& next) {
  const std::string shown = EscapeForDisplay(word);
  if (next && FindCommand(*next, word) != nullptr) {
    return UsageFailure(fmt::format("there is no command \"{}\"", shown),
                        fmt::format("did you mean: claviger {} {}", *next, word));
  }
  const std::string_view nearest = NearestNoun(word);
  return UsageFailure(
      fmt::format("there is no command \"{}\"", shown),
      nearest.empty() ? std::string(kSeeHelp) : fmt::format("did you mean: claviger {}", nearest));
}

Failure UnknownVerb(const std::string& noun, const std::string& word) {
  const std::string_view nearest = NearestVerb(noun, word);
  return UsageFailure(fmt::format("\"{}\" has no command \"{}\"", noun, EscapeForDisplay(word)),
                      nearest.empty() ? fmt::format("claviger {} --help shows those it has", noun)
                                      : fmt::format("did you mean: claviger {} {}", noun, nearest));
}

// The command that the first words name, taken out of `words`; nullptr with `noun` set for a noun alone.
Outcome<const Command*> TakeCommand(std::vector<std::string>& words, std::string& noun) {
  const auto first = TakeWord(words);
  if (!first) return nullptr;
  if (!IsNoun(*first)) return UnknownNoun(*first, TakeWord(words));
  if (!HasVerbs(*first)) return FindCommand(*first, "");
  if (const Command* alone = FindCommand(*first, ""); alone != nullptr) {
    std::vector<std::string> after = words;
    const auto verb = TakeWord(after);
    const Command* command = verb ? FindCommand(*first, *verb) : nullptr;
    if (command == nullptr) return alone;
    words = std::move(after);
    return command;
  }
  noun = *first;
  const auto second = TakeWord(words);
  if (!second) return nullptr;
  const Command* command = FindCommand(noun, *second);
  if (command == nullptr) return UnknownVerb(noun, *second);
  return command;
}

std::string VerbsInWords(std::string_view noun) {
  std::string verbs;
  for (const Command& command : Commands()) {
    if (command.noun == noun) verbs.append(verbs.empty() ? "" : ", ").append(command.verb);
  }
  return verbs;
}

po::options_description Describe(const Command& command) {
  po::options_description description;
  for (const auto options : {command.options, GlobalOptions()}) {
    for (const Option& option : options) {
      std::string names(option.name);
      if (option.letter != '\0') names.append(",").push_back(option.letter);
      if (option.value.empty()) {
        description.add_options()(names.c_str(), "");
      } else {
        description.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
      }
    }
  }
  return description;
}

Failure UnknownOption(const Command& command, const std::string& name) {
  const std::string shown = EscapeForDisplay(name);
  const std::string_view nearest = NearestOption(command, name);
  return UsageFailure(fmt::format("claviger {} has no option {}", NameOf(command), shown),
                      nearest.empty() ? fmt::format("claviger {} --help shows those it has", NameOf(command))
                                      : fmt::format("did you mean: --{}", nearest));
}

// The library's complaint in our words.
Failure SyntaxFailure(const Command& command, const po::error_with_option_name& error) {
  const std::string option = EscapeForDisplay(error.get_option_name());
  const auto* syntax = dynamic_cast<const po::invalid_syntax*>(&error);
  if (syntax != nullptr && syntax->kind() == po::invalid_syntax::extra_parameter) {
    return UsageFailure(fmt::format("{} takes no value", option));
  }
  if (syntax != nullptr) {
    return UsageFailure(fmt::format("{} needs a value", option),
                        fmt::format("a value that begins with a dash is written {}=VALUE", option));
  }
  return UsageFailure(fmt::format("{} is not understood", option),
                      fmt::format("claviger {} --help shows what is", NameOf(command)));
}

}  // namespace

Outcome<Invocation> Invocation::Parse(std::span<const std::string> all) {
  std::vector<std::string> words(all.begin(), all.end());
  Invocation invocation;
  const bool help = TakeFlag(words, "--help", "-h");
  const bool version = TakeFlag(words, "--version", "-V");
  if (version && !help) {
    invocation.purpose_ = Purpose::kVersion;
    return invocation;
  }
  const bool help_command = !words.empty() && words.front() == "help";
  if (help_command) words.erase(words.begin());
  const auto command = TakeCommand(words, invocation.noun_);
  if (!command) return command.error();
  invocation.command_ = *command;
  if (help || help_command) {
    invocation.purpose_ = Purpose::kHelp;
    return invocation;
  }
  if (invocation.command_ == nullptr && !invocation.noun_.empty()) {
    return UsageFailure(
        fmt::format("\"{}\" needs a command: {}", invocation.noun_, VerbsInWords(invocation.noun_)),
        fmt::format("claviger {} --help says what they do", invocation.noun_));
  }
  if (invocation.command_ == nullptr) return UsageFailure("there is no command", std::string(kSeeHelp));
  if (const auto parsed = invocation.ParseOptions(words); !parsed) return parsed.error();
  return invocation;
}

Outcome<void> Invocation::ParseOptions(const std::vector<std::string>& words) {
  const po::options_description description = Describe(*command_);
  po::positional_options_description positional;
  positional.add("argument", -1);
  po::options_description with_argument;
  with_argument.add(description);
  with_argument.add_options()("argument", po::value<std::vector<std::string>>(), "");
  try {
    constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    const auto parsed =
        po::command_line_parser(words).options(with_argument).positional(positional).style(kStyle).run();
    for (const po::option& option : parsed.options) {
      if (option.position_key >= 0) {
        arguments_.insert(arguments_.end(), option.value.begin(), option.value.end());
        continue;
      }
      const Option* known = FindOption(*command_, option.string_key);
      if (known == nullptr) return UnknownOption(*command_, "--" + option.string_key);
      auto& values = values_[option.string_key];
      if (!values.empty() && !known->value.empty() && !known->repeatable) {
        return UsageFailure(fmt::format("--{} is given twice", option.string_key));
      }
      values.push_back(option.value.empty() ? std::string() : option.value.front());
    }
  } catch (const po::unknown_option& error) {
    return UnknownOption(*command_, error.get_option_name());
  } catch (const po::error_with_option_name& error) {
    return SyntaxFailure(*command_, error);
  }
  if (const auto checked = CheckArguments(); !checked) return checked.error();
  if (!arguments_.empty()) argument_ = arguments_.front();
  return {};
}

Outcome<void> Invocation::CheckArguments() const {
  const Argument& argument = command_->argument;
  const bool wanted = !argument.name.empty();
  if (wanted && !argument.optional && arguments_.empty()) {
    return UsageFailure(fmt::format("{} is missing", argument.name),
                        fmt::format("write it as: claviger {} {}", NameOf(*command_), UsageOf(argument)));
  }
  const std::size_t most = !wanted ? 0 : argument.repeatable ? arguments_.size() : 1;
  if (arguments_.size() > most) {
    return UsageFailure(fmt::format("claviger {} does not take \"{}\"", NameOf(*command_),
                                    EscapeForDisplay(arguments_[most])),
                        fmt::format("claviger {} --help shows what it takes", NameOf(*command_)));
  }
  for (const Option& option : command_->options) {
    if (option.required && !Has(option.name)) {
      return UsageFailure(fmt::format("--{} {} is missing", option.name, option.value),
                          fmt::format("--{}: {}", option.name, option.summary));
    }
  }
  return {};
}

bool Invocation::HasOwnOption() const {
  return std::any_of(command_->options.begin(), command_->options.end(),
                     [this](const Option& option) { return Has(option.name); });
}

std::optional<std::string> Invocation::Text(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::nullopt : std::optional(found->second.front());
}

std::vector<std::string> Invocation::List(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

Outcome<std::optional<std::int64_t>> Invocation::Number(std::string_view option, std::int64_t least,
                                                        std::int64_t most) const {
  const auto text = Text(option);
  if (!text) return std::optional<std::int64_t>();
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, failure] = std::from_chars(text->data(), end, number);
  if (failure != std::errc() || stop != end || number < least || number > most) {
    const bool bounded = most != std::numeric_limits<std::int64_t>::max();
    return UsageFailure(fmt::format("--{}: \"{}\" is not a whole number of at least {}{}", option,
                                    EscapeForDisplay(*text), least,
                                    bounded ? fmt::format(" and at most {}", most) : ""));
  }
  return std::optional(number);
}

}  // namespace claviger::cli
