#include "daemon/reload.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <utility>

#include "daemon/api/catalogue_impact.h"
#include "daemon/live_settings_loader.h"
#include "daemon/log.h"

namespace claviger {
namespace {

using Severity = api::Authority::Severity;

// sd_notify(3): a reload is announced with the time at which it began, and ended with READY=1.
void AnnounceReload() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(now.tv_sec) * 1000000 + now.tv_nsec / 1000);
}

}  // namespace

Reloader::Reloader(std::string config_path, Config started_with, api::Authority& authority)
    : config_path_(std::move(config_path)), started_with_(std::move(started_with)), authority_(authority) {}

void Reloader::Reload() {
  AnnounceReload();
  if (const Status reloaded = TryReload(); !reloaded) {
    LogLine(Severity::kError,
            "reload: " + reloaded.error().message() + "; the settings in force stay as they are");
  } else {
    LogLine(Severity::kInfo, "reload: settings and catalogue are in force");
  }
  ::sd_notify(0, "READY=1");
}

Result<std::shared_ptr<const keys::Catalogue>> Reloader::ReadCatalogue() const {
  const auto config = LoadConfig(config_path_);
  if (!config) return config.error();
  return LoadCatalogue(config->scopes_directory);
}

Result<std::vector<audit::Act>> Reloader::JudgeCatalogue(const api::LiveSettings& read) {
  api::CatalogueImpact impact(*authority_.settings().Get()->catalogue, *read.catalogue);
  if (const Status measured = api::MeasureImpact(authority_, impact); !measured) {
    return Error(ErrorCode::kUnavailable,
                 "the catalogue no longer has " + impact.lost().front().name +
                     ", and which keys hold that cannot be seen: " + measured.error().message());
  }
  if (impact.losing_keys() > 0) {
    return Error(ErrorCode::kConflict,
                 "the catalogue takes scopes from keys: " + impact.DescribeLosses() +
                     "; see claviger scope reload --dry-run, and accept it with claviger scope reload "
                     "--accept-losses");
  }
  std::vector<audit::Act> acts;
  const keys::CatalogueChange& change = impact.change();
  if (!change.added.empty() || !change.removed.empty() || !change.reworded.empty()) {
    acts.push_back(api::CatalogueReloadAct(api::Authority::Self(), impact));
  }
  return acts;
}

Status Reloader::TryReload() {
  const auto config = LoadConfig(config_path_);
  if (!config) return config.error();
  auto live = LoadLiveSettings(*config);
  if (!live) return live.error();
  auto acts = JudgeCatalogue(**live);
  if (!acts) return acts.error();
  if (authority_.store().is_open()) {
    acts->emplace_back().actor = api::Authority::Self();
    acts->back().name = "config.reload";
    if (Status recorded = authority_.RecordActs(*acts); !recorded) return recorded;
  }
  SetLogLevel(config->log_level);
  authority_.settings().Replace(std::move(*live));
  for (const std::string& name : ChangesForRestart(started_with_, *config)) {
    LogLine(Severity::kWarning,
            "reload: " + name + " has changed; it takes effect when the daemon is restarted");
  }
  return Ok();
}

}  // namespace claviger
