// One line of a file of keys that are to be issued.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/context.h"

namespace claviger::cli {

// Members of a line: the parameters of CreateKey, but for `expires` and `not_before`, which are written as on
// the command line. Thread-compatible.
class KeyLineReader {
 public:
  KeyLineReader();
  ~KeyLineReader();
  KeyLineReader(const KeyLineReader&) = delete;
  KeyLineReader& operator=(const KeyLineReader&) = delete;

  // The parameters of CreateKey, without a request id. kInvalidArgument says what is wrong, and what to write
  // instead; it is safe to show. `text` is at most kMaxKeyLineBytes long. Times of the line count from `now`.
  Result<boost::json::object> Read(std::string_view text, UnixSeconds now);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// What the catalogue has, for lines to be checked before the first key is issued.
class CatalogueNames {
 public:
  static Outcome<CatalogueNames> Ask(Context& context);

  // kInvalidArgument for the first scope or bundle that is not in the catalogue. Patterns are left to the
  // daemon, whose policy says whether there may be any.
  Status Check(const boost::json::object& parameters) const;

 private:
  std::vector<std::string> scopes_;  // sorted
  std::vector<std::string> bundles_;
};

}  // namespace claviger::cli
