#include "protocol/verify_call.h"

#include <bit>
#include <cstring>
#include <utility>

#include "protocol/dispatcher.h"
#include "protocol/limits.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace claviger::protocol {
namespace {

// Goes through a frame from left to right. Every method looks only at bytes of the frame, but TextEnd also
// loads some behind it.
class Scanner {
 public:
  explicit Scanner(std::span<const char> frame) : at_(frame.data()), end_(frame.data() + frame.size()) {}

  bool AtEnd() const { return at_ == end_; }
  const char* at() const { return at_; }

  // Passes over `literal` if it comes next.
  template <std::size_t N>
  bool Take(const char (&literal)[N]) {
    constexpr std::size_t kLength = N - 1;  // without the NUL
    if (static_cast<std::size_t>(end_ - at_) < kLength || std::memcmp(at_, literal, kLength) != 0)
      return false;
    at_ += kLength;
    return true;
  }

  void SkipSpace() { at_ += at_ != end_ && *at_ == ' ' ? 1 : 0; }

  // Reads a whole string, quotes included; `text` is what is between them.
  bool TakeText(std::string_view& text) {
    if (!Take("\"")) return false;
    const char* const begin = at_;
    const char* const end = TextEnd(begin);
    if (end >= end_ || *end != '"') return false;
    text = {begin, static_cast<std::size_t>(end - begin)};
    at_ = end + 1;
    return true;
  }

 private:
  // The first byte from `text` on that cannot stand in a string as it is, or some place behind the frame.
  const char* TextEnd(const char* text) const;

  const char* at_;
  const char* const end_;
};

#ifdef __SSE2__

const char* Scanner::TextEnd(const char* text) const {
  static_assert(kFramePadding >= sizeof(__m128i));
  for (; text < end_; text += sizeof(__m128i)) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i deletes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const __m128i unprintable = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));  // signed: also 0x80 to 0xff
    const __m128i stops = _mm_or_si128(_mm_or_si128(quotes, backslashes), _mm_or_si128(deletes, unprintable));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stops));
    if (mask != 0) return text + std::countr_zero(mask);
  }
  return text;
}

#else

const char* Scanner::TextEnd(const char* text) const {
  while (text < end_ && *text >= ' ' && *text <= '~' && *text != '"' && *text != '\\') ++text;
  return text;
}

#endif

bool TakeScopes(Scanner& scanner, VerifyCall& call) {
  const char* const begin = scanner.at();
  if (!scanner.Take("[")) return false;
  if (!scanner.Take("]")) {
    while (true) {
      if (call.scope_count == kMaxScannedScopes || !scanner.TakeText(call.scopes[call.scope_count]))
        return false;
      ++call.scope_count;
      if (scanner.Take("]")) break;
      if (!scanner.Take(",")) return false;
      scanner.SkipSpace();
    }
  }
  call.scopes_text = {begin, static_cast<std::size_t>(scanner.at() - begin)};
  return true;
}

// One parameter that was not there before; of the key it is noted in `has_key`.
bool TakeParameter(Scanner& scanner, VerifyCall& call, bool& has_key) {
  if (scanner.Take("\"key\":")) {
    scanner.SkipSpace();
    return !std::exchange(has_key, true) && scanner.TakeText(call.key);
  }
  if (scanner.Take("\"scopes\":")) {
    scanner.SkipSpace();
    return !std::exchange(call.has_scopes, true) && TakeScopes(scanner, call);
  }
  if (scanner.Take("\"remote_address\":")) {
    scanner.SkipSpace();
    return !std::exchange(call.has_remote_address, true) && scanner.TakeText(call.remote_address);
  }
  return false;
}

// What stands behind the '{' of the parameters, with their '}'.
bool TakeParameters(Scanner& scanner, VerifyCall& call) {
  bool has_key = false;
  while (TakeParameter(scanner, call, has_key)) {
    if (scanner.Take("}")) return has_key;
    if (!scanner.Take(",")) return false;
    scanner.SkipSpace();
  }
  return false;
}

bool TakeCall(Scanner& scanner, VerifyCall& call) {
  if (scanner.Take(R"({"method":"io.claviger.Verify.Verify","parameters":{)")) {  // what most clients send
    return TakeParameters(scanner, call) && scanner.Take("}");
  }
  if (!scanner.Take("{")) return false;
  bool has_method = false;
  bool has_parameters = false;
  while (true) {
    if (!has_method && scanner.Take("\"method\":")) {
      scanner.SkipSpace();
      if (!scanner.Take("\"io.claviger.Verify.Verify\"")) return false;
      has_method = true;
    } else if (!has_parameters && scanner.Take("\"parameters\":")) {
      scanner.SkipSpace();
      if (!scanner.Take("{") || !TakeParameters(scanner, call)) return false;
      has_parameters = true;
    } else {
      return false;
    }
    if (has_method && has_parameters) return scanner.Take("}");
    if (!scanner.Take(",")) return false;
    scanner.SkipSpace();
  }
}

}  // namespace

bool ScanVerifyCall(std::span<const char> frame, VerifyCall& call) {
  if (frame.size() > kMaxVerifyFrameBytes) return false;
  call.scopes_text = {};
  call.remote_address = {};
  call.scope_count = 0;
  call.has_scopes = false;
  call.has_remote_address = false;
  Scanner scanner(frame);
  return TakeCall(scanner, call) && scanner.AtEnd();
}

}  // namespace claviger::protocol
