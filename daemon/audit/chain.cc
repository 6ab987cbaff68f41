#include "daemon/audit/chain.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/crypto.h"
#include "daemon/audit/canonical_form.h"

namespace claviger::audit {
namespace {

constexpr std::string_view kRecordDomain = "claviger/audit-record/1";
constexpr std::string_view kRatchetDomain = "claviger/audit-ratchet/1";

}  // namespace

std::vector<std::uint8_t> CanonicalRecord(const AuditRecord& record) {
  const Act& act = record.act;
  std::vector<std::uint8_t> out;
  out.reserve(256 + act.before.size() + act.after.size() + sizeof(Mac));
  AppendText(out, kRecordDomain);
  AppendNumber(out, record.sequence);
  AppendNumber(out, record.epoch);
  AppendNumber(out, record.index);
  AppendNumber(out, record.at);
  AppendText(out, act.actor.user);
  AppendNumber(out, act.actor.uid);
  AppendNumber(out, act.actor.gid);
  AppendNumber(out, act.actor.pid);
  AppendText(out, act.actor.unit);
  AppendText(out, act.actor.command);
  AppendText(out, act.name);
  AppendText(out, act.subject);
  AppendText(out, act.before);
  AppendText(out, act.after);
  return out;
}

Mac RecordMac(const ChainKey& key, const AuditRecord& record, const Mac& previous) {
  std::vector<std::uint8_t> input = CanonicalRecord(record);
  input.insert(input.end(), previous.begin(), previous.end());
  return HmacSha256(key.Expose(), input);
}

void Ratchet(ChainKey& key) {
  std::array<std::uint8_t, kRatchetDomain.size() + 32> input;
  std::copy(kRatchetDomain.begin(), kRatchetDomain.end(), input.begin());
  std::ranges::copy(key.Expose(), input.begin() + kRatchetDomain.size());
  Sha256Digest next = Sha256(input);
  std::ranges::copy(next, key.ExposeForWriting().begin());
  Wipe(std::span<std::uint8_t>(next));
  Wipe(std::span<std::uint8_t>(input));
}

}  // namespace claviger::audit
