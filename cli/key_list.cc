#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <string_view>

#include "base/text.h"
#include "cli/choice.h"
#include "cli/csv.h"
#include "cli/json_view.h"
#include "cli/key_filter.h"
#include "cli/key_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// At most one of these can be asked for.
constexpr std::array<std::string_view, 4> kForms = {"json", "csv", "ids", "count"};
// What a count does not depend on.
constexpr std::array<std::string_view, 3> kOrderOptions = {"sort", "limit", "after"};

Outcome<void> CheckForm(const Invocation& invocation) {
  std::string_view form;
  for (const std::string_view name : kForms) {
    if (!invocation.Has(name) || (name == "count" && form == "json")) continue;
    if (!form.empty()) return UsageFailure(fmt::format("--{} and --{} exclude each other", form, name));
    form = name;
  }
  if (!invocation.Has("count")) return {};
  for (const std::string_view name : kOrderOptions) {
    if (invocation.Has(name)) return UsageFailure(fmt::format("--count takes no --{}", name));
  }
  return {};
}

// Writes page after page in the form that was asked for.
class KeyPrinter {
 public:
  explicit KeyPrinter(Context& context) : context_(context), table_(MakeKeyTable(context.terminal())) {
    if (context.invocation().Has("csv")) context.output().Print(KeyCsvTitles());
  }

  void Add(const boost::json::array& keys) {
    Output& output = context_.output();
    for (const boost::json::object* key : ObjectsOf(keys)) {
      if (context_.json()) {
        output.Print(count_ == 0 ? "{\"keys\":[" : ",");
        output.Print(boost::json::serialize(*key));
      } else if (context_.invocation().Has("csv")) {
        output.Print(KeyCsvLine(*key));
      } else if (context_.invocation().Has("ids")) {
        output.Print(ShownText(*key, "key_id") + "\n");
      } else {
        AddKeyRow(table_, *key, context_.now());
      }
      ++count_;
    }
    if (!table_.empty()) output.Print(table_.Render());
    output.Flush();  // the next page may take a while
  }

  // `next_after`: "" if there are no more.
  void Finish(const std::string& next_after) {
    Output& output = context_.output();
    if (context_.json()) {
      output.Print(count_ == 0 ? "{\"keys\":[]" : "]");
      if (!next_after.empty()) {
        output.Print(",\"next_after\":" + boost::json::serialize(boost::json::value(next_after)));
      }
      output.Print("}\n");
    } else if (output.failed()) {
      return;  // nobody is left to read more
    } else if (count_ == 0) {
      output.Note("there are no such keys");
    } else if (!next_after.empty()) {
      output.Note(fmt::format("there are more: repeat this with --after {}", EscapeForDisplay(next_after)));
    }
  }

  std::int64_t count() const { return count_; }

 private:
  Context& context_;
  Table table_;
  std::int64_t count_ = 0;
};

Outcome<int> PrintCount(Context& context, const boost::json::object& filter) {
  const auto reply = context.daemon().Admin("CountKeys", filter);
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
  } else {
    context.output().Print(fmt::format("{}\n", IntOf(reply->parameters, "keys")));
  }
  return protocol::kExitOk;
}

}  // namespace

Outcome<int> RunKeyList(Context& context) {
  const Invocation& invocation = context.invocation();
  if (const auto form = CheckForm(invocation); !form) return form.error();
  auto filter = ReadKeyFilter(context);
  if (!filter) return filter.error();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto limit = invocation.Number("limit", 1, kMost);
  if (!limit) return limit.error();
  const std::int64_t wanted = limit->value_or(kMost);
  if (invocation.Has("count")) return PrintCount(context, *filter);
  if (const auto sort = invocation.Text("sort")) {
    if (const auto known = CheckChoice("sort", ValueKind::kKeySort, *sort); !known) return known.error();
    (*filter)["sort"] = *sort;
  }
  if (const auto after = invocation.Text("after")) (*filter)["after"] = *after;

  KeyPrinter printer(context);
  std::string next;
  do {
    (*filter)["limit"] = std::min(kLargestPage, wanted - printer.count());
    const auto reply = context.daemon().Admin("ListKeys", *filter);
    if (!reply) return reply.error();
    printer.Add(ArrayOf(reply->parameters, "keys"));
    next = TextOf(reply->parameters, "next_after");
    (*filter)["after"] = next;
  } while (!next.empty() && printer.count() < wanted && !context.output().failed());
  printer.Finish(next);
  return protocol::kExitOk;
}

}  // namespace claviger::cli
