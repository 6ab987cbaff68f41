// The input of `key create --from`: what keys are to be issued, one on each line.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.h"

namespace claviger::cli {

// What is taken at once; of a larger file nothing is.
inline constexpr std::size_t kMaxKeyLines = 100'000;
inline constexpr std::size_t kMaxKeyLineBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxKeyFileBytes = std::size_t{256} * 1024 * 1024;

struct KeyLine {
  std::size_t number;     // from 1
  std::string_view text;  // without spaces at its ends
  // Tells it from every other line of the file, and is the same in every file that has this line: a sum of
  // its bytes, and the how manieth it is with this sum.
  std::string id;
};

// Movable; the lines are views into it.
class KeyLines {
 public:
  // `path`: "-" is standard input. A failure if it cannot be read or passes one of the limits above.
  static Outcome<KeyLines> Read(const std::string& path);

  // Empty lines are left out, but counted.
  std::span<const KeyLine> lines() const { return lines_; }
  // How messages call the file: safe to show.
  const std::string& name() const { return name_; }

 private:
  Outcome<void> Fill(int fd);
  Outcome<void> Split();

  std::string name_;
  std::vector<char> content_;
  std::vector<KeyLine> lines_;
};

}  // namespace claviger::cli
