// SIGHUP: the settings file and the catalogue anew, or not at all.
#pragma once

#include <string>

#include "daemon/api/authority.h"
#include "daemon/config.h"

namespace claviger {

// Thread-compatible; lives on the main thread. `authority` must outlive it.
class Reloader {
 public:
  Reloader(std::string config_path, Config started_with, api::Authority& authority);

  // A file that is wrong changes nothing and is logged. A change that needs a restart is logged as such.
  void Reload();

 private:
  Status TryReload();

  const std::string config_path_;
  const Config started_with_;
  api::Authority& authority_;
};

}  // namespace claviger
