#include "daemon/api/restore_candidate.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "daemon/api/backup_make.h"
#include "daemon/api/token_inputs.h"
#include "daemon/store/backup_copy.h"
#include "daemon/store/database_file.h"
#include "daemon/store/migrations.h"

namespace claviger::api {
namespace {

constexpr std::array kDatabaseFiles = {"", "-wal", "-journal", ".lock"};

Error Failed(std::string_view what, const std::string& path) {
  return ErrnoError(ErrorCode::kUnavailable, std::string(what) + " " + path, errno);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Status CheckFits(Authority& authority, const store::BackupHeader& header) {
  if (header.content.schema > store::kSchemaVersion) {
    return Error(ErrorCode::kUnsupported,
                 "the backup has schema version " + std::to_string(header.content.schema) +
                     ", this program knows " + std::to_string(store::kSchemaVersion) +
                     ": restore it with the newer program that made it");
  }
  const std::string id = authority.token().installation_id();
  if (!id.empty() && header.installation != id) {
    return Error(ErrorCode::kConflict,
                 "the backup was made by another installation, with the keys of the token " +
                     Joined(header.serials) +
                     ": they cannot be used without that token; restore it on a host that has it");
  }
  return Ok();
}

Status CheckTokenReady(Authority& authority) {
  const hsm::TokenStatus token = authority.token().status();
  if (token.state == hsm::TokenState::kReady) return Ok();
  return Error(ErrorCode::kUnavailable, "a backup cannot be checked without its token: " + token.message);
}

}  // namespace

Result<store::BackupContent> RestoreCandidate::ReadHead(Authority& authority, std::string_view name) {
  if (!store::IsBackupName(name)) {
    return Error(
        ErrorCode::kInvalidArgument,
        "name: is not the name of a file in the folder of backups; it has letters, digits, '-', '_' and "
        "'.', and ends with .clvbak");
  }
  auto content = store::ReadBackupHead(BackupFolderOf(authority).PathOf(name));
  if (!content) return content.error();
  if (Status s = CheckFits(authority, content->header); !s) return s.error();
  return content;
}

Result<std::unique_ptr<RestoreCandidate>> RestoreCandidate::Open(Authority& authority,
                                                                 std::string_view name) {
  if (const auto head = ReadHead(authority, name); !head) return head.error();
  if (Status s = CheckTokenReady(authority); !s) return s.error();
  const store::BackupFolder folder = BackupFolderOf(authority);
  if (Status s = folder.Prepare(); !s) return s.error();
  const std::string path = folder.PathOf(name);
  const std::string extracted = folder.PathOf(".making-restored");
  const FileRemover remover(extracted);
  auto content = store::ReadBackupFile(path, extracted);
  if (!content) return content.error();
  if (Status s = CheckFits(authority, content->header); !s) return s.error();
  if (Status s = CheckBackupMac(authority, *content, path); !s) return s.error();
  std::unique_ptr<RestoreCandidate> candidate(
      new RestoreCandidate(authority.DatabasePath(), std::move(*content)));
  if (Status s = candidate->Build(authority, extracted); !s) return s.error();
  return candidate;
}

Status RestoreCandidate::Build(Authority& authority, const std::string& extracted) {
  RemoveLeftovers(path());
  const store::BackupHeader& header = content_.header;
  const auto from = BackupKey(authority.token_mac(), header.installation, header.nonce);
  if (!from) return from.error();
  const auto to = DatabaseKey(authority.token_mac(), header.installation);
  if (!to) return to.error();
  auto source = store::Database::OpenBare(extracted, *from);
  if (!source) return source.error();
  const auto found = store::Summarise(**source);
  if (!found) return found.error();
  if (*found != header.content) {
    return Error(ErrorCode::kCorrupt, "the backup does not hold what its head says: take another backup");
  }
  if (Status s = store::CopyDatabase(**source, path(), *to); !s) return s;
  auto connection = store::Connection::Open(path(), *to);
  if (!connection) return connection.error();
  connection_ = std::move(*connection);
  return Ok();
}

RestoreCandidate::~RestoreCandidate() {
  connection_.reset();
  RemoveLeftovers(path());
}

void RestoreCandidate::RemoveLeftovers(const std::string& path) {
  for (const char* const ending : kDatabaseFiles) ::unlink((path + ending).c_str());
}

Status RestoreCandidate::Close() {
  connection_.reset();
  if (Exists(path() + "-wal")) {
    return Error(ErrorCode::kUnavailable, "the restored database could not be written whole: make room");
  }
  const UniqueFd fd(::open(path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return Failed("open", path());
  if (::fsync(fd.get()) != 0) return Failed("fsync", path());
  return Ok();
}

// The old log must be gone before the new file has the name that it belongs to: SQLite would take it for the
// new file's. Where the old database was in order there is none.
Status RestoreCandidate::TakePlace(const std::string& replaced) {
  const std::string log = database_ + "-wal";
  if (Exists(database_) && ::link(database_.c_str(), replaced.c_str()) != 0) {
    return Failed("keep the present database as", replaced);
  }
  if (Exists(log) && ::link(log.c_str(), (replaced + "-wal").c_str()) != 0) {
    return Failed("keep the present log as", replaced + "-wal");
  }
  if (Status s = store::SyncFolderOf(database_); !s) return s;
  if (::unlink(log.c_str()) != 0 && errno != ENOENT) return Failed("remove", log);
  if (::rename(path().c_str(), database_.c_str()) != 0) {
    const Error failed = Failed("rename", path());
    ::unlink(replaced.c_str());  // still the database itself, by another name
    return failed;
  }
  return store::SyncFolderOf(database_);
}

}  // namespace claviger::api
