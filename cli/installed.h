// What stands in claviger.toml as far as the CLI has to know it, and how one setting is changed there.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/host.h"

namespace claviger::cli {

inline constexpr std::string_view kConfigPath = "/etc/claviger/claviger.toml";
// Larger files are refused.
inline constexpr std::size_t kMaxConfigBytes = 1024 * 1024;

// Each with the daemon's default where the file says nothing.
struct InstalledSettings {
  std::string store_directory;
  std::string module;
  std::string uri;
  std::string pin_file;
  std::string scopes_directory;
};
// kConfiguration for text that is no TOML or has another type there: the daemon says more with --check.
Result<InstalledSettings> ReadSettings(std::string_view text);
// Of the installed file; the defaults if there is none.
Result<InstalledSettings> ReadSettings(const Host& host);

// `text` with `table`.`name` set to the string `value`, all other lines as they are: a line that sets it is
// replaced, a default that is commented out keeps its comment and gets the line after it. kUnsupported if the
// file is written in a way that this cannot do without changing something else.
Result<std::string> WithSetting(const std::string& text, std::string_view table, std::string_view name,
                                std::string_view value);

}  // namespace claviger::cli
