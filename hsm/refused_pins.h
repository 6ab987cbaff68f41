// The PINs that a token has refused, so that none is tried a second time: tokens lock themselves after a few
// failures. Kept as salted scrypt hashes in the state directory, across restarts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace claviger::hsm {

// Not thread-safe.
class RefusedPins {
 public:
  explicit RefusedPins(const std::string& state_directory) : path_(state_directory + "/refused-pins.toml") {}

  // Reads the note again, since an operator may have removed it; a missing one is empty. An error means that
  // it is not known what was refused: nothing may be tried.
  Status Load();
  // True if the token with this serial refused this PIN. Takes tens of milliseconds unless nothing was
  // refused yet.
  Result<bool> Contains(const Secret& pin, std::string_view serial) const;
  // Remembers the PIN, durably when this returns without error. Remembered in memory in any case. The oldest
  // of more than 256 is forgotten.
  Status Add(const Secret& pin, std::string_view serial);

  const std::string& path() const { return path_; }

 private:
  Result<std::string> Digest(const Secret& pin, std::string_view serial) const;
  Status Save();

  const std::string path_;
  std::string salt_;                  // hexadecimal; made with the first entry
  std::vector<std::string> digests_;  // hexadecimal, oldest first
  bool unsaved_ = false;              // memory knows more than the file
};

}  // namespace claviger::hsm
