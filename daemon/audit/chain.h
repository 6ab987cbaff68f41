// The arithmetic of the chain: what a record's MAC covers, and how one record's key becomes the next one's.
#pragma once

#include <cstdint>
#include <vector>

#include "base/secret.h"
#include "base/token_purpose.h"
#include "daemon/audit/audit_log.h"

namespace claviger::audit {

using ChainKey = SecretArray<32>;

// Every field of the record but `mac`, each preceded by its length (4 bytes, big-endian; numbers have 8
// bytes), after the domain "claviger/audit-record/1". Two records with the same bytes are the same record.
std::vector<std::uint8_t> CanonicalRecord(const AuditRecord& record);

// mac(i): HMAC-SHA-256(key, canonical record || previous). `previous` is all zero before the first record of
// all.
Mac RecordMac(const ChainKey& key, const AuditRecord& record, const Mac& previous);

// K(i) becomes K(i+1); K(i) is gone.
void Ratchet(ChainKey& key);

}  // namespace claviger::audit
