#include "daemon/live_settings_loader.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"

namespace claviger {
namespace {

Result<std::vector<std::string>> CatalogueFiles(const std::string& directory) {
  std::error_code failed;
  std::vector<std::string> files;
  auto entry = std::filesystem::directory_iterator(directory, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    if (entry->path().extension() == ".toml") files.push_back(entry->path().string());
  }
  if (failed) {
    return Error(ErrorCode::kConfiguration,
                 directory + ": " + failed.message() +
                     "; create the folder, or set keys.scopes_directory to the one that has "
                     "the catalogue files");
  }
  if (files.size() > kMaxCatalogueFiles) {
    return Error(ErrorCode::kConfiguration, directory + ": holds " + std::to_string(files.size()) +
                                                " catalogue files; at most " +
                                                std::to_string(kMaxCatalogueFiles) + " are read");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<std::shared_ptr<const keys::Catalogue>> LoadCatalogue(const std::string& directory) {
  const auto files = CatalogueFiles(directory);
  if (!files) return files.error();
  std::vector<keys::CatalogueSource> sources;
  for (const std::string& file : *files) {
    auto text = ReadFile(file, kMaxCatalogueFileBytes);
    if (!text) return Error(ErrorCode::kConfiguration, text.error().message());
    sources.push_back({file, std::move(*text)});
  }
  return keys::Catalogue::Build(sources);
}

Result<api::LiveSettingsPtr> LoadLiveSettings(const Config& config) {
  auto catalogue = LoadCatalogue(config.scopes_directory);
  if (!catalogue) return catalogue.error();
  const Status granted = keys::CheckUnitRules(config.policy, **catalogue, config.units, SystemTime().Wall());
  if (!granted) return Error(ErrorCode::kConfiguration, granted.error().message());
  auto live = std::make_shared<api::LiveSettings>();
  live->policy = config.policy;
  live->roles = config.roles;
  live->ceilings = config.ceilings;
  live->units = config.units;
  live->notices = config.notices;
  live->catalogue = std::move(*catalogue);
  live->failures = api::FailureLimits{config.failures_per_minute, config.failure_burst};
  live->proof_lifetime = config.proof_lifetime;
  live->key_prefix = config.key_prefix;
  live->backups_kept = config.backups_kept;
  return api::LiveSettingsPtr(std::move(live));
}

api::AuthoritySettings AuthoritySettingsOf(const Config& config, api::LiveSettingsPtr live) {
  api::AuthoritySettings settings;
  settings.live = std::move(live);
  settings.token = config.token;
  settings.token.state_directory = config.state_directory;
  settings.state_directory = config.state_directory;
  settings.cached_keys = config.cached_keys;
  settings.token_loss_grace = config.token_loss_grace;
  return settings;
}

}  // namespace claviger
