// A backup as the interface shows it.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "daemon/store/backup_file.h"

namespace claviger::api {

// The type Backup, without what checking it has shown.
boost::json::object BackupJson(std::string_view name, const store::BackupContent& content);

}  // namespace claviger::api
