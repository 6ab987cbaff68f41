#include "daemon/command_line.h"

#include <boost/program_options.hpp>
#include <sstream>

namespace claviger {
namespace {

namespace po = boost::program_options;

po::options_description Options(CommandLine& into) {
  po::options_description options("Options");
  options.add_options()("config,c", po::value(&into.config_path)->value_name("FILE"), "settings to use")(
      "check", po::bool_switch(&into.check_only), "check settings and scope catalogue, then exit")(
      "help,h", po::bool_switch(&into.show_help), "show this text")(
      "version", po::bool_switch(&into.show_version), "show the version");
  return options;
}

}  // namespace

Result<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  CommandLine parsed;
  try {
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(Options(parsed)).positional({}).run(), values);
    po::notify(values);
  } catch (const po::error& wrong) {  // the library's way to say so
    return Error(ErrorCode::kInvalidArgument, wrong.what());
  }
  return parsed;
}

std::string HelpText() {
  CommandLine defaults;
  std::ostringstream text;
  text << "Usage: clavigerd [--config FILE] [--check]\n\n"
          "The authority for scoped API keys of this host: issues, verifies, rotates and\n"
          "revokes them. Started by systemd; in the foreground by hand.\n\n"
       << Options(defaults)
       << "\nFiles: /etc/claviger/claviger.toml  See also: clavigerd(8), claviger.toml(5)\n";
  return text.str();
}

}  // namespace claviger
