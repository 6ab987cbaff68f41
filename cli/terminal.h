// What the three standard streams are connected to, and what may be done with them.
#pragma once

#include <cstddef>

#include "cli/invocation.h"
#include "cli/text_width.h"

namespace claviger::cli {

struct Terminal {
  bool input = false;                   // standard input is a terminal and may be asked (no --no-input)
  bool output = false;                  // standard output is a terminal
  bool color = false;                   // standard output may have colours
  bool utf8 = false;                    // the user's locale is a UTF-8 one
  std::size_t width = kUnlimitedWidth;  // of standard output

  // Reads the environment and asks the kernel.
  static Terminal Detect(const Invocation& invocation);
};

}  // namespace claviger::cli
