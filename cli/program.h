// Programs of this host, run without a shell.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace claviger::cli {

// What a program may write at most, for each of its two streams.
inline constexpr std::size_t kMaxProgramOutput = 256 * 1024;
// What it can be given on its standard input.
inline constexpr std::size_t kMaxProgramInput = 4096;

struct ProgramCall {
  std::string path;                    // absolute
  std::vector<std::string> arguments;  // without the program's name; never a secret
  const Secret* input = nullptr;       // on its standard input; without one that is empty
  std::chrono::milliseconds limit = std::chrono::seconds(150);  // a restart of a service can take two minutes
};

struct ProgramEnd {
  int status = 0;       // as a shell gives it: 128 and the signal if one ended it
  WipingBuffer output;  // its standard output, which may be a secret
  std::string errors;   // its standard error, as it came

  bool succeeded() const { return status == 0; }
  // The output as text; only where it is no secret.
  std::string text() const { return {output.begin(), output.end()}; }
  // The last line of its standard error, safe to show; "ended with status 3" if it said nothing.
  std::string Complaint() const;
};

// Runs it to its end, with an environment of its own. kNotFound if there is no such program, kLimitExceeded
// if it writes more than kMaxProgramOutput or is given more than kMaxProgramInput, kUnavailable if it takes
// longer than the limit (it is killed) or cannot be run.
Result<ProgramEnd> RunProgram(const ProgramCall& call);

}  // namespace claviger::cli
