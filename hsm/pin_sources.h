// Where the user PIN comes from: what an operator gave at run time, else systemd's credential, else the
// configured file.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "base/secret.h"

namespace claviger::hsm {

struct Pin {
  Secret value;
  std::string origin;  // for messages: "the credential hsm-pin", a path, "`claviger unlock`"
};

// Not thread-safe.
class PinSources {
 public:
  // `pin_file` may be empty. Reads $CREDENTIALS_DIRECTORY once, here.
  explicit PinSources(std::string pin_file);

  // Takes a PIN that comes before the files, or none if `pin` is empty, and returns the one that it replaces.
  Secret Remember(Secret pin) { return std::exchange(remembered_, std::move(pin)); }

  // The first PIN there is. kNotFound if there is none; any other error is of a source that exists and cannot
  // be used, with what mends it.
  Result<Pin> Read() const;
  // Changes when one of the files appears, goes, or changes in content, owner or mode.
  std::string Fingerprint() const;
  // How an operator can provide a PIN, for messages: "run `claviger unlock`, or put it into /x (mode 0400)".
  std::string Advice() const;

 private:
  const std::string pin_file_;
  std::string credential_;  // its path; "" outside systemd
  Secret remembered_;
};

}  // namespace claviger::hsm
