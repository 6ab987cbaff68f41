// A whole file as another one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace claviger::cli {

struct FileOwner {
  uid_t user;
  gid_t group;
};

// Makes `to` (mode 0600), which must not exist, and syncs it. `owner`: whom it shall belong to. kConflict if
// `to` exists; after any error nothing is left of it.
Status CopyFile(const std::string& from, const std::string& to, const std::optional<FileOwner>& owner);

// False also where one of them cannot be read.
bool SameContent(const std::string& one, const std::string& other);

}  // namespace claviger::cli
