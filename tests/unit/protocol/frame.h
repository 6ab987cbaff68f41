// A frame as the server hands it to a dispatcher: with readable bytes behind it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/dispatcher.h"

namespace claviger::protocol {

class Frame {
 public:
  explicit Frame(std::string_view text) : bytes_(text.begin(), text.end()), size_(text.size()) {
    bytes_.resize(size_ + kFramePadding, '"');  // as good as anything else
  }
  std::span<char> span() { return std::span(bytes_).first(size_); }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
};

}  // namespace claviger::protocol
