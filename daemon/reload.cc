#include "daemon/reload.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <utility>

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

Status Reloader::TryReload() {
  const auto config = LoadConfig(config_path_);
  if (!config) return config.error();
  auto live = LoadLiveSettings(*config);
  if (!live) return live.error();
  if (authority_.store().is_open()) {
    audit::Act act;
    act.actor.user = "clavigerd";
    act.name = "config.reload";
    if (Status recorded = authority_.RecordAct(act); !recorded) return recorded;
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
