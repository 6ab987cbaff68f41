#include "daemon/store/backup_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <utility>

#include "daemon/store/database_file.h"

namespace claviger::store {
namespace {

constexpr std::string_view kOwnPrefix = "claviger-";
constexpr std::string_view kTimeShape = "00000000T000000Z";
constexpr int kMaxPerSecond = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNameLetter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

std::string_view StemOf(std::string_view name) { return name.substr(0, name.size() - kBackupSuffix.size()); }

// What BackupName makes.
bool IsOwn(std::string_view name) {
  if (!IsBackupName(name) || !name.starts_with(kOwnPrefix)) return false;
  const std::string_view rest = StemOf(name).substr(kOwnPrefix.size());
  if (rest.size() < kTimeShape.size()) return false;
  for (std::size_t i = 0; i < kTimeShape.size(); ++i) {
    if (kTimeShape[i] == '0' ? !IsDigit(rest[i]) : rest[i] != kTimeShape[i]) return false;
  }
  const std::string_view number = rest.substr(kTimeShape.size());
  return number.empty() || (number.size() == 2 && number[0] == '-' && IsDigit(number[1]));
}

// In order of age as far as names tell it; the file system's errors as ours.
Result<std::vector<std::string>> NamesIn(const std::string& path,
                                         const std::function<bool(std::string_view)>& wanted) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (wanted(name)) names.push_back(std::move(name));
  }
  if (error && error.value() != ENOENT) {
    return ErrnoError(ErrorCode::kUnavailable, "read the folder " + path, error.value());
  }
  return names;
}

// By these the newest comes first.
bool IsNewer(const std::string& a, const std::string& b) {
  if (IsOwn(a) != IsOwn(b)) return IsOwn(a);
  return StemOf(a) > StemOf(b);
}

}  // namespace

bool IsBackupName(std::string_view name) {
  return name.size() > kBackupSuffix.size() && name.size() <= kMaxBackupNameBytes && name.front() != '.' &&
         name.ends_with(kBackupSuffix) && std::all_of(name.begin(), name.end(), IsNameLetter);
}

std::string BackupName(UnixSeconds made_at, int number) {
  std::string time = FormatTime(made_at);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::string name = std::string(kOwnPrefix) + time;
  if (number > 1) name += "-" + std::to_string(number);
  return name + std::string(kBackupSuffix);
}

std::optional<UnixSeconds> TimeInBackupName(std::string_view name) {
  if (!IsOwn(name)) return std::nullopt;
  std::string time(name.substr(kOwnPrefix.size(), kTimeShape.size()));  // 20261124T173811Z
  for (const auto& [at, mark] : {std::pair{13, ':'}, {11, ':'}, {6, '-'}, {4, '-'}}) {
    time.insert(time.begin() + at, mark);
  }
  const Result<UnixSeconds> parsed = ParseTime(time);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

Status BackupFolder::Prepare() const {
  if (::mkdir(path_.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return ErrnoError(ErrorCode::kUnavailable, "make the folder " + path_, errno);
  }
  const auto unfinished =
      NamesIn(path_, [](std::string_view name) { return name.starts_with(kUnfinishedPrefix); });
  if (!unfinished) return unfinished.error();
  for (const std::string& name : *unfinished) {
    if (::unlink(PathOf(name).c_str()) != 0) {
      return ErrnoError(ErrorCode::kUnavailable, "remove " + PathOf(name), errno);
    }
  }
  return Ok();
}

Result<std::string> BackupFolder::FreeName(UnixSeconds made_at) const {
  for (int number = 1; number <= kMaxPerSecond; ++number) {
    std::string name = BackupName(made_at, number);
    if (::access(PathOf(name).c_str(), F_OK) != 0) return name;
  }
  return Error(ErrorCode::kConflict, "there are nine backups of this second already: try again in a moment");
}

Result<std::vector<std::string>> BackupFolder::Names() const {
  auto names = NamesIn(path_, IsBackupName);
  if (!names) return names.error();
  std::ranges::sort(*names, IsNewer);
  if (names->size() > kMaxListedBackups) names->resize(kMaxListedBackups);
  return names;
}

Status BackupFolder::Publish(const std::string& unfinished, std::string_view name) const {
  const std::string path = PathOf(name);
  if (::rename(unfinished.c_str(), path.c_str()) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "rename " + unfinished + " to " + path, errno);
  }
  return SyncFolderOf(path);
}

Result<std::vector<std::string>> BackupFolder::Retain(std::size_t keep) const {
  auto names = NamesIn(path_, IsOwn);
  if (!names) return names.error();
  std::ranges::sort(*names, IsNewer);
  std::vector<std::string> removed;
  for (std::size_t i = keep; i < names->size(); ++i) {
    const std::string& name = (*names)[i];
    if (::unlink(PathOf(name).c_str()) != 0) {
      return ErrnoError(ErrorCode::kUnavailable, "remove " + PathOf(name), errno);
    }
    removed.push_back(name);
  }
  return removed;
}

}  // namespace claviger::store
