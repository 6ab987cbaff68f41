#include "daemon/api/backup_make.h"

#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <future>
#include <memory>
#include <utility>

#include "daemon/api/token_inputs.h"
#include "daemon/store/backup_copy.h"
#include "hsm/installation.h"

namespace claviger::api {
namespace {

// Runs `work` on the store thread, outside of any transaction, and waits.
Status RunApart(Authority& authority, store::StoreThread::Work work) {
  std::promise<Status> outcome;
  authority.store().SubmitApart(std::move(work),
                                [&outcome](const Status& status) { outcome.set_value(status); });
  return outcome.get_future().get();
}

// The live database into `path`, in steps; what was in it when the last one ended.
Result<store::DatabaseSummary> CopyLive(Authority& authority, const std::string& path, const Secret& key) {
  Status done = RunApart(authority, [&](store::Tables& tables) -> Status {
    auto copy = store::DatabaseCopy::Start(tables.database, path, key);
    if (!copy) return copy.error();
    tables.database.copy() = std::move(*copy);
    return Ok();
  });
  store::DatabaseSummary summary;
  bool whole = false;
  while (done && !whole) {
    done = RunApart(authority, [&](store::Tables& tables) -> Status {
      auto& copy = tables.database.copy();
      if (!copy) {
        return Error(ErrorCode::kUnavailable, "the database was opened anew while it was copied: try again");
      }
      const auto step = copy->Step();
      if (!step || *step) copy.reset();
      if (!step) return step.error();
      whole = *step;
      if (!whole) return Ok();
      auto summarised = store::Summarise(tables.database);
      if (!summarised) return summarised.error();
      summary = *summarised;
      return Ok();
    });
  }
  if (!done) return done.error();
  return summary;
}

// Encrypted, readable with its key and not with another, and with everything in it.
Status CheckCopy(const std::string& path, const Secret& key, const store::DatabaseSummary& expected) {
  if (Status s = store::CheckNotPlain(path); !s) return s;
  auto copy = store::Database::OpenBare(path, key);
  if (!copy) return copy.error();
  const auto found = store::Summarise(**copy);
  if (!found) return found.error();
  if (*found != expected) {
    return Error(ErrorCode::kInternal, "the copy of the database does not hold what the database holds");
  }
  copy->reset();
  const std::vector<std::uint8_t> zeros(store::kDatabaseKeyBytes);
  if (store::Database::OpenBare(path, Secret{std::span(zeros)})) {
    return Error(ErrorCode::kInternal, "the copy of the database opens with a key that is not its own");
  }
  return Ok();
}

Result<store::BackupHeader> NewHeader(Authority& authority) {
  const auto installation = hsm::LoadInstallation(authority.state_directory());
  if (!installation) return installation.error();
  if (!*installation || !authority.store().is_open()) {
    return Error(ErrorCode::kUnavailable, "the database is closed: see claviger status, then try again");
  }
  store::BackupHeader header;
  header.made_at = authority.clock().Now();
  header.installation = (*installation)->id;
  header.serials = (*installation)->serials;
  header.check_values = (*installation)->check_values;
  FillRandom(header.nonce);
  return header;
}

// The finished file under its unfinished name.
Result<store::BackupContent> WriteUnfinished(Authority& authority, store::BackupHeader header,
                                             const std::string& path) {
  const std::string database = BackupFolderOf(authority).PathOf(".making-database");
  const FileRemover remover(database);
  const auto key = BackupKey(authority.token_mac(), header.installation, header.nonce);
  if (!key) return key.error();
  const auto summary = CopyLive(authority, database, *key);
  if (!summary) return summary.error();
  if (Status s = CheckCopy(database, *key, *summary); !s) return s.error();
  header.content = *summary;
  const Status written = store::WriteBackupFile(path, header, database, [&](const Sha256Digest& digest) {
    return BackupMac(authority.token_mac(), header.installation, digest);
  });
  if (!written) return written.error();
  auto content = store::ReadBackupFile(path, "");
  if (!content) return content.error();
  if (Status s = CheckBackupMac(authority, *content, path); !s) return s.error();
  return content;
}

audit::Act BackupAct(const audit::Actor& actor, const MadeBackup& made) {
  audit::Act act;
  act.actor = actor;
  act.name = "backup.make";
  act.after = boost::json::serialize(boost::json::object{
      {"backup", made.name},
      {"keys", made.content.header.content.keys},
      {"audit_records", made.content.header.content.audit_records},
      {"bytes", made.content.file_bytes},
  });
  return act;
}

}  // namespace

FileRemover::~FileRemover() { ::unlink(path_.c_str()); }

store::BackupFolder BackupFolderOf(const Authority& authority) {
  return store::BackupFolder(authority.state_directory() + "/backups");
}

std::optional<UnixSeconds> NewestBackup(const Authority& authority) {
  const auto names = BackupFolderOf(authority).Names();
  if (!names || names->empty()) return std::nullopt;
  return store::TimeInBackupName(names->front());
}

Status CheckBackupMac(Authority& authority, const store::BackupContent& content, const std::string& path) {
  const auto mac = BackupMac(authority.token_mac(), content.header.installation, content.digest);
  if (!mac) return mac.error();
  if (EqualInConstantTime(*mac, content.mac)) return Ok();
  return Error(
      ErrorCode::kCorrupt,
      path + ": its MAC is wrong, so it was changed, or made with another token; take another backup");
}

Result<MadeBackup> MakeBackup(Authority& authority, const audit::Actor& actor) {
  auto header = NewHeader(authority);
  if (!header) return header.error();
  const store::BackupFolder folder = BackupFolderOf(authority);
  if (Status s = folder.Prepare(); !s) return s.error();
  auto name = folder.FreeName(header->made_at);
  if (!name) return name.error();
  const std::string unfinished = folder.PathOf(".making-backup");
  const FileRemover remover(unfinished);
  auto content = WriteUnfinished(authority, std::move(*header), unfinished);
  if (!content) return content.error();
  MadeBackup made{std::move(*name), std::move(*content), {}};
  if (Status s = folder.Publish(unfinished, made.name); !s) return s.error();
  if (Status s = authority.RecordAct(BackupAct(actor, made)); !s) {
    ::unlink(folder.PathOf(made.name).c_str());
    return s.error();
  }
  auto removed = folder.Retain(authority.settings().Get()->backups_kept);
  if (!removed) return removed.error();
  made.removed = std::move(*removed);
  return made;
}

}  // namespace claviger::api
