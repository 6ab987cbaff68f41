// What a command's handler works with.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/invocation.h"
#include "cli/output.h"
#include "cli/terminal.h"

namespace claviger::cli {

// Lives as long as the command runs.
class Context {
 public:
  Context(const Invocation& invocation, const Terminal& terminal, Output& output, Daemon& daemon)
      : invocation_(invocation), terminal_(terminal), output_(output), daemon_(daemon) {}

  const Invocation& invocation() const { return invocation_; }
  const Terminal& terminal() const { return terminal_; }
  Output& output() { return output_; }
  Daemon& daemon() { return daemon_; }
  // By this host's clock, for "in 3d".
  UnixSeconds now() const { return SystemTime().Wall(); }

  bool json() const { return invocation_.Has("json"); }
  // One line of JSON.
  void PrintJson(const boost::json::object& object);

  // Before something that cannot be undone. `act` is what a person would confirm ("revoke key X"); asks on a
  // terminal unless --yes was given. A usage failure where nobody can be asked.
  Outcome<void> Confirm(std::string_view act);

 private:
  const Invocation& invocation_;
  const Terminal& terminal_;
  Output& output_;
  Daemon& daemon_;
};

}  // namespace claviger::cli
