#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/unique_fd.h"

namespace claviger {
namespace {

Error OpenError(const std::string& path, int errno_value) {
  const ErrorCode code = errno_value == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return ErrnoError(code, "open " + path, errno_value);
}

// Appends everything up to the end of the file to `out`, a container of char.
template <class Container>
Status ReadAll(int fd, const std::string& path, std::size_t limit, Container& out) {
  // One byte of room more than the limit tells a file of exactly that size from a larger one.
  out.resize(limit + 1);
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::read(fd, out.data() + filled, out.size() - filled);
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return ErrnoError(ErrorCode::kUnavailable, "read " + path, errno);
    }
  }
  out.resize(std::min(filled, out.size()));
  if (filled > limit) {
    return Error(ErrorCode::kLimitExceeded,
                 path + ": is larger than the " + std::to_string(limit) + " bytes that are read of it");
  }
  return Ok();
}

Status CheckPrivate(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return ErrnoError(ErrorCode::kUnavailable, "fstat " + path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kDenied, path + ": is not a regular file; put the secret into one of its own");
  }
  const uid_t self = ::geteuid();
  if (status.st_uid != self && status.st_uid != 0) {
    return Error(ErrorCode::kDenied, path + ": belongs to uid " + std::to_string(status.st_uid) +
                                         "; run: chown " + std::to_string(self) + " '" + path + "'");
  }
  mode_t forbidden = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  // systemd gives a credential to a service by an access control list on a file of root:root; the list's mask
  // then shows as the group's bits.
  if (status.st_uid == 0 && status.st_gid == 0) forbidden &= ~static_cast<mode_t>(S_IRGRP);
  if ((status.st_mode & forbidden) != 0) {
    return Error(ErrorCode::kDenied,
                 path + ": users other than its owner can read or write it; run: chmod 0400 '" + path + "'");
  }
  return Ok();
}

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written >= 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return ErrnoError(ErrorCode::kUnavailable, "write " + path, errno);
    }
  }
  return Ok();
}

// Fills the temporary file and puts it in the place of `path`.
Status FillAndRename(int fd, const std::string& temporary, const std::string& path, std::string_view content,
                     mode_t mode) {
  if (::fchmod(fd, mode) != 0) return ErrnoError(ErrorCode::kUnavailable, "chmod " + temporary, errno);
  if (auto written = WriteAll(fd, content, temporary); !written) return written;
  if (::fsync(fd) != 0) return ErrnoError(ErrorCode::kUnavailable, "fsync " + temporary, errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "rename " + temporary + " to " + path, errno);
  }
  return Ok();
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

bool Exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

Result<std::string> ReadFile(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return OpenError(path, errno);
  std::string content;
  if (auto read = ReadAll(fd.get(), path, limit, content); !read) return read.error();
  return content;
}

Result<Secret> ReadSecretFile(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a FIFO in the file's place must be refused, not waited for.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ELOOP) {
    return Error(ErrorCode::kDenied, path + ": is a symbolic link; name the file that it points to");
  }
  if (!fd) return OpenError(path, errno);
  if (auto is_private = CheckPrivate(fd.get(), path); !is_private) return is_private.error();
  WipingBuffer content;
  if (auto read = ReadAll(fd.get(), path, limit, content); !read) return read.error();
  if (!content.empty() && content.back() == '\n') content.pop_back();
  return Secret::FromText(std::string_view(content.data(), content.size()));
}

Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode) {
  const std::string folder = FolderOf(path);
  const UniqueFd folder_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_fd) return OpenError(folder, errno);
  std::string temporary = path + ".XXXXXX";
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "create " + temporary, errno);
  if (auto replaced = FillAndRename(fd.get(), temporary, path, content, mode); !replaced) {
    ::unlink(temporary.c_str());
    return replaced;
  }
  // Without this the rename itself may be lost with the power.
  if (::fsync(folder_fd.get()) != 0) return ErrnoError(ErrorCode::kUnavailable, "fsync " + folder, errno);
  return Ok();
}

}  // namespace claviger
