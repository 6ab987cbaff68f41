#include "cli/successor_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMostBytes = 128;  // more than any key string has

Failure FileFailure(std::string_view act, const std::string& path, int errno_value) {
  const std::string what = fmt::format("{} {}", act, EscapeForDisplay(path));
  return {protocol::kExitFailure, ErrnoError(ErrorCode::kUnavailable, what, errno_value).message(), ""};
}

}  // namespace

Outcome<void> PrepareFolder(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return FileFailure("make", path, errno);
  const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!folder || ::fstat(folder.get(), &status) != 0) return FileFailure("open", path, errno);
  const std::string shown = EscapeForDisplay(path);
  if (status.st_uid != ::geteuid()) {
    return Failure{protocol::kExitFailure, fmt::format("{} belongs to another user", shown),
                   "name a folder of your own, or one that is not there yet"};
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Failure{protocol::kExitFailure, fmt::format("{} can be used by others", shown),
                   fmt::format("chmod 0700 {}", shown)};
  }
  return {};
}

std::string SuccessorPath(const std::string& folder, const std::string& old_id) {
  return fmt::format("{}/{}.key", folder, old_id);
}

Outcome<SuccessorFile> LookAtFile(const std::string& path, const std::string& successor_id) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return SuccessorFile::kAbsent;
  if (!fd && errno == ELOOP) return SuccessorFile::kOther;
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return FileFailure("open", path, errno);
  if (!S_ISREG(status.st_mode)) return SuccessorFile::kOther;
  if (status.st_size == 0) {
    if (::unlink(path.c_str()) != 0) return FileFailure("remove", path, errno);
    return SuccessorFile::kAbsent;
  }
  WipingBuffer content(kMostBytes);
  const ssize_t got = ::read(fd.get(), content.data(), content.size());
  if (got < 0) return FileFailure("read", path, errno);
  const std::string_view text(content.data(), static_cast<std::size_t>(got));
  const bool whole =
      text.ends_with('\n') && text.find(fmt::format("_{}_", successor_id)) != std::string_view::npos;
  return !successor_id.empty() && whole ? SuccessorFile::kHolds : SuccessorFile::kOther;
}

}  // namespace claviger::cli
