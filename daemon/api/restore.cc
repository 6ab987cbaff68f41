// RestoreBackup.
#include "daemon/api/restore.h"

#include <boost/json/serialize.hpp>
#include <utility>

#include "base/file.h"
#include "base/hex.h"
#include "daemon/api/backup_json.h"
#include "daemon/api/restore_candidate.h"
#include "daemon/api/restore_comparison.h"
#include "daemon/api/token_inputs.h"
#include "daemon/keys/issuer.h"
#include "hsm/installation.h"

namespace claviger::api {
namespace {

constexpr std::string_view kPauseAll = "pause_all";
constexpr std::string_view kReviveAll = "revive_all";

// What a restore has done, for its reply and its record.
struct Restored {
  std::int64_t revoked = 0;
  std::int64_t paused = 0;
  std::int64_t lost = 0;
  std::optional<store::DatabaseSummary> replaced;  // absent: no database could be read
  std::string replaced_path;
};

class Restoration {
 public:
  Restoration(Authority& authority, const RestoreOrder& order, RestoreCandidate& candidate)
      : authority_(authority), order_(order), candidate_(candidate), now_(authority.clock().Now()) {}

  // With the database closed: all changes to the candidate, and their record, in one transaction.
  Status Prepare();
  // Then: the exchange of the files.
  Status Exchange();
  const Restored& result() const { return restored_; }
  // What is on record of it, after Prepare.
  const audit::AuditRecord& record() const { return record_; }

 private:
  Status CheckOrder(bool continues) const;
  Status ChangeKeys(store::Tables* today, bool continues);
  Status Change(const keys::KeyRecord& backup, const keys::KeyRecord* today, std::optional<KeyFate> fate);
  Status PutOnRecord(store::Tables& tables);

  Authority& authority_;
  const RestoreOrder& order_;
  RestoreCandidate& candidate_;
  const UnixSeconds now_;
  Restored restored_;
  audit::AuditRecord record_;
};

// The database as it is now; null if there is none that can be read. To be called while the store is closed.
Result<std::unique_ptr<store::Connection>> OpenPresent(Authority& authority, std::string_view installation) {
  if (!Exists(authority.DatabasePath())) return std::unique_ptr<store::Connection>();
  const auto key = DatabaseKey(authority.token_mac(), installation);
  if (!key) return key.error();
  auto connection = store::Connection::Open(authority.DatabasePath(), *key);
  if (connection) return std::move(*connection);
  if (connection.error().code() == ErrorCode::kCorrupt) return std::unique_ptr<store::Connection>();
  return connection.error();
}

Status Restoration::Prepare() {
  auto present = OpenPresent(authority_, candidate_.content().header.installation);
  if (!present) return present.error();
  store::Tables* const today = *present ? &(*present)->tables() : nullptr;
  bool continues = false;
  if (today != nullptr) {
    const auto checked = ContinuesFrom(*today, candidate_.content().header.content);
    if (!checked) return checked.error();
    continues = *checked;
    const auto summary = store::Summarise(today->database);
    if (!summary) return summary.error();
    restored_.replaced = *summary;
  }
  if (Status s = CheckOrder(continues); !s) return s;
  store::Transaction& transaction = candidate_.connection().transaction();
  if (Status s = transaction.Begin(); !s) return s;
  if (Status s = ChangeKeys(today, continues); !s) return s;
  if (Status s = PutOnRecord(candidate_.connection().tables()); !s) return s;
  if (Status s = transaction.Commit(); !s) return s;
  return candidate_.Close();
}

Status Restoration::CheckOrder(bool continues) const {
  if (continues == !order_.without_current) return Ok();
  if (continues) {
    return Error(
        ErrorCode::kConflict,
        "the present database tells what became of each key since the backup: leave out pause_all and "
        "revive_all");
  }
  return Error(
      ErrorCode::kConflict,
      "there is no database that tells what became of the keys since the backup: say pause_all (every "
      "key waits for a review) or revive_all (all are as they were then)");
}

Status Restoration::ChangeKeys(store::Tables* today, bool continues) {
  RestoreComparison comparison(
      candidate_.connection().tables(), continues,
      [this](const keys::KeyRecord* backup, const keys::KeyRecord* present, std::optional<KeyFate> fate) {
        if (backup != nullptr) return Change(*backup, present, fate);
        ++restored_.lost;
        return Ok();
      });
  while (true) {
    const auto done = comparison.Step(today);
    if (!done) return done.error();
    if (*done) return Ok();
  }
}

Status Restoration::Change(const keys::KeyRecord& backup, const keys::KeyRecord* today,
                           std::optional<KeyFate> fate) {
  const RestoreRules rules{order_.revive, order_.without_current == WithoutCurrent::kPauseAll,
                           order_.actor.user};
  auto changed = RestoredRecord(backup, today, fate, rules, now_);
  if (!changed) return Ok();
  keys::Issuer issuer(authority_.token_mac(), authority_.settings().Get()->key_prefix);
  const Status whole = issuer.Check(backup);
  // A record that is refused wherever it is used stays as it is: a new MAC would cover up what is wrong.
  if (!whole && whole.error().code() == ErrorCode::kCorrupt) return Ok();
  if (!whole) return whole;
  const auto revised = issuer.Revise(std::move(*changed));
  if (!revised) return revised.error();
  ++(revised->state == keys::RecordState::kRevoked ? restored_.revoked : restored_.paused);
  return candidate_.connection().tables().keys.Update(*revised);
}

Status Restoration::PutOnRecord(store::Tables& tables) {
  boost::json::object after = {
      {"backup", order_.name},      {"made_at", FormatTime(candidate_.content().header.made_at)},
      {"revive", order_.revive},    {"revoked", restored_.revoked},
      {"paused", restored_.paused}, {"lost", restored_.lost}};
  if (order_.without_current) {
    after["without_current"] = *order_.without_current == WithoutCurrent::kPauseAll ? kPauseAll : kReviveAll;
  }
  audit::Act act;
  act.actor = order_.actor;
  act.name = "backup.restore";
  act.after = boost::json::serialize(after);
  if (restored_.replaced) {
    act.before =
        boost::json::serialize(boost::json::object{{"keys", restored_.replaced->keys},
                                                   {"audit_records", restored_.replaced->audit_records},
                                                   {"audit_head", ToHex(restored_.replaced->audit_head)}});
  }
  if (Status s = tables.meta.RaiseHighWater(now_); !s) return s;
  audit::AuditLog log([this](std::int64_t epoch) {
    return AuditEpochKey(authority_.token_mac(), candidate_.content().header.installation, epoch);
  });
  const auto sequence = log.Append(tables.database, act, now_);
  if (!sequence) return sequence.error();
  record_.sequence = *sequence;
  record_.at = now_;
  record_.act = std::move(act);
  return Ok();
}

Status Restoration::Exchange() {
  std::string time = FormatTime(now_);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const std::string base = authority_.DatabasePath() + ".replaced-" + time;
  std::string path = base;
  for (int number = 2; Exists(path) || Exists(path + "-wal"); ++number) {
    path = base + "-" + std::to_string(number);
  }
  const bool replaces = Exists(authority_.DatabasePath());
  if (Status s = candidate_.TakePlace(path); !s) return s;
  if (replaces) restored_.replaced_path = path;
  return Ok();
}

// A host that is bound to no token yet is bound to the one that the backup was made with. What the head says
// is believed only as far as the token proves it.
Status BindAsBackupSays(Authority& authority, const store::BackupHeader& header) {
  hsm::Installation installation;
  installation.id = header.installation;
  installation.serials = header.serials;
  installation.check_values = header.check_values;
  return authority.token().Adopt(std::move(installation));
}

boost::json::object ReplyOf(const RestoreOrder& order, const RestoreCandidate& candidate,
                            const Restored& restored) {
  boost::json::object reply = {{"backup", BackupJson(order.name, candidate.content())},
                               {"revoked", restored.revoked},
                               {"paused", restored.paused},
                               {"lost", restored.lost}};
  if (!restored.replaced_path.empty()) reply["replaced"] = restored.replaced_path;
  return reply;
}

// The store is open afterwards if it was before, whatever happens.
Status Replace(Authority& authority, Restoration& restoration) {
  const bool was_open = authority.store().is_open();
  authority.CloseStore();
  Status done = restoration.Prepare();
  // Before the exchange: a crash between the two must not look like a database that was set back.
  if (done) done = authority.checkpoints().BeginNewLine();
  if (done) done = restoration.Exchange();
  if (!done && !was_open) return done;
  const Status opened = authority.OpenStore();
  if (done && opened) authority.Tell(EventOf(restoration.record()));
  return done ? opened : done;
}

}  // namespace

Result<boost::json::object> RestoreBackup(Authority& authority, const RestoreOrder& order) {
  const auto head = RestoreCandidate::ReadHead(authority, order.name);
  if (!head) return head.error();
  if (authority.token().installation_id().empty()) {
    if (Exists(authority.DatabasePath())) {
      return Error(
          ErrorCode::kConflict,
          authority.DatabasePath() + " exists, but this host is bound to no token: move it away first");
    }
    if (Status s = BindAsBackupSays(authority, head->header); !s) return s.error();
  }
  auto candidate = RestoreCandidate::Open(authority, order.name);
  if (!candidate) return candidate.error();
  Restoration restoration(authority, order, **candidate);
  if (Status s = Replace(authority, restoration); !s) return s.error();
  return ReplyOf(order, **candidate, restoration.result());
}

}  // namespace claviger::api
