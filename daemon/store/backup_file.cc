#include "daemon/store/backup_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <vector>

#include "base/hex.h"
#include "base/unique_fd.h"

namespace claviger::store {
namespace {

constexpr std::string_view kPlain = "SQLite format 3";
constexpr std::string_view kMacName = "mac ";
constexpr std::size_t kMacLineBytes = kMacName.size() + 2 * sizeof(Mac) + 1;
constexpr std::size_t kPieceBytes = 256 * 1024;

Error Failed(std::string_view what, const std::string& path) {
  return ErrnoError(ErrorCode::kUnavailable, std::string(what) + " " + path, errno);
}

Error Changed(const std::string& path) {
  return Error(ErrorCode::kCorrupt, path + " is no whole backup: it was cut off or changed; take another");
}

Result<UniqueFd> OpenToRead(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd) return fd;
  if (errno == ENOENT) return Error(ErrorCode::kNotFound, "there is no " + path);
  return Failed("open", path);
}

Result<UniqueFd> Create(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!fd) return Failed("create", path);
  return fd;
}

Result<std::int64_t> SizeOf(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return Failed("stat", path);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kInvalidArgument, path + " is no regular file: name a backup");
  }
  return static_cast<std::int64_t>(status.st_size);
}

// As many bytes as there are, at most `bytes`.
Result<std::size_t> ReadSome(int fd, std::span<std::uint8_t> bytes, const std::string& path) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return Failed("read", path);
    }
  }
  return filled;
}

Status WriteAll(int fd, std::span<const std::uint8_t> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return Failed("write", path);
    }
  }
  return Ok();
}

std::span<const std::uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// `count` bytes from `from` to `to` (-1: nowhere), and into the digest.
Status Pass(int from, int to, std::int64_t count, Sha256Stream& digest, const std::string& path) {
  std::vector<std::uint8_t> piece(kPieceBytes);
  while (count > 0) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::int64_t>(count, kPieceBytes));
    const auto got = ReadSome(from, std::span(piece).first(wanted), path);
    if (!got) return got.error();
    if (*got != wanted) return Changed(path);
    const std::span<const std::uint8_t> bytes = std::span(piece).first(wanted);
    digest.Add(bytes);
    if (to >= 0) {
      if (Status s = WriteAll(to, bytes, path); !s) return s;
    }
    count -= static_cast<std::int64_t>(wanted);
  }
  return Ok();
}

Status Fill(int fd, const std::string& path, BackupHeader header, const std::string& database,
            const BackupMacSource& make_mac) {
  const auto source = OpenToRead(database);
  if (!source) return source.error();
  const auto size = SizeOf(source->get(), database);
  if (!size) return size.error();
  if (*size > kMaxBackupDatabaseBytes) {
    return Error(ErrorCode::kLimitExceeded, "the database is larger than the 64 GiB that a backup can hold");
  }
  header.database_bytes = *size;
  const auto head = RenderBackupHeader(header);
  if (!head) return head.error();
  Sha256Stream digest;
  digest.Add(BytesOf(*head));
  if (Status s = WriteAll(fd, BytesOf(*head), path); !s) return s;
  if (Status s = Pass(source->get(), fd, *size, digest, path); !s) return s;
  const auto mac = make_mac(digest.Finish());
  if (!mac) return mac.error();
  const std::string line = std::string(kMacName) + ToHex(*mac) + "\n";
  if (Status s = WriteAll(fd, BytesOf(line), path); !s) return s;
  if (::fsync(fd) != 0) return Failed("fsync", path);
  return Ok();
}

struct Head {
  BackupContent content;
  std::string text;
};

// Leaves the file's offset behind the head.
Result<Head> TakeHead(int fd, const std::string& path) {
  const auto size = SizeOf(fd, path);
  if (!size) return size.error();
  std::array<std::uint8_t, kMaxBackupHeaderBytes> bytes{};
  const auto got = ReadSome(fd, bytes, path);
  if (!got) return got.error();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), *got);
  Result<BackupHeader> header = ParseBackupHeader(text);
  if (!header) return header.error().WithContext(path);
  Head head;
  head.text = text.substr(0, text.find("\n\n") + 2);
  const auto head_bytes = static_cast<std::int64_t>(head.text.size());
  if (header->database_bytes > kMaxBackupDatabaseBytes ||
      *size != head_bytes + header->database_bytes + static_cast<std::int64_t>(kMacLineBytes)) {
    return Changed(path);
  }
  if (::lseek(fd, head_bytes, SEEK_SET) != head_bytes) return Failed("seek in", path);
  head.content.header = std::move(*header);
  head.content.file_bytes = *size;
  return head;
}

Status TakeMac(int fd, const std::string& path, Mac& mac) {
  std::array<std::uint8_t, kMacLineBytes> bytes{};
  const auto got = ReadSome(fd, bytes, path);
  if (!got) return got.error();
  const std::string_view line(reinterpret_cast<const char*>(bytes.data()), *got);
  if (line.size() != kMacLineBytes || !line.starts_with(kMacName) || line.back() != '\n' ||
      !FromHex(line.substr(kMacName.size(), 2 * sizeof(Mac)), mac)) {
    return Changed(path);
  }
  return Ok();
}

}  // namespace

Status WriteBackupFile(const std::string& path, BackupHeader header, const std::string& database,
                       const BackupMacSource& make_mac) {
  const auto fd = Create(path);
  if (!fd) return fd.error();
  Status filled = Fill(fd->get(), path, std::move(header), database, make_mac);
  if (!filled) ::unlink(path.c_str());
  return filled;
}

Result<BackupContent> ReadBackupHead(const std::string& path) {
  const auto fd = OpenToRead(path);
  if (!fd) return fd.error();
  Result<Head> head = TakeHead(fd->get(), path);
  if (!head) return head.error();
  return std::move(head->content);
}

Result<BackupContent> ReadBackupFile(const std::string& path, const std::string& database_to) {
  const auto fd = OpenToRead(path);
  if (!fd) return fd.error();
  Result<Head> head = TakeHead(fd->get(), path);
  if (!head) return head.error();
  BackupContent& content = head->content;
  UniqueFd to;
  if (!database_to.empty()) {
    Result<UniqueFd> made = Create(database_to);
    if (!made) return made.error();
    to = std::move(*made);
  }
  Sha256Stream digest;
  digest.Add(BytesOf(head->text));
  Status read = Pass(fd->get(), to.get(), content.header.database_bytes, digest, path);
  if (read) read = TakeMac(fd->get(), path, content.mac);
  if (!read) {
    if (to) ::unlink(database_to.c_str());
    return read.error();
  }
  content.digest = digest.Finish();
  return std::move(content);
}

Status CheckNotPlain(const std::string& path) {
  const auto fd = OpenToRead(path);
  if (!fd) return fd.error();
  std::array<std::uint8_t, kPlain.size()> bytes{};
  const auto got = ReadSome(fd->get(), bytes, path);
  if (!got) return got.error();
  if (std::string_view(reinterpret_cast<const char*>(bytes.data()), *got) == kPlain) {
    return Error(ErrorCode::kCorrupt, path + " is not encrypted: link libsqlcipher and remove the file");
  }
  return Ok();
}

}  // namespace claviger::store
