#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "cli/audit_view.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::int64_t kDefaultLimit = 100;

// Writes page after page in the form that was asked for.
class RecordPrinter {
 public:
  explicit RecordPrinter(Context& context)
      : context_(context),
        table_(
            {{"no", 0}, {"at", 0}, {"user", 1}, {"act", 0}, {"key id", 2}, {"name", 3, true}, {"process", 4}},
            context.terminal()) {}

  void Add(const boost::json::array& records) {
    for (const boost::json::object* record : ObjectsOf(records)) {
      if (context_.json()) {
        context_.output().Print(count_ == 0 ? "{\"records\":[" : ",");
        context_.output().Print(boost::json::serialize(*record));
      } else {
        table_.AddRow({{ShownInt(*record, "sequence")},
                       {ShownText(*record, "at")},
                       {ShownText(*record, "user")},
                       {ShownText(*record, "act")},
                       {ShownText(*record, "subject")},
                       {NameOfKey(*record)},
                       {ProcessOf(*record)}});
      }
      ++count_;
    }
    if (!table_.empty()) context_.output().Print(table_.Render());
  }

  // `next_before`: 0 if there are no more.
  void Finish(std::int64_t next_before) {
    Output& output = context_.output();
    if (context_.json()) {
      output.Print(count_ == 0 ? "{\"records\":[]" : "]");
      if (next_before != 0) output.Print(fmt::format(",\"next_before\":{}", next_before));
      output.Print("}\n");
    } else if (count_ == 0) {
      output.Note("there are no such acts");
    } else if (next_before != 0) {
      output.Note(fmt::format("there are more: claviger audit list --before {}", next_before));
    }
  }

  std::int64_t count() const { return count_; }

 private:
  Context& context_;
  Table table_;
  std::int64_t count_ = 0;
};

}  // namespace

Outcome<int> RunAuditList(Context& context) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Invocation& invocation = context.invocation();
  const auto limit = invocation.Number("limit", 1, kMost);
  if (!limit) return limit.error();
  const auto before = invocation.Number("before", 1, kMost);
  if (!before) return before.error();
  const std::int64_t wanted = limit->value_or(kDefaultLimit);

  boost::json::object filter;
  if (const auto key = invocation.Text("key")) filter["subject"] = *key;
  if (*before) filter["before"] = **before;
  RecordPrinter printer(context);
  std::int64_t next = 0;
  do {
    filter["limit"] = std::min(kLargestPage, wanted - printer.count());
    const auto reply = context.daemon().Admin("ListAudit", filter);
    if (!reply) return reply.error();
    printer.Add(ArrayOf(reply->parameters, "records"));
    next = IntOf(reply->parameters, "next_before");
    filter["before"] = next;
  } while (next != 0 && printer.count() < wanted);
  printer.Finish(next);
  return protocol::kExitOk;
}

}  // namespace claviger::cli
