// How the programs of this folder end when something is not as it must be.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/result.h"

namespace claviger::bench {

// Says why, in one sentence, and ends the program with status 1.
[[noreturn]] inline void End(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(1);
}

[[noreturn]] inline void EndWithErrno(const std::string& what) { End(what + ": " + std::strerror(errno)); }

// The value, or the end of the program.
template <typename T>
T Need(Result<T> result) {
  if (!result) End(result.error().message());
  return std::move(*result);
}
inline void Need(const Status& status) {
  if (!status) End(status.error().message());
}

}  // namespace claviger::bench
