#include "daemon/audit/chain.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/crypto.h"

namespace claviger::audit {
namespace {

constexpr std::string_view kRecordDomain = "claviger/audit-record/1";
constexpr std::string_view kRatchetDomain = "claviger/audit-ratchet/1";

void AppendBigEndian(std::vector<std::uint8_t>& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void AppendText(std::vector<std::uint8_t>& out, std::string_view text) {
  AppendBigEndian(out, text.size(), 4);
  out.insert(out.end(), text.begin(), text.end());
}

void AppendNumber(std::vector<std::uint8_t>& out, std::int64_t value) {
  AppendBigEndian(out, 8, 4);
  AppendBigEndian(out, static_cast<std::uint64_t>(value), 8);
}

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
