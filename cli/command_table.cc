#include <algorithm>
#include <array>
#include <vector>

#include "cli/command.h"
#include "cli/command_groups.h"
#include "cli/key_words.h"

namespace claviger::cli {
namespace {

constexpr std::array kGlobalOptions = {
    Option{"socket-directory", "DIR", "where the daemon's sockets are (default /run/claviger)",
           ValueKind::kFolder},
    Option{"quiet", "", "no messages but errors", ValueKind::kNone, false, false, 'q'},
    Option{"yes", "", "do not ask before something is ended for good", ValueKind::kNone, false, false, 'y'},
    Option{"no-input", "", "never ask for anything"},
    Option{"no-color", "", "no colours; also with NO_COLOR set or TERM=dumb"},
    Option{"help", "", "show this help", ValueKind::kNone, false, false, 'h'},
    Option{"version", "", "show the version", ValueKind::kNone, false, false, 'V'},
};

constexpr std::array<std::string_view, 5> kKeyStates = {"pending", "active", "paused", "expired", "revoked"};
constexpr std::array<std::string_view, 12> kKeySorts = {
    "created",  "name",  "owner",  "creator",  "expires",  "last_used",
    "-created", "-name", "-owner", "-creator", "-expires", "-last_used",
};
constexpr std::array<std::string_view, 8> kScopeSorts = {"name",  "action",  "domain",  "summary",
                                                         "-name", "-action", "-domain", "-summary"};
constexpr std::array<std::string_view, 4> kLogLevels = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

}  // namespace

std::span<const Command> Commands() {
  static const std::vector<Command> commands = [] {
    // The order of help: nouns as they first appear here.
    std::vector<Command> all;
    for (const auto group : {ChangeCommands(), FindCommands(), ServiceCommands()}) {
      for (const Command& command : group) {
        const auto same = [&](const Command& other) { return other.noun == command.noun; };
        const auto last = std::find_if(all.rbegin(), all.rend(), same);
        all.insert(last.base() == all.begin() ? all.end() : last.base(), command);
      }
    }
    return all;
  }();
  return commands;
}

std::span<const Option> GlobalOptions() { return kGlobalOptions; }

std::span<const std::string_view> ChoicesOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kAction:
      return kActions;
    case ValueKind::kKeyState:
      return kKeyStates;
    case ValueKind::kKeySort:
      return kKeySorts;
    case ValueKind::kScopeSort:
      return kScopeSorts;
    case ValueKind::kShell:
      return kShells;
    case ValueKind::kLogLevel:
      return kLogLevels;
    default:
      return {};
  }
}

}  // namespace claviger::cli
