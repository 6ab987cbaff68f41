// The small TOML files of this layer.
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

namespace claviger::hsm {

// nullopt if `text` is no TOML; then `why` says why. The parser's exceptions end here.
inline std::optional<toml::table> ParseToml(std::string_view text, std::string& why) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    why = error.description();
    return std::nullopt;
  }
}

}  // namespace claviger::hsm
