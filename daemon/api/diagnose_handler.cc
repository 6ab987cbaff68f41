#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <boost/json/array.hpp>
#include <cstdio>

#include "daemon/api/backup_make.h"
#include "daemon/api/handlers.h"
#include "daemon/api/management.h"
#include "daemon/store/library.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

constexpr std::int64_t kOldBackup = 3 * std::int64_t{86400};
constexpr std::uint64_t kLowDiskBytes = std::uint64_t{64} * 1024 * 1024;

// Collects the rows of Diagnose's reply.
class Checks {
 public:
  void Ok(std::string_view name, std::string_view finding) { Add(name, "ok", finding, ""); }
  void Warn(std::string_view name, std::string_view finding, std::string_view advice) {
    Add(name, "warning", finding, advice);
  }
  void Fail(std::string_view name, std::string_view finding, std::string_view advice) {
    Add(name, "failed", finding, advice);
  }
  boost::json::array Take() { return std::move(rows_); }

 private:
  void Add(std::string_view name, std::string_view state, std::string_view finding, std::string_view advice) {
    boost::json::object row = {{"name", name}, {"state", state}, {"finding", finding}};
    if (!advice.empty()) row["advice"] = advice;
    rows_.push_back(std::move(row));
  }
  boost::json::array rows_;
};

std::string Microseconds(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f us", value);
  return text.data();
}

void CheckToken(Authority& authority, Checks& checks) {
  const hsm::TokenStatus status = authority.token().status();
  const std::string state(hsm::TokenStateName(status.state));
  if (status.state == hsm::TokenState::kReady) {
    checks.Ok("token", status.message);
  } else {
    checks.Fail("token", "state " + state, status.message);
  }
}

void CheckMechanism(Checks& checks, std::string_view name, bool offered, bool needed,
                    std::string_view without) {
  if (offered) {
    checks.Ok(name, "offered");
  } else if (needed) {
    checks.Fail(name, "not offered by this token", without);
  } else {
    checks.Warn(name, "not offered by this token", without);
  }
}

void CheckCapabilities(Authority& authority, Checks& checks) {
  const auto capabilities = authority.token().Probe();
  if (!capabilities) {
    checks.Fail("token capabilities", "not known: " + capabilities.error().message(),
                "mend the token, then run doctor again");
    return;
  }
  checks.Ok("token model", capabilities->manufacturer + " " + capabilities->model + ", serial " +
                               capabilities->serial + ", by " + capabilities->library);
  CheckMechanism(checks, "CKM_SHA256_HMAC", capabilities->can_hmac_sha256, true,
                 "use a token that offers it");
  CheckMechanism(checks, "CKM_GENERIC_SECRET_KEY_GEN", capabilities->can_generate_generic_secret, false,
                 "import the purpose keys with the token's own tools before claviger token init");
  CheckMechanism(checks, "C_GenerateRandom", capabilities->can_generate_random, true,
                 "use a token that offers it");
  CheckMechanism(checks, "C_CopyObject", capabilities->can_copy_to_session, false,
                 "nothing to do: calls are slower on some tokens");
  checks.Ok("HMAC speed", Microseconds(capabilities->hmac_microseconds) + " in the token, " +
                              Microseconds(capabilities->call_microseconds) + " from the daemon and back");
}

void CheckStateDirectory(Authority& authority, Checks& checks) {
  const std::string& path = authority.state_directory();
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    checks.Fail("state directory", path + " cannot be read",
                "create it for the daemon's user with mode 0700");
    return;
  }
  if ((status.st_mode & 077) != 0) {
    checks.Warn("state directory", path + " is open to others than the daemon's user", "chmod 0700 " + path);
  } else {
    checks.Ok("state directory", path + " is private");
  }
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) return;
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const std::string finding = std::to_string(free_bytes / 1024 / 1024) + " MiB free";
  if (free_bytes < kLowDiskBytes) {
    checks.Fail("disk", finding, "make room: changes are refused when the disk is full");
  } else {
    checks.Ok("disk", finding);
  }
}

void CheckStore(Authority& authority, Checks& checks) {
  if (authority.store().is_open()) {
    checks.Ok("database", "open; schema as expected");
  } else {
    checks.Fail("database", "closed",
                "it opens by itself once the token is ready; if it does not, see the daemon's log");
  }
}

void CheckLibrary(Checks& checks) {
  const auto version = store::ReadLibraryVersion();
  if (!version) return checks.Fail("SQLCipher", version.error().message(), "install Debian's libsqlcipher0");
  const std::string finding = version->cipher + ", with SQLite " + version->sqlite;
  if (version->as_built) return checks.Ok("SQLCipher", finding);
  checks.Warn("SQLCipher", finding + ", is another one than clavigerd was built with",
              "install the claviger of this Debian release");
}

void CheckAudit(Authority& authority, Checks& checks) {
  const CheckpointStanding standing = authority.checkpoints().standing();
  if (!standing.fault.empty()) {
    checks.Fail("audit", standing.fault, "see clavigerd(8), section AUDIT");
  } else if (standing.newest) {
    checks.Ok("audit", "newest checkpoint of " + FormatTime(standing.newest->at) + ", record " +
                           std::to_string(standing.newest->sequence));
  } else {
    checks.Warn("audit", "no checkpoint", "systemctl enable --now claviger-audit.timer");
  }
}

void CheckClock(Authority& authority, Checks& checks) {
  if (authority.clock().suspect()) {
    checks.Fail("clock", "the wall clock jumped by more than a day and is not followed",
                "set the clock right, then restart the daemon; if it is suspect again, "
                "clavigerd(8) says how to accept the clock");
  } else {
    checks.Ok("clock", "trusted; " + FormatTime(authority.clock().Now()));
  }
}

void CheckCatalogue(Authority& authority, Checks& checks) {
  const std::size_t scopes = authority.settings().Get()->catalogue->scopes().size();
  if (scopes == 0) {
    checks.Warn("catalogue", "no scopes",
                "put a catalogue file into the scopes directory and reload the daemon");
  } else {
    checks.Ok("catalogue", std::to_string(scopes) + " scopes");
  }
}

void CheckBackups(Authority& authority, Checks& checks) {
  const std::optional<UnixSeconds> newest = NewestBackup(authority);
  if (!newest) {
    checks.Warn("backup", "there is none", "run claviger backup, or enable claviger-backup.timer");
    return;
  }
  const std::int64_t age = authority.clock().Now() - *newest;
  const std::string finding = "the newest is of " + FormatTime(*newest);
  if (age > kOldBackup) {
    checks.Warn("backup", finding, "run claviger backup, and see why claviger-backup.timer did not");
  } else {
    checks.Ok("backup", finding);
  }
}

}  // namespace

Disposition HandleDiagnose(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  return RunAsOperatorTask(context, [&authority = context.authority](Answer answer) {
    Checks checks;
    CheckToken(authority, checks);
    CheckCapabilities(authority, checks);
    CheckStore(authority, checks);
    CheckLibrary(checks);
    CheckStateDirectory(authority, checks);
    CheckAudit(authority, checks);
    CheckClock(authority, checks);
    CheckCatalogue(authority, checks);
    CheckBackups(authority, checks);
    WipingBuffer frame;
    protocol::AppendReply(frame, {{"checks", checks.Take()}});
    std::move(answer).Send(std::move(frame));
  });
}

}  // namespace claviger::api
