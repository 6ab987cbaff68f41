// Key strings that were found somewhere, handed in to the daemon.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "cli/context.h"

namespace claviger::cli {

// What the daemon said of one string; never the string.
struct LeakResult {
  std::string source;         // where it was found, as it is kept on record
  boost::json::object reply;  // of ReportLeak
};

// Reports each string once, wherever else it is found. Thread-compatible.
class LeakIntake {
 public:
  // So many different strings are taken at once.
  static constexpr std::size_t kMaxStrings = 10000;
  // A place is kept on record in so many bytes; of a longer one its end.
  static constexpr std::size_t kMaxSourceBytes = 256;

  explicit LeakIntake(Context& context) : context_(context) {}

  // Reads everything from `fd` and reports what it finds there. `name` names it in the record, unless
  // --source was given. False if it could not be read to its end, which is told. A failure if the daemon
  // cannot be asked: then there is no sense in going on.
  Outcome<bool> Read(int fd, const std::string& name);
  // The same for what is in memory.
  Outcome<void> Take(const Secret& text, const std::string& name);

  const std::vector<LeakResult>& results() const { return results_; }
  bool interrupted() const { return interrupted_; }

 private:
  // `found` as KeyStringScan hands it out.
  Outcome<void> ReportOnce(std::string_view found, const std::string& source);
  // Its reply, or none if what was found is no key string.
  Outcome<boost::json::object> Ask(std::string_view found, const std::string& source);

  Context& context_;
  std::set<WipingBuffer> known_;  // from the underscore on
  std::vector<LeakResult> results_;
  bool interrupted_ = false;
};

}  // namespace claviger::cli
