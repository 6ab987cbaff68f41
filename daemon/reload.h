// SIGHUP and `claviger reload`: the settings file and the catalogue anew, or not at all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/api/authority.h"
#include "daemon/config.h"

namespace claviger {

// Thread-compatible; lives on the main thread. `authority` must outlive it.
class Reloader {
 public:
  Reloader(std::string config_path, Config started_with, api::Authority& authority);

  // By order of `actor`. A file that is wrong changes nothing and is logged; likewise a catalogue that would
  // take scopes from keys. A change that needs a restart is logged, and named in the value.
  Result<std::vector<std::string>> Reload(const audit::Actor& actor);
  // What methods ask of the process. Valid as long as this.
  api::ServiceControls Controls();
  // The catalogue of the folder that the settings file names now, for `claviger scope reload`.
  Result<std::shared_ptr<const keys::Catalogue>> ReadCatalogue() const;

 private:
  Result<std::vector<std::string>> TryReload(const audit::Actor& actor);
  // What the catalogue of `read` changes, as acts to put on record. An error if keys would lose scopes, or if
  // that cannot be known.
  Result<std::vector<audit::Act>> JudgeCatalogue(const api::LiveSettings& read, const audit::Actor& actor);

  const std::string config_path_;
  const Config started_with_;
  LogLevel configured_level_;
  api::Authority& authority_;
};

}  // namespace claviger
