// A backup on its way to become the database: checked, and copied into a file beside the database, under the
// database's own key.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/store/backup_file.h"
#include "daemon/store/connection.h"

namespace claviger::api {

// Main thread only. The copy goes with the object, unless it took the database's place.
class RestoreCandidate {
 public:
  // Reads and checks the backup `name` of the folder of backups: kInvalidArgument for a name that is none,
  // kNotFound, kCorrupt (changed, or another token's), kConflict (another installation's), kUnsupported (a
  // newer program's), kUnavailable (token or disk).
  static Result<std::unique_ptr<RestoreCandidate>> Open(Authority& authority, std::string_view name);
  // Only what can be told without the token: the head.
  static Result<store::BackupContent> ReadHead(Authority& authority, std::string_view name);
  ~RestoreCandidate();
  RestoreCandidate(const RestoreCandidate&) = delete;
  RestoreCandidate& operator=(const RestoreCandidate&) = delete;

  const store::BackupContent& content() const { return content_; }
  // Until Close.
  store::Connection& connection() { return *connection_; }
  // Closes the copy's database; it is whole on the disk then.
  Status Close();
  // Puts the copy in the place of the database, which is closed; what was there is called `replaced` now, if
  // there was anything. A crash at any point leaves the one or the other.
  Status TakePlace(const std::string& replaced);

 private:
  RestoreCandidate(std::string database, store::BackupContent content)
      : database_(std::move(database)), content_(std::move(content)) {}
  std::string path() const { return database_ + ".restoring"; }
  Status Build(Authority& authority, const std::string& extracted);
  static void RemoveLeftovers(const std::string& path);

  const std::string database_;
  store::BackupContent content_;
  std::unique_ptr<store::Connection> connection_;
};

}  // namespace claviger::api
