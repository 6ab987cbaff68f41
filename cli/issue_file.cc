#include "cli/issue_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include "base/crypto.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/text.h"
#include "cli/json_view.h"
#include "cli/write_all.h"
#include "protocol/error_names.h"
#include "protocol/reply.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kWhat = "keys that claviger key create --from has issued";
constexpr std::size_t kSaltBytes = 10;
constexpr std::size_t kMostHeadBytes = 512;
constexpr std::string_view kLine = R"({"line":)";
constexpr std::string_view kKeyId = R"(,"key_id":")";
constexpr std::string_view kLineId = R"(,"line_id":")";
constexpr std::string_view kLineEnd = "\"}";

Failure IssueFileFailure(std::string_view act, const std::string& name, int errno_value) {
  const std::string what = fmt::format("{} {}", act, name);
  return {protocol::kExitFailure, ErrnoError(ErrorCode::kUnavailable, what, errno_value).message()};
}

Failure Unfit(std::string message, std::string hint) {
  return {protocol::kExitFailure, std::move(message) + "; nothing was issued", std::move(hint)};
}

bool IsRegular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

std::string NewSalt() {
  std::array<std::uint8_t, kSaltBytes> bytes{};
  FillRandom(bytes);
  return ToHex(bytes);
}

Outcome<void> SyncFolderOf(const std::string& path, const std::string& name) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return IssueFileFailure("fsync the folder of", name, errno);
  return {};
}

// What stands between `before` and the next quote; nullopt if it does not stand there. A name cannot hold
// `before`: its quotes are escaped.
std::optional<std::string_view> Between(std::string_view text, std::string_view before) {
  const std::size_t at = text.rfind(before);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find('"'));
}

struct Entry {
  std::size_t line = 0;
  std::string_view line_id;
};

// Of one line as Add() writes them, whose key is not parsed into memory that is not wiped.
std::optional<Entry> ReadEntry(std::string_view text) {
  if (!text.starts_with(kLine) || !text.ends_with(kLineEnd)) return std::nullopt;
  const auto line_id = Between(text, kLineId);
  const auto key_id = Between(text, kKeyId);
  if (!line_id || !key_id || key_id->empty()) return std::nullopt;
  if (text.find(fmt::format("_{}_", *key_id)) == std::string_view::npos) return std::nullopt;
  Entry entry{0, *line_id};
  const auto [end, failed] =
      std::from_chars(text.data() + kLine.size(), text.data() + text.size(), entry.line);
  if (failed != std::errc() || *end != ',') return std::nullopt;
  return entry;
}

}  // namespace

Outcome<IssueFile> IssueFile::Open(const std::string& path, UnixSeconds now) {
  const std::string name = EscapeForDisplay(path);
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd fd(::open(path.c_str(), kFlags | O_CREAT, S_IRUSR | S_IWUSR));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return IssueFileFailure("open", name, errno);
  if (!S_ISREG(status.st_mode)) {
    return Unfit(fmt::format("{} is no plain file", name), "name another file");
  }
  if (status.st_uid != ::geteuid()) {
    return Unfit(fmt::format("{} belongs to another user", name), "name a file of your own");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Unfit(fmt::format("{} can be used by others", name),
                 fmt::format("chmod 0600 {}, if it is the file of an earlier run", name));
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Unfit(fmt::format("another claviger writes into {} now", name), "wait for its end");
  }
  IssueFile file(name, fd.get());
  file.fd_ = std::move(fd);
  if (const auto taken = file.TakeUp(now); !taken) return taken.error();
  if (!file.salt_.empty()) return file;
  if (const auto begun = file.Begin(path, now); !begun) return begun.error();
  return file;
}

IssueFile IssueFile::ToStandardOutput() {
  IssueFile file("standard output", STDOUT_FILENO);
  file.salt_ = NewSalt();
  return file;
}

// The head is safe before the first key is issued.
Outcome<void> IssueFile::Begin(const std::string& path, UnixSeconds now) {
  salt_ = NewSalt();
  const boost::json::object head = {
      {"claviger", kWhat}, {"salt", salt_}, {"uid", ::geteuid()}, {"begun_at", FormatTime(now)}};
  const std::string line = boost::json::serialize(head) + "\n";
  if (const int failure = WriteAll(writing_, line); failure != 0) {
    return IssueFileFailure("write", name_, failure);
  }
  if (::fsync(writing_) != 0) return IssueFileFailure("fsync", name_, errno);
  size_ = static_cast<off_t>(line.size());
  return SyncFolderOf(path, name_);
}

Outcome<void> IssueFile::TakeUp(UnixSeconds now) {
  struct stat status {};
  if (::fstat(writing_, &status) != 0) return IssueFileFailure("open", name_, errno);
  if (status.st_size > static_cast<off_t>(kMaxIssueFileBytes)) {
    return Unfit(fmt::format("{} has more than {} bytes", name_, kMaxIssueFileBytes), "name another file");
  }
  WipingBuffer content(static_cast<std::size_t>(status.st_size));
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t got =
        ::pread(writing_, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got == 0) content.resize(done);
    if (got < 0 && errno != EINTR) return IssueFileFailure("read", name_, errno);
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  const std::string_view text(content.data(), content.size());
  const std::size_t whole = text.rfind('\n') + 1;  // 0 if there is none
  const std::string head_begin = fmt::format(R"({{"claviger":"{}")", kWhat);
  const std::string_view common = text.substr(0, head_begin.size());
  // Without a whole head no key was issued.
  const bool unfinished_head = whole == 0 && text.size() < kMostHeadBytes && head_begin.starts_with(common);
  if (!unfinished_head) {
    const std::size_t head = whole == 0 ? 0 : text.find('\n') + 1;
    if (const auto read = ReadHead(text.substr(0, head), now); !read) return read.error();
    if (const auto read = ReadKeys(text.substr(head, whole - head)); !read) return read.error();
  }
  size_ = static_cast<off_t>(whole);
  if (::ftruncate(writing_, size_) != 0 || ::lseek(writing_, size_, SEEK_SET) < 0) {
    return IssueFileFailure("write", name_, errno);
  }
  return {};
}

Outcome<void> IssueFile::ReadHead(std::string_view head, UnixSeconds now) {
  boost::system::error_code failed;
  boost::json::value value;
  if (head.size() < kMostHeadBytes) value = boost::json::parse(head, failed);
  const boost::json::object* members = failed ? nullptr : value.if_object();
  if (members == nullptr || TextOf(*members, "claviger") != kWhat ||
      !IsHex(TextOf(*members, "salt"), 2 * kSaltBytes)) {
    return Unfit(fmt::format("{} exists, and is no file of an earlier run", name_),
                 "name another file; this one is not overwritten");
  }
  const auto begun = ParseTime(TextOf(*members, "begun_at"));
  if (!begun || now - *begun > kIssueFileLife) {
    return Unfit(fmt::format("{} was begun more than {} ago, too long to go on", name_,
                             FormatDuration(kIssueFileLife)),
                 "name another file, and leave out the lines whose keys are in this one");
  }
  if (IntOf(*members, "uid") != static_cast<std::int64_t>(::geteuid())) {
    return Unfit(fmt::format("{} was begun by uid {}, whom alone the daemon knows its requests of", name_,
                             IntOf(*members, "uid")),
                 "go on as that user, or name another file");
  }
  salt_ = TextOf(*members, "salt");
  return {};
}

Outcome<void> IssueFile::ReadKeys(std::string_view text) {
  for (std::size_t number = 2; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const auto entry = ReadEntry(text.substr(0, end));
    if (!entry) {
      return Unfit(fmt::format("line {} of {} is not as it was written", number, name_),
                   "put the file back as it was, or name another one");
    }
    held_.emplace(entry->line_id, entry->line);
    text.remove_prefix(end + 1);
  }
  return {};
}

void IssueFile::Add(const KeyLine& line, std::string_view key_name, std::string_view key_id,
                    const Secret& key) {
  Append(added_, fmt::format(R"({}{},"name":)", kLine, line.number));
  protocol::AppendJsonString(added_, key_name);
  Append(added_, fmt::format(R"({}{}","key":)", kKeyId, key_id));
  protocol::AppendJsonString(added_, key.ExposeText());
  Append(added_, fmt::format("{}{}{}\n", kLineId, line.id, kLineEnd));
}

Outcome<void> IssueFile::Save() {
  if (added_.empty()) return {};
  int failure = WriteAll(writing_, std::string_view(added_.data(), added_.size()));
  if (failure == 0 && IsRegular(writing_) && ::fdatasync(writing_) != 0) failure = errno;
  if (failure == 0) {
    size_ += static_cast<off_t>(added_.size());
    added_.clear();
    return {};
  }
  added_.clear();
  undone_ = !fd_ || ::ftruncate(writing_, size_) == 0;
  return IssueFileFailure("write", name_, failure);
}

}  // namespace claviger::cli
