// Where one reply ends: as in Varlink, at a fixed length, or as in HTTP/1.1 with Content-Length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace claviger::bench {

class Framing {
 public:
  // "nul", "bytes:N" or "http". Anything else ends the program.
  explicit Framing(const std::string& name);

  // The length of the reply that `received` begins with; 0 while it is not all there. What cannot be a
  // reply ends the program.
  std::size_t ReplySize(std::string_view received) const;

 private:
  enum class Kind { kNul, kBytes, kHttp };

  Kind kind_ = Kind::kNul;
  std::size_t bytes_ = 0;
};

}  // namespace claviger::bench
