// A command line taken apart and checked against the command table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/failure.h"

namespace claviger::cli {

class Invocation {
 public:
  enum class Purpose { kRun, kHelp, kVersion };

  // `words`: the arguments without the program's name. A usage failure has the nearest known word as its
  // hint.
  static Outcome<Invocation> Parse(std::span<const std::string> words);

  Purpose purpose() const { return purpose_; }
  // What runs, or what help was asked for; nullptr only for help on a noun or on everything, and for the
  // version.
  const Command* command() const { return command_; }
  // Help on the verbs of this noun; "" if it is not asked for.
  const std::string& noun() const { return noun_; }

  // "" if none is given.
  const std::string& argument() const { return argument_; }
  // All of them, where the command takes several.
  const std::vector<std::string>& arguments() const { return arguments_; }
  // Whether an option of the command itself is given, not only some that every command takes.
  bool HasOwnOption() const;
  bool Has(std::string_view option) const { return values_.find(option) != values_.end(); }
  std::optional<std::string> Text(std::string_view option) const;
  // All values of a repeatable option, in their order.
  std::vector<std::string> List(std::string_view option) const;
  // A whole number from `least` to `most`.
  Outcome<std::optional<std::int64_t>> Number(std::string_view option, std::int64_t least,
                                              std::int64_t most) const;

 private:
  Outcome<void> ParseOptions(const std::vector<std::string>& words);
  Outcome<void> CheckArguments() const;

  Purpose purpose_ = Purpose::kRun;
  const Command* command_ = nullptr;
  std::string noun_;
  std::string argument_;
  std::vector<std::string> arguments_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace claviger::cli
