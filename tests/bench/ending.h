// How the programs of this folder end when something is not as it must be.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace claviger::bench {

// Says why, in one sentence, and ends the program with status 1.
[[noreturn]] inline void End(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(1);
}

[[noreturn]] inline void EndWithErrno(const std::string& what) { End(what + ": " + std::strerror(errno)); }

}  // namespace claviger::bench
