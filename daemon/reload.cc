#include "daemon/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

#include "daemon/api/catalogue_impact.h"
#include "daemon/live_settings_loader.h"
#include "daemon/log.h"
#include "daemon/service_status.h"
#include "daemon/setting.h"

namespace claviger {
namespace {

using Severity = api::Authority::Severity;

std::string_view WordFor(LogLevel level) {
  return WordsFor(static_cast<const LogLevel*>(nullptr))[static_cast<std::size_t>(level)];
}

Status SetLogLevelByWord(std::string_view word) {
  const auto words = WordsFor(static_cast<const LogLevel*>(nullptr));
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("there is no such log level; write one of {}", fmt::join(words, ", ")));
  }
  SetLogLevel(static_cast<LogLevel>(found - words.begin()));
  return Ok();
}

}  // namespace

Reloader::Reloader(std::string config_path, Config started_with, api::Authority& authority)
    : config_path_(std::move(config_path)),
      started_with_(std::move(started_with)),
      configured_level_(started_with_.log_level),
      authority_(authority) {}

Result<std::vector<std::string>> Reloader::Reload(const audit::Actor& actor) {
  TellReloading();
  auto reloaded = TryReload(actor);
  if (!reloaded) {
    LogLine(Severity::kError,
            "reload: " + reloaded.error().message() + "; the settings in force stay as they are");
  } else {
    LogLine(Severity::kInfo, "reload: settings and catalogue are in force");
  }
  TellReloaded();
  return reloaded;
}

api::ServiceControls Reloader::Controls() {
  return {.read_catalogue = [this] { return ReadCatalogue(); },
          .reload = [this](const audit::Actor& actor) { return Reload(actor); },
          .log_levels =
              [this] {
                return api::LogLevels{WordFor(CurrentLogLevel()), WordFor(configured_level_)};
              },
          .set_log_level = SetLogLevelByWord};
}

Result<std::shared_ptr<const keys::Catalogue>> Reloader::ReadCatalogue() const {
  const auto config = LoadConfig(config_path_);
  if (!config) return config.error();
  return LoadCatalogue(config->scopes_directory);
}

Result<std::vector<audit::Act>> Reloader::JudgeCatalogue(const api::LiveSettings& read,
                                                         const audit::Actor& actor) {
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
    acts.push_back(api::CatalogueReloadAct(actor, impact));
  }
  return acts;
}

Result<std::vector<std::string>> Reloader::TryReload(const audit::Actor& actor) {
  const auto config = LoadConfig(config_path_);
  if (!config) return config.error();
  auto live = LoadLiveSettings(*config);
  if (!live) return live.error();
  auto acts = JudgeCatalogue(**live, actor);
  if (!acts) return acts.error();
  if (authority_.store().is_open()) {
    acts->emplace_back().actor = actor;
    acts->back().name = "config.reload";
    if (Status recorded = authority_.RecordActs(*acts); !recorded) return recorded.error();
  }
  configured_level_ = config->log_level;
  SetLogLevel(configured_level_);
  authority_.settings().Replace(std::move(*live));
  std::vector<std::string> waiting = ChangesForRestart(started_with_, *config);
  for (const std::string& name : waiting) {
    LogLine(Severity::kWarning,
            "reload: " + name + " has changed; it takes effect when the daemon is restarted");
  }
  return waiting;
}

}  // namespace claviger
