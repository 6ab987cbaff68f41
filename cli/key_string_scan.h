// Finds what looks like a key string in a stream of bytes of any size and kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/secret.h"
#include "cli/failure.h"

namespace claviger::cli {

// A form, not a check: two to four lower-case letters, "_", 17 letters and digits, "_", 49 of them. Whether
// the checksum is right, and whether the key is ours, is for the daemon to say. What is around it does not
// matter: quotes, a scheme, other text, the end of a piece. Thread-compatible. Wipes what it holds.
class KeyStringScan {
 public:
  static constexpr std::size_t kMinPrefix = 2;
  static constexpr std::size_t kMaxPrefix = 4;

  // Called with each find and its line, counted from 1. `text` begins with as many as kMaxPrefix letters, of
  // which the first ones can belong to what stands before; it is valid during the call. A failure ends
  // Feed().
  using Sink = std::function<Outcome<void>(std::string_view text, std::uint64_t line)>;

  // The next piece of the stream.
  Outcome<void> Feed(std::span<const char> piece, const Sink& sink);

 private:
  // Whether the form, from its first "_" on, stands at `at`.
  bool MatchesAt(std::size_t at) const;

  WipingBuffer window_;     // what may be part of a find, and what has not been looked at
  std::size_t next_ = 0;    // the first place in it that has not been looked at
  std::uint64_t line_ = 1;  // of that place
};

// Whether `text` is, or begins, such a string: for refusing it where others can see it.
bool LooksLikeKeyString(std::string_view text);

}  // namespace claviger::cli
