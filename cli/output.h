// What claviger writes: results to standard output, messages to standard error.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace claviger::cli {

// Results are gathered and written in large pieces. Failures of standard output are kept until Finish(), so
// that no command need look after each line. Thread-compatible.
class Output {
 public:
  // `quiet`: Note() says nothing.
  explicit Output(bool quiet) : quiet_(quiet) {}

  // A result; written at the latest by Finish().
  void Print(std::string_view text);
  // A result that is a secret: written at once, after what was printed before. The error says that it was
  // not.
  Status PrintSecret(const WipingBuffer& text);
  // A message for people, one or more lines without the last line's end. Never a secret.
  void Note(std::string_view text);

  // Writes what is left. kUnavailable if anything could not be written; the reader's going away is no error
  // for results that can be had again, so only PrintSecret reports it.
  Status Finish();
  // Writes what was printed up to now.
  void Flush();
  // Whether writing has failed, so that more results are of no use.
  bool failed() const { return failure_ != 0; }

 private:
  bool quiet_;
  std::string pending_;
  int failure_ = 0;  // errno of the first failed write
};

// A message that --quiet does not silence.
void PrintError(std::string_view text);

}  // namespace claviger::cli
