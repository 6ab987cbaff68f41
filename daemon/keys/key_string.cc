#include "daemon/keys/key_string.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/base62.h"
#include "base/crypto.h"
#include "base/mutex.h"
#include "base/text.h"
#include "daemon/keys/crc32.h"

namespace claviger::keys {
namespace {

static_assert(Base62Width(sizeof(KeyId::bytes)) == kKeyIdLength);
static_assert(Base62Width(32) == kSecretLength);
static_assert(Base62Width(4) == kCrcLength);

constexpr std::string_view kSecretTokenScheme = "secret-token:";  // RFC 8959
constexpr std::size_t kLengthAfterPrefix = kMaxKeyStringLength - kMaxPrefixLength;

void PutBigEndian(std::span<std::uint8_t, 4> out, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::array<std::uint8_t, 4> CrcOf(std::string_view text) {
  std::array<std::uint8_t, 4> bytes;
  PutBigEndian(bytes, Crc32(text));
  return bytes;
}

void PutBigEndian(std::span<std::uint8_t, 8> out, std::uint64_t value) {
  PutBigEndian(out.first<4>(), static_cast<std::uint32_t>(value >> 32));
  PutBigEndian(out.last<4>(), static_cast<std::uint32_t>(value));
}

// The random part of ids. Those of one second ascend, so that the indexes of the store grow at their ends:
// with no order among them, thousands of issues in a second would each change other pages of every index by
// id.
class RandomAscent {
 public:
  std::uint64_t Next(std::uint32_t second) EXCLUDES(mutex_) {
    std::uint64_t random = 0;
    FillRandom(std::span(reinterpret_cast<std::uint8_t*>(&random), sizeof(random)));
    const MutexLock lock(mutex_);
    // From 1 to 2^40: no one can tell the next id from this one.
    last_ = second == second_ ? last_ + 1 + (random >> 24) : random;
    second_ = second;
    return last_;
  }

 private:
  Mutex mutex_;
  std::uint32_t second_ GUARDED_BY(mutex_) = 0;
  std::uint64_t last_ GUARDED_BY(mutex_) = 0;
};

bool IsPrefix(std::string_view text) {
  return text.size() >= kMinPrefixLength && text.size() <= kMaxPrefixLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

KeyId KeyId::Make(UnixSeconds now) {
  constexpr std::int64_t kLastSecond = std::numeric_limits<std::uint32_t>::max();  // in 2156
  static RandomAscent ascent;
  const auto second =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(now - kEarliestTime, 0, kLastSecond));
  KeyId id;
  const std::span<std::uint8_t, 12> bytes(id.bytes);
  PutBigEndian(bytes.first<4>(), second);
  PutBigEndian(bytes.last<8>(), ascent.Next(second));
  return id;
}

std::optional<KeyId> KeyId::Parse(std::string_view text) {
  KeyId id;
  if (!DecodeBase62(text, id.bytes)) return std::nullopt;
  return id;
}

std::string KeyId::ToString() const {
  std::string text(kKeyIdLength, '\0');
  EncodeBase62(bytes, text);
  return text;
}

std::optional<KeyStringView> ReadKeyString(std::string_view text) {
  if (text.starts_with(kSecretTokenScheme)) text.remove_prefix(kSecretTokenScheme.size());
  if (text.size() <= kLengthAfterPrefix || text.size() > kMaxKeyStringLength) return std::nullopt;
  const std::string_view prefix = text.substr(0, text.size() - kLengthAfterPrefix);
  const std::string_view rest = text.substr(prefix.size());
  if (!IsPrefix(prefix) || rest[0] != '_' || rest[1 + kKeyIdLength] != '_') return std::nullopt;
  std::array<std::uint8_t, 4> crc;
  if (!DecodeBase62(rest.substr(rest.size() - kCrcLength), crc)) return std::nullopt;
  if (crc != CrcOf(text.substr(0, text.size() - kCrcLength))) return std::nullopt;
  std::optional<KeyStringView> view(std::in_place);
  view->text = text;
  view->id_text = rest.substr(1, kKeyIdLength);
  if (!DecodeBase62(view->id_text, view->id.bytes)) return std::nullopt;
  return view;
}

std::optional<PresentedKey> ParseKeyString(std::string_view text) {
  const auto view = ReadKeyString(text);
  if (!view) return std::nullopt;
  std::optional<PresentedKey> key(std::in_place);
  key->id = view->id;
  const std::string_view secret =
      view->text.substr(view->text.size() - kSecretLength - kCrcLength, kSecretLength);
  if (!DecodeBase62(secret, key->secret.ExposeForWriting())) return std::nullopt;
  return key;
}

Secret FormatKeyString(std::string_view prefix, const KeyId& id, const KeySecret& secret) {
  std::array<char, kMaxKeyStringLength> text;
  const std::size_t length = prefix.copy(text.data(), kMaxPrefixLength) + kLengthAfterPrefix;
  std::span<char> rest = std::span(text).subspan(length - kLengthAfterPrefix, kLengthAfterPrefix);
  rest[0] = '_';
  EncodeBase62(id.bytes, rest.subspan(1, kKeyIdLength));
  rest = rest.subspan(kKeyIdLength + 1);
  rest[0] = '_';
  EncodeBase62(secret.Expose(), rest.subspan(1, kSecretLength));
  EncodeBase62(CrcOf({text.data(), length - kCrcLength}), rest.last(kCrcLength));
  Secret formatted = Secret::FromText({text.data(), length});
  Wipe(std::span<char>(text));
  return formatted;
}

Status CheckPrefix(std::string_view prefix) {
  if (IsPrefix(prefix)) return Ok();
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("key prefix \"{}\": must be {} to {} lower-case letters a-z, such as clv",
                           EscapeForDisplay(prefix.substr(0, 40)), kMinPrefixLength, kMaxPrefixLength));
}

}  // namespace claviger::keys

std::size_t std::hash<claviger::keys::KeyId>::operator()(const claviger::keys::KeyId& id) const noexcept {
  // The last bytes are random, and only ids that were issued here are ever kept in a table. Those of one
  // second may have the bytes before them in common, so these become the upper bits.
  std::uint64_t value = 0;
  for (std::size_t i = 4; i < id.bytes.size(); ++i) value = value << 8 | id.bytes[i];
  return value;
}
