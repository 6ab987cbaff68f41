#include "tests/bench/framing.h"

#include <strings.h>

#include <charconv>

#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n", kLineEnd = "\r\n", kLength = "Content-Length:";

std::size_t HttpSize(std::string_view received) {
  const std::size_t head = received.find(kHeadEnd);
  if (head == std::string_view::npos) return 0;
  const std::string_view lines = received.substr(0, head + kLineEnd.size());
  for (std::size_t at = lines.find(kLineEnd); at + kLineEnd.size() < lines.size();
       at = lines.find(kLineEnd, at)) {
    at += kLineEnd.size();
    const std::string_view line = lines.substr(at, lines.find(kLineEnd, at) - at);
    if (line.size() <= kLength.size() || ::strncasecmp(line.data(), kLength.data(), kLength.size()) != 0)
      continue;
    const std::size_t digits = line.find_first_not_of(' ', kLength.size());
    std::size_t body = 0;
    if (digits == std::string_view::npos ||
        std::from_chars(line.data() + digits, line.data() + line.size(), body).ptr !=
            line.data() + line.size())
      break;
    const std::size_t whole = head + kHeadEnd.size() + body;
    return whole <= received.size() ? whole : 0;
  }
  End("an HTTP reply says no Content-Length; only such replies can be told apart");
}

}  // namespace

Framing::Framing(const std::string& name) {
  constexpr std::string_view kBytesPrefix = "bytes:";
  if (name == "nul") return;
  if (name == "http") {
    kind_ = Kind::kHttp;
    return;
  }
  const char* end = name.data() + name.size();
  if (name.starts_with(kBytesPrefix) &&
      std::from_chars(name.data() + kBytesPrefix.size(), end, bytes_).ptr == end && bytes_ > 0) {
    kind_ = Kind::kBytes;
    return;
  }
  End("a reply ends as \"nul\", \"bytes:N\" or \"http\"");
}

std::size_t Framing::ReplySize(std::string_view received) const {
  switch (kind_) {
    case Kind::kNul: {
      const std::size_t at = received.find('\0');  // memchr, which the C library does with vectors
      return at == std::string_view::npos ? 0 : at + 1;
    }
    case Kind::kBytes:
      return received.size() < bytes_ ? 0 : bytes_;
    case Kind::kHttp:
      return HttpSize(received);
  }
  return 0;
}

}  // namespace claviger::bench
