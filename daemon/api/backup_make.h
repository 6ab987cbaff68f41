// Makes backups of the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/store/backup_file.h"
#include "daemon/store/backup_folder.h"

namespace claviger::api {

struct MadeBackup {
  std::string name;
  store::BackupContent content;
  std::vector<std::string> removed;  // older ones, that more than are kept
};

store::BackupFolder BackupFolderOf(const Authority& authority);
// When the newest backup was made, by its name alone; nullopt: there is none.
std::optional<UnixSeconds> NewestBackup(const Authority& authority);

// A new backup, on record, and older ones removed as the settings say. Waits for store, token and disk; on
// the main thread. The store goes on with its work between the steps of the copy. After an error there is no
// new file.
Result<MadeBackup> MakeBackup(Authority& authority, const audit::Actor& actor);

// kCorrupt if the MAC of `content`, read from `path`, is not the token's.
Status CheckBackupMac(Authority& authority, const store::BackupContent& content, const std::string& path);

// Removes a file when it goes.
class FileRemover {
 public:
  explicit FileRemover(std::string path) : path_(std::move(path)) {}
  ~FileRemover();
  FileRemover(const FileRemover&) = delete;
  FileRemover& operator=(const FileRemover&) = delete;

 private:
  const std::string path_;
};

}  // namespace claviger::api
