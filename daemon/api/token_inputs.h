// What the token is asked about the installation as a whole, and not about one key.
#pragma once

#include <span>
#include <string_view>

#include "base/crypto.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/token_purpose.h"
#include "daemon/keys/token_mac.h"

namespace claviger::api {

// `domain` ("claviger/store/1"), the installation's id and `more` ("" = nothing), each with its length before
// it.
MacRequest InstallationRequest(TokenPurpose purpose, std::string_view domain,
                               std::string_view installation_id, std::string_view more);

// These block on the token; kUnavailable if it is not ready.
// The key of the live database.
Result<Secret> DatabaseKey(keys::TokenMac& token, std::string_view installation_id);
// The key of the database in one backup, which `nonce` names.
Result<Secret> BackupKey(keys::TokenMac& token, std::string_view installation_id,
                         std::span<const std::uint8_t> nonce);
// The MAC at the end of a backup.
Result<Mac> BackupMac(keys::TokenMac& token, std::string_view installation_id, const Sha256Digest& digest);
// The key of one snapshot of the cache, which `nonce` names.
Result<Secret> SnapshotKey(keys::TokenMac& token, std::string_view installation_id,
                           std::span<const std::uint8_t> nonce);
// K(0) of an epoch of the audit log.
Result<Mac> AuditEpochKey(keys::TokenMac& token, std::string_view installation_id, std::int64_t epoch);

}  // namespace claviger::api
