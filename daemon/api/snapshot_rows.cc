#include "daemon/api/snapshot_rows.h"

#include <cstring>
#include <string>
#include <type_traits>

namespace claviger::api {
namespace {

enum : std::uint8_t { kHasPrevious = 1, kUntilUsed = 2, kGraceOver = 4, kAllFlags = 7 };

template <class T>
void Put(WipingBuffer& piece, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  Append(piece, {reinterpret_cast<const char*>(&value), sizeof(T)});
}

void PutText(WipingBuffer& piece, std::string_view text) {
  Put(piece, static_cast<std::uint16_t>(text.size()));
  Append(piece, text);
}

void PutProof(WipingBuffer& piece, const SnapshotProof& proof) {
  Put(piece, proof.proof.low);
  Put(piece, proof.proof.high);
  Put(piece, static_cast<std::uint32_t>(proof.life.count()));
}

template <class T>
bool Take(std::span<const std::uint8_t>& rows, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (rows.size() < sizeof(T)) return false;
  std::memcpy(&value, rows.data(), sizeof(T));
  rows = rows.subspan(sizeof(T));
  return true;
}

bool TakeText(std::span<const std::uint8_t>& rows, std::string_view& text) {
  std::uint16_t size = 0;
  if (!Take(rows, size) || rows.size() < size) return false;
  text = {reinterpret_cast<const char*>(rows.data()), size};
  rows = rows.subspan(size);
  return true;
}

bool TakeProof(std::span<const std::uint8_t>& rows, SnapshotProof& proof) {
  std::uint32_t life = 0;
  if (!Take(rows, proof.proof.low) || !Take(rows, proof.proof.high) || !Take(rows, life)) return false;
  proof.life = std::chrono::milliseconds(life);
  return true;
}

}  // namespace

void AppendHeadRow(WipingBuffer& piece, const SnapshotHead& head) {
  Put(piece, head.moment.schema);
  Put(piece, head.moment.sequence);
  Put(piece, head.moment.newest_act);
  Put(piece, head.wall);
  Put(piece, head.boottime);
  Put(piece, head.entries);
  const auto key = head.proof_key.Expose();
  const char* const bytes = reinterpret_cast<const char*>(key.data());
  piece.insert(piece.end(), bytes, bytes + key.size());
}

bool TakeHeadRow(std::span<const std::uint8_t>& rows, SnapshotHead& head) {
  if (!Take(rows, head.moment.schema) || !Take(rows, head.moment.sequence) ||
      !Take(rows, head.moment.newest_act) || !Take(rows, head.wall) || !Take(rows, head.boottime) ||
      !Take(rows, head.entries) || rows.size() < keys::ProofKey::kBytes) {
    return false;
  }
  std::memcpy(head.proof_key.ExposeForWriting().data(), rows.data(), keys::ProofKey::kBytes);
  rows = rows.subspan(keys::ProofKey::kBytes);
  return true;
}

void AppendProfileRow(WipingBuffer& piece, const keys::KeyRecord& record) {
  PutText(piece, record.owner);
  Put(piece, static_cast<std::uint8_t>(record.unscoped));
  Put(piece, static_cast<std::uint32_t>(record.scopes.size()));
  for (const std::string& grant : record.scopes) PutText(piece, grant);
}

bool TakeProfileRow(std::span<const std::uint8_t>& rows, keys::KeyRecord& record) {
  std::string_view text;
  std::uint8_t unscoped = 0;
  std::uint32_t grants = 0;
  if (!TakeText(rows, text) || !Take(rows, unscoped) || !Take(rows, grants) || unscoped > 1) return false;
  record.owner = text;
  record.unscoped = unscoped == 1;
  record.scopes.clear();
  for (; grants > 0; --grants) {
    if (!TakeText(rows, text)) return false;
    record.scopes.emplace_back(text);
  }
  return true;
}

void AppendEntryRow(WipingBuffer& piece, const SnapshotEntry& entry) {
  const keys::KeyEntryParts& parts = entry.parts;
  std::uint8_t flags = 0;
  if (parts.previous) {
    flags = static_cast<std::uint8_t>(kHasPrevious | (parts.previous->until_used ? kUntilUsed : 0) |
                                      (parts.previous->grace_over ? kGraceOver : 0));
  }
  Put(piece, parts.id.bytes);
  Put(piece, flags);
  Put(piece, parts.generation);
  Put(piece, parts.record_tag);
  Put(piece, parts.not_before);
  Put(piece, parts.expires);
  Put(piece, entry.profile);
  PutProof(piece, entry.current);
  PutText(piece, parts.name);
  if (!parts.previous) return;
  Put(piece, parts.previous->number);
  Put(piece, parts.previous->ends);
  PutProof(piece, entry.previous);
}

bool TakeEntryRow(std::span<const std::uint8_t>& rows, SnapshotEntry& entry) {
  keys::KeyEntryParts& parts = entry.parts;
  std::uint8_t flags = 0;
  if (!Take(rows, parts.id.bytes) || !Take(rows, flags) || !Take(rows, parts.generation) ||
      !Take(rows, parts.record_tag) || !Take(rows, parts.not_before) || !Take(rows, parts.expires) ||
      !Take(rows, entry.profile) || !TakeProof(rows, entry.current) || !TakeText(rows, parts.name)) {
    return false;
  }
  parts.previous.reset();
  entry.previous = {};
  if ((flags & ~kAllFlags) != 0) return false;
  if ((flags & kHasPrevious) == 0) return flags == 0;
  parts.previous = keys::KeyEntryParts::Previous();
  keys::KeyEntryParts::Previous& previous = *parts.previous;
  previous.until_used = (flags & kUntilUsed) != 0;
  previous.grace_over = (flags & kGraceOver) != 0;
  return Take(rows, previous.number) && Take(rows, previous.ends) && TakeProof(rows, entry.previous);
}

}  // namespace claviger::api
