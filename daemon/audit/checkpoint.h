// A checkpoint: what the chain was at one of its records, vouched for by the token and kept outside of the
// database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/token_purpose.h"

namespace claviger::audit {

struct Checkpoint {
  std::int64_t sequence = 0;  // of the record that was the newest one
  std::int64_t epoch = 0;     // its epoch; so is
  std::int64_t index = 0;     // its place there
  UnixSeconds at = 0;         // when the checkpoint was made
  Mac head{};                 // the record's MAC
  std::string installation;   // its id: 32 hexadecimal digits
  Mac mac{};                  // the token's, over all of the above

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// What `mac` covers: every other field with its length, after the domain "claviger/audit-checkpoint/1". Fits
// one call to the token (purpose audit).
std::vector<std::uint8_t> CheckpointInput(const Checkpoint& checkpoint);

// "claviger-checkpoint/1 SEQUENCE EPOCH INDEX TIME INSTALLATION HEAD MAC", without an end of line.
std::string CheckpointLine(const Checkpoint& checkpoint);
// kInvalidArgument if `line` is nothing that CheckpointLine writes.
Result<Checkpoint> ParseCheckpoint(std::string_view line);

}  // namespace claviger::audit
