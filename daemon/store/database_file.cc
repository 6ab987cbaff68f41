#include "daemon/store/database_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace claviger::store {
namespace {

constexpr mode_t kMode = S_IRUSR | S_IWUSR;

}  // namespace

Result<UniqueFd> LockDatabase(const std::string& path) {
  const std::string lock_path = path + ".lock";
  UniqueFd fd(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kMode));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "open " + lock_path, errno);
  if (fchmod(fd.get(), kMode) != 0) return ErrnoError(ErrorCode::kUnavailable, "chmod " + lock_path, errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return Error(ErrorCode::kConflict, "another process has " + path + " open: end it first");
    }
    return ErrnoError(ErrorCode::kUnavailable, "lock " + lock_path, errno);
  }
  return fd;
}

Result<bool> PrepareDatabaseFile(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  UniqueFd fd(open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
  const bool made = static_cast<bool>(fd);
  if (!made && errno == EEXIST) fd.Reset(open(path.c_str(), kFlags));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "open " + path, errno);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return ErrnoError(ErrorCode::kUnavailable, "stat " + path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kConflict, path + " is no regular file: name another path for the database");
  }
  if (fchmod(fd.get(), kMode) != 0) return ErrnoError(ErrorCode::kUnavailable, "chmod " + path, errno);
  return made;
}

Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "open " + folder, errno);
  if (fsync(fd.get()) != 0) return ErrnoError(ErrorCode::kUnavailable, "fsync " + folder, errno);
  return Ok();
}

}  // namespace claviger::store
