// How far long work has come, on the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/context.h"

namespace claviger::cli {

// One line of standard error that is written over and taken away at the end. Nothing is shown if that is no
// terminal, with --quiet, or before the work has turned out to be long.
class Progress {
 public:
  // "VERB 300 of 1200 [#####---------------]"; without `total` (0): "VERB 300".
  Progress(const Context& context, std::string_view verb, std::size_t total = 0);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(std::size_t count);
  // Takes the line away, so that something else can be written.
  void Clear();

 private:
  std::string verb_;
  std::size_t total_;
  bool wanted_;
  std::size_t width_ = 0;  // of what is shown now
};

}  // namespace claviger::cli
