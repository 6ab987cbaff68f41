// clavigerd's command line.
#pragma once

#include <string>

#include "base/result.h"

namespace claviger {

struct CommandLine {
  std::string config_path = "/etc/claviger/claviger.toml";
  bool check_only = false;  // read configuration and catalogue, say what is wrong, and end
  bool show_help = false;
  bool show_version = false;
};

// kInvalidArgument with a sentence for anything that clavigerd(8) does not describe.
Result<CommandLine> ParseCommandLine(int argc, const char* const* argv);
std::string HelpText();

}  // namespace claviger
