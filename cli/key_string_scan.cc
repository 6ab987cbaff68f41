#include "cli/key_string_scan.h"

#include <algorithm>

namespace claviger::cli {
namespace {

constexpr std::size_t kIdLength = 17;
constexpr std::size_t kSecretLength = 49;                           // with its checksum
constexpr std::size_t kBodyLength = 2 + kIdLength + kSecretLength;  // from the first "_" on

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsBase62(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// How many letters, at most kMaxPrefix, stand right before `at`.
std::size_t PrefixBefore(std::string_view text, std::size_t at) {
  std::size_t length = 0;
  while (length < KeyStringScan::kMaxPrefix && length < at && IsLower(text[at - length - 1])) ++length;
  return length;
}

}  // namespace

bool KeyStringScan::MatchesAt(std::size_t at) const {
  const std::string_view body(window_.data() + at, kBodyLength);
  if (body[1 + kIdLength] != '_') return false;
  const auto id = body.substr(1, kIdLength);
  const auto secret = body.substr(2 + kIdLength);
  return std::all_of(id.begin(), id.end(), IsBase62) && std::all_of(secret.begin(), secret.end(), IsBase62);
}

Outcome<void> KeyStringScan::Feed(std::span<const char> piece, const Sink& sink) {
  window_.insert(window_.end(), piece.begin(), piece.end());
  if (window_.size() < next_ + kBodyLength) return {};
  const std::size_t end =
      window_.size() - kBodyLength + 1;  // from here on, a find may go on in the next piece
  const std::string_view text(window_.data(), window_.size());
  while (next_ < end) {
    const std::size_t at = std::min(text.find('_', next_), end);
    const std::string_view skipped = text.substr(next_, at - next_);
    line_ += static_cast<std::uint64_t>(std::count(skipped.begin(), skipped.end(), '\n'));
    next_ = at;
    if (at == end) break;
    ++next_;
    const std::size_t prefix = PrefixBefore(text, at);
    if (prefix < kMinPrefix || !MatchesAt(at)) continue;
    if (auto taken = sink(text.substr(at - prefix, prefix + kBodyLength), line_); !taken) return taken;
  }
  const std::size_t done = next_ - std::min(next_, kMaxPrefix);
  window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(done));
  next_ -= done;
  return {};
}

bool LooksLikeKeyString(std::string_view text) {
  for (std::size_t at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (PrefixBefore(text, at) < KeyStringScan::kMinPrefix || rest.size() <= kIdLength) continue;
    if (rest[kIdLength] != '_') continue;
    if (std::all_of(rest.begin(), rest.begin() + kIdLength, IsBase62)) return true;
  }
  return false;
}

}  // namespace claviger::cli
