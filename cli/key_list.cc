#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <optional>

#include "base/text.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/nearest.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::int64_t kPageSize = 500;  // the most that ListKeys gives

// Writes page after page in the form that was asked for.
class KeyPrinter {
 public:
  explicit KeyPrinter(Context& context) : context_(context), table_(MakeKeyTable(context.terminal())) {}

  void Add(const boost::json::array& keys) {
    Output& output = context_.output();
    for (const boost::json::object* key : ObjectsOf(keys)) {
      if (context_.json()) {
        output.Print(count_ == 0 ? "{\"keys\":[" : ",");
        output.Print(boost::json::serialize(*key));
      } else if (context_.invocation().Has("ids")) {
        output.Print(ShownText(*key, "key_id") + "\n");
      } else {
        AddKeyRow(table_, *key, context_.now());
      }
      ++count_;
    }
    if (!table_.empty()) output.Print(table_.Render());
  }

  // `next_after`: "" if there are no more.
  void Finish(const std::string& next_after) {
    Output& output = context_.output();
    if (context_.json()) {
      output.Print(count_ == 0 ? "{\"keys\":[]" : "]");
      if (!next_after.empty()) output.Print(fmt::format(",\"next_after\":\"{}\"", next_after));
      output.Print("}\n");
    } else if (count_ == 0) {
      output.Note("there are no such keys");
    } else if (!next_after.empty()) {
      output.Note(fmt::format("there are more: claviger key list --after {}", next_after));
    }
  }

  std::int64_t count() const { return count_; }

 private:
  Context& context_;
  Table table_;
  std::int64_t count_ = 0;
};

Outcome<boost::json::object> Filter(const Context& context) {
  boost::json::object filter;
  if (const auto state = context.invocation().Text("state")) {
    const auto states = ChoicesOf(ValueKind::kKeyState);
    if (std::find(states.begin(), states.end(), *state) == states.end()) {
      const std::string_view nearest = NearestChoice(ValueKind::kKeyState, *state);
      return UsageFailure(fmt::format("--state: there is no state \"{}\"", EscapeForDisplay(*state)),
                          nearest.empty() ? "the states are pending, active, paused, expired and revoked"
                                          : fmt::format("did you mean: {}", nearest));
    }
    filter["state"] = *state;
  }
  for (const char* name : {"owner", "after"}) {
    if (const auto text = context.invocation().Text(name)) filter[name] = *text;
  }
  return filter;
}

}  // namespace

Outcome<int> RunKeyList(Context& context) {
  auto filter = Filter(context);
  if (!filter) return filter.error();
  const auto limit = context.invocation().Number("limit", 1, std::numeric_limits<std::int64_t>::max());
  if (!limit) return limit.error();
  const std::int64_t wanted = limit->value_or(std::numeric_limits<std::int64_t>::max());

  KeyPrinter printer(context);
  std::string next;
  do {
    (*filter)["limit"] = std::min(kPageSize, wanted - printer.count());
    const auto reply = context.daemon().Admin("ListKeys", *filter);
    if (!reply) return reply.error();
    printer.Add(ArrayOf(reply->parameters, "keys"));
    next = ShownText(reply->parameters, "next_after");
    (*filter)["after"] = next;
  } while (!next.empty() && printer.count() < wanted);
  printer.Finish(next);
  return protocol::kExitOk;
}

}  // namespace claviger::cli
