#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "daemon/keys/record.h"

namespace claviger::keys {
namespace {

constexpr std::size_t kUsualRecordBytes = 512;
constexpr std::string_view kMintDomain = "claviger/mint/1";
constexpr std::string_view kVerifyDomain = "claviger/verify/1";

// Writes fields, each preceded by its length in four bytes; all numbers are big-endian.
class FieldWriter {
 public:
  explicit FieldWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  // Of a field whose bytes someone else appends.
  void Length(std::size_t length) { BigEndian(length, 4); }
  void Bytes(std::span<const std::uint8_t> bytes) {
    Length(bytes.size());
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void Text(std::string_view text) {
    Bytes(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  }
  void Number(std::uint64_t value) {
    BigEndian(8, 4);
    BigEndian(value, 8);
  }
  void Time(UnixSeconds time) { Number(static_cast<std::uint64_t>(time)); }
  void Flag(bool flag) { Bytes(std::array{static_cast<std::uint8_t>(flag ? 1 : 0)}); }
  // Absent is an empty field, which no time is.
  void OptionalTime(const std::optional<UnixSeconds>& time) {
    if (time) {
      Time(*time);
    } else {
      Bytes({});
    }
  }

 private:
  void BigEndian(std::uint64_t value, std::size_t bytes) {
    const std::size_t end = out_.size() + bytes;
    out_.resize(end);
    for (std::size_t i = 1; i <= bytes; ++i, value >>= 8) out_[end - i] = static_cast<std::uint8_t>(value);
  }

  std::vector<std::uint8_t>& out_;
};

// The domain, the generation that it is about, and the length of what comes behind them.
void WriteHead(std::vector<std::uint8_t>& out, std::string_view domain, const KeyId& id,
               std::uint32_t generation, std::size_t content) {
  FieldWriter writer(out);
  writer.Text(domain);
  writer.Bytes(id.bytes);
  writer.Number(generation);
  writer.Length(content);
}

bool HasLaterFields(const KeyRecord& record) {
  return !record.bundles.empty() || record.replaces || !record.paused_by.empty() ||
         std::any_of(record.generations.begin(), record.generations.end(),
                     [](const Generation& generation) { return generation.until_used; });
}

// What records did not have from the first. It needs no mark of its own: the fields before it say where they
// end.
void WriteLaterFields(FieldWriter& writer, const KeyRecord& record) {
  writer.Number(record.bundles.size());
  for (const std::string& bundle : record.bundles) writer.Text(bundle);
  if (record.replaces) {
    writer.Bytes(record.replaces->bytes);
  } else {
    writer.Bytes({});  // which no id is
  }
  writer.Text(record.paused_by);
  for (const Generation& generation : record.generations) writer.Flag(generation.until_used);
}

}  // namespace

std::vector<std::uint8_t> CanonicalRecord(const KeyRecord& record) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kUsualRecordBytes);
  FieldWriter writer(bytes);
  writer.Bytes(record.id.bytes);
  writer.Number(record.version);
  writer.Text(record.name);
  writer.Text(record.description);
  writer.Text(record.owner);
  writer.Text(record.team);
  writer.Text(record.creator);
  writer.Time(record.created);
  writer.Time(record.not_before);
  writer.Time(record.expires);
  writer.Number(record.scopes.size());
  for (const std::string& scope : record.scopes) writer.Text(scope);
  writer.Flag(record.unscoped);
  writer.Text(record.unscoped_reason);
  writer.Number(static_cast<std::uint64_t>(record.state));
  writer.OptionalTime(record.revoked_at);
  writer.Text(record.end_reason);
  writer.Number(record.generations.size());
  for (const Generation& generation : record.generations) {
    writer.Number(generation.number);
    writer.Bytes(generation.verifier);
    writer.Time(generation.created);
    writer.OptionalTime(generation.ends);
  }
  if (HasLaterFields(record)) WriteLaterFields(writer, record);
  return bytes;
}

MintOrder OrderOfMint(const KeyId& id, std::uint32_t generation, std::span<const std::uint8_t, 32> ours) {
  MintOrder order;
  order.mint_head.reserve(kMaxMacInput);
  order.verify_head.reserve(kMaxMacInput);
  WriteHead(order.mint_head, kMintDomain, id, generation, ours.size() + kMintRandomBytes);
  order.mint_head.insert(order.mint_head.end(), ours.begin(), ours.end());
  WriteHead(order.verify_head, kVerifyDomain, id, generation, sizeof(Mac));
  return order;
}

MacRequest VerifierRequest(const KeyId& id, std::uint32_t generation, const KeySecret& secret) {
  MacRequest request{TokenPurpose::kVerify, {}};
  // All room at once, so that no half-written copy of a secret is left behind by growth.
  request.input.reserve(kMaxMacInput);
  const auto bytes = secret.Expose();
  WriteHead(request.input, kVerifyDomain, id, generation, bytes.size());
  request.input.insert(request.input.end(), bytes.begin(), bytes.end());
  return request;
}

MacRequest RecordMacRequest(const KeyRecord& record) {
  MacRequest request{TokenPurpose::kRecord, {}};
  request.input.reserve(kMaxMacInput);
  FieldWriter writer(request.input);
  writer.Text("claviger/record/1");
  writer.Bytes(Sha256(CanonicalRecord(record)));
  return request;
}

}  // namespace claviger::keys
