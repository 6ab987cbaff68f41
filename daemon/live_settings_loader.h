// From claviger.toml and scopes.d to what the methods act on.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/config.h"

namespace claviger {

inline constexpr std::size_t kMaxCatalogueFiles = 256;
inline constexpr std::size_t kMaxCatalogueFileBytes = 1024 * 1024;

// Reads the catalogue files (*.toml, in order of name) of `config` and takes over the settings that a reload
// can change. kConfiguration if the folder or a file cannot be read or is wrong.
Result<api::LiveSettingsPtr> LoadLiveSettings(const Config& config);

// All settings of an authority.
api::AuthoritySettings AuthoritySettingsOf(const Config& config, api::LiveSettingsPtr live);

}  // namespace claviger
