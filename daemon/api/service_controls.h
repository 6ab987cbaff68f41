// What methods need of the process around them: its files, its log.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/catalogue.h"

namespace claviger::api {

struct LogLevels {
  std::string_view now;         // "debug", "info", "warning" or "error"; so is
  std::string_view configured;  // the settings file's
};

// Set by main, used on the main thread only.
struct ServiceControls {
  // The catalogue of the files as they are now.
  std::function<Result<std::shared_ptr<const keys::Catalogue>>()> read_catalogue;
  // Settings and catalogue anew, or not at all, by order of `actor`. What has changed but needs a restart, by
  // name.
  std::function<Result<std::vector<std::string>>(const audit::Actor& actor)> reload;
  std::function<LogLevels()> log_levels;
  // In force until the next reload or restart. kInvalidArgument, with the words that there are.
  std::function<Status(std::string_view level)> set_log_level;
};

}  // namespace claviger::api
