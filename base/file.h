// Small files, read and replaced whole.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace claviger {

// Whether anything has this name, a symbolic link that leads nowhere included.
bool Exists(const std::string& path);
// The file's content. kNotFound if it does not exist, kLimitExceeded if it is larger than `limit` bytes,
// kUnavailable otherwise.
Result<std::string> ReadFile(const std::string& path, std::size_t limit);
// As ReadFile, without one trailing newline. kDenied if it is not a regular file, if anyone but its owner can
// read or write it, or if it belongs neither to this process's user nor to root; the message says which chmod
// or chown mends it. A file of root:root may be readable for its group: so systemd's credentials look where
// an access control list opens them. What is checked is the opened file, not its path.
Result<Secret> ReadSecretFile(const std::string& path, std::size_t limit);
// Replaces `path` whole, durably: temporary file beside it, fsync, rename, fsync of the folder. kUnavailable
// if that fails; unless only the last step did, `path` is then as it was.
Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode);

}  // namespace claviger
