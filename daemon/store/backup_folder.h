// The folder of backups: names, order, how many are kept, what a daemon that died left there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace claviger::store {

inline constexpr std::size_t kMaxListedBackups = 1000;
inline constexpr std::size_t kMaxBackupNameBytes = 96;
inline constexpr std::string_view kBackupSuffix = ".clvbak";
// What is not finished begins so, in the folder of backups.
inline constexpr std::string_view kUnfinishedPrefix = ".making-";

// A file's name without a folder: letters, digits, '-', '_' and '.', no '.' first, kBackupSuffix last.
bool IsBackupName(std::string_view name);
// "claviger-20261124T173811Z.clvbak"; from the second of one second on "claviger-20261124T173811Z-2.clvbak".
std::string BackupName(UnixSeconds made_at, int number);

// The time in a name of BackupName's; nullopt for others.
std::optional<UnixSeconds> TimeInBackupName(std::string_view name);

// Thread-compatible.
class BackupFolder {
 public:
  explicit BackupFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string PathOf(std::string_view name) const { return path_ + "/" + std::string(name); }
  // Makes the folder if it is missing (mode 0700) and removes what was not finished.
  Status Prepare() const;
  // A name that no file has. kConflict if this second has no more.
  Result<std::string> FreeName(UnixSeconds made_at) const;
  // All names, the newest first: those that BackupName makes before those that someone else gave. At most
  // kMaxListedBackups. None if there is no folder.
  Result<std::vector<std::string>> Names() const;
  // Gives `unfinished`, a path in this folder, the name `name`, durably.
  Status Publish(const std::string& unfinished, std::string_view name) const;
  // Removes the oldest of those that BackupName named, until `keep` are left. Their names.
  Result<std::vector<std::string>> Retain(std::size_t keep) const;

 private:
  std::string path_;
};

}  // namespace claviger::store
