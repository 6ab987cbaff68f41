// The command table: everything that claviger can do. Parsing, --help, completions and suggestions are made
// from it, and a test compares claviger(1) with it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/failure.h"

namespace claviger::cli {

class Context;

// What a value is, for completion.
enum class ValueKind {
  kNone,
  kText,
  kFile,
  kFolder,
  kScope,
  kBundle,
  kKeyId,
  kAction,
  kKeyState,
  kKeySort,
  kScopeSort,
  kShell,
  kLogLevel
};
// The only values of this kind; empty if it has others.
std::span<const std::string_view> ChoicesOf(ValueKind kind);

struct Option {
  std::string_view name;     // without its dashes
  std::string_view value;    // how its value is called in help; "" for a flag
  std::string_view summary;  // a fragment that follows the option in help
  ValueKind kind = ValueKind::kNone;
  bool required = false;
  bool repeatable = false;
  char letter = '\0';  // its short form, if any
};

// A value without an option's name, after the verb.
struct Argument {
  std::string_view name;  // "KEY_ID"; "" if the command has none
  ValueKind kind = ValueKind::kNone;
  bool optional = false;
  bool repeatable = false;
};
// "KEY_ID", "[KEY_ID]", "KEY_ID...", "[KEY_ID]...".
std::string UsageOf(const Argument& argument);

// Runs a command; the value is its exit status.
using Handler = Outcome<int> (*)(Context& context);

struct Command {
  std::string_view noun;
  std::string_view verb;  // "" if the noun is the whole command
  std::string_view summary;
  std::string_view description;  // for its own help; sentences
  Argument argument;
  std::span<const Option> options;
  std::span<const std::string_view> examples;
  Handler run;
};

// "key create", "status".
std::string NameOf(const Command& command);

// In the order of help.
std::span<const Command> Commands();
// What every command takes.
std::span<const Option> GlobalOptions();
// nullptr if there is none.
const Command* FindCommand(std::string_view noun, std::string_view verb);
const Option* FindOption(const Command& command, std::string_view name);

}  // namespace claviger::cli
