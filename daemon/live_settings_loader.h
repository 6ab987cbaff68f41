// From claviger.toml and scopes.d to what the methods act on.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/config.h"
#include "daemon/keys/catalogue.h"

namespace claviger {

inline constexpr std::size_t kMaxCatalogueFiles = 256;
inline constexpr std::size_t kMaxCatalogueFileBytes = 1024 * 1024;

// The catalogue of the files (*.toml, in order of name) in `directory`. kConfiguration if the folder or a
// file cannot be read or is wrong.
Result<std::shared_ptr<const keys::Catalogue>> LoadCatalogue(const std::string& directory);

// The settings of `config` that a reload can change, with its catalogue. Errors as LoadCatalogue,
// and kConfiguration for a [[unit]] whose key the policy or the catalogue does not allow.
Result<api::LiveSettingsPtr> LoadLiveSettings(const Config& config);

// All settings of an authority.
api::AuthoritySettings AuthoritySettingsOf(const Config& config, api::LiveSettingsPtr live);

}  // namespace claviger
