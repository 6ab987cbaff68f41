#include "cli/file_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/unique_fd.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kCopyPieceBytes = 64 * 1024;

Error Failed(const std::string& what, const std::string& path) {
  return ErrnoError(ErrorCode::kUnavailable, what + " " + path, errno);
}

Status Pour(int from, int to, const std::string& name) {
  std::array<char, kCopyPieceBytes> piece;
  while (true) {
    const ssize_t got = ::read(from, piece.data(), piece.size());
    if (got == 0) return Ok();
    if (got < 0) {
      if (errno == EINTR) continue;
      return Failed("read for", name);
    }
    for (ssize_t done = 0; done < got;) {
      const ssize_t written =
          ::write(to, piece.data() + done, static_cast<std::size_t>(got) - static_cast<std::size_t>(done));
      if (written < 0 && errno != EINTR) return Failed("write", name);
      if (written > 0) done += written;
    }
  }
}

Status Fill(int from, int to, const std::string& name, const std::optional<FileOwner>& owner) {
  if (owner && ::fchown(to, owner->user, owner->group) != 0) return Failed("chown", name);
  if (Status s = Pour(from, to, name); !s) return s;
  if (::fsync(to) != 0) return Failed("fsync", name);
  return Ok();
}

}  // namespace

Status CopyFile(const std::string& from, const std::string& to, const std::optional<FileOwner>& owner) {
  const UniqueFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) return Failed("open", from);
  const UniqueFd copy(
      ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!copy && errno == EEXIST) {
    return Error(ErrorCode::kConflict, to + " exists already: name another file, or remove it");
  }
  if (!copy) return Failed("create", to);
  Status filled = Fill(source.get(), copy.get(), to, owner);
  if (!filled) ::unlink(to.c_str());
  return filled;
}

bool SameContent(const std::string& one, const std::string& other) {
  std::ifstream first(one, std::ios::binary);
  std::ifstream second(other, std::ios::binary);
  if (!first || !second) return false;
  using Bytes = std::istreambuf_iterator<char>;
  return std::equal(Bytes(first), Bytes(), Bytes(second), Bytes());
}

}  // namespace claviger::cli
