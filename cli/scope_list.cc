#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>
#include <set>
#include <tuple>
#include <vector>

#include "base/text.h"
#include "cli/choice.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

using Scopes = std::vector<const boost::json::object*>;

constexpr std::int64_t kDefaultPageSize = 14;

// Scopes of a bundle; a failure if there is no such bundle.
Outcome<std::set<std::string>> NamesInBundle(Context& context, const std::string& name) {
  const auto reply = context.daemon().Admin("ListBundles", {});
  if (!reply) return reply.error();
  for (const boost::json::object* bundle : ObjectsOf(ArrayOf(reply->parameters, "bundles"))) {
    if (TextOf(*bundle, "name") != name) continue;
    const std::vector<std::string> names = ShownList(*bundle, "scopes");
    return std::set<std::string>(names.begin(), names.end());
  }
  return Failure{protocol::kExitNotValid,
                 fmt::format("there is no bundle \"{}\" in the catalogue", EscapeForDisplay(name)),
                 "claviger bundle list shows all bundles"};
}

// Read, write, delete: from the harmless to the dangerous.
std::ptrdiff_t PlaceOfAction(const std::string& action) {
  const auto actions = ChoicesOf(ValueKind::kAction);
  return std::find(actions.begin(), actions.end(), action) - actions.begin();
}

std::tuple<std::ptrdiff_t, std::string, std::string> SortKey(const boost::json::object& scope,
                                                             std::string_view field) {
  const bool by_action = field == "action";
  return {by_action ? PlaceOfAction(TextOf(scope, "action")) : 0, by_action ? "" : TextOf(scope, field),
          TextOf(scope, "name")};
}

// `sort` is a field, with "-" before it in reverse.
void Sort(Scopes& scopes, std::string_view sort) {
  const bool reverse = sort.starts_with('-');
  if (reverse) sort.remove_prefix(1);
  std::sort(scopes.begin(), scopes.end(), [&](const boost::json::object* a, const boost::json::object* b) {
    return reverse ? SortKey(*b, sort) < SortKey(*a, sort) : SortKey(*a, sort) < SortKey(*b, sort);
  });
}

// The scopes that the options choose, in their order. `reply` must outlive them.
Outcome<Scopes> Choose(Context& context, const boost::json::object& reply) {
  Scopes scopes = ObjectsOf(ArrayOf(reply, "scopes"));
  if (const auto bundle = context.invocation().Text("bundle")) {
    const auto names = NamesInBundle(context, *bundle);
    if (!names) return names.error();
    std::erase_if(scopes, [&](const boost::json::object* scope) {
      return names->find(TextOf(*scope, "name")) == names->end();
    });
  }
  if (const auto sort = context.invocation().Text("sort")) Sort(scopes, *sort);
  return scopes;
}

struct Page {
  std::int64_t number = 1;
  std::int64_t size = std::numeric_limits<std::int64_t>::max();
  std::int64_t all = 0;  // scopes on all pages

  bool whole() const { return size == std::numeric_limits<std::int64_t>::max(); }
  std::int64_t pages() const { return std::max<std::int64_t>(1, all / size + (all % size == 0 ? 0 : 1)); }
};

Outcome<Page> ReadPage(const Invocation& invocation) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Page page;
  const auto size = invocation.Number("page-size", 1, kMost - 1);
  if (!size) return size.error();
  const auto number = invocation.Number("page", 1, kMost);
  if (!number) return number.error();
  if (*number) page.size = kDefaultPageSize;
  if (*size) page.size = **size;
  page.number = number->value_or(1);
  return page;
}

// Leaves the page's scopes alone.
Outcome<void> Cut(Scopes& scopes, Page& page) {
  page.all = static_cast<std::int64_t>(scopes.size());
  if (page.number > page.pages()) {
    return UsageFailure(fmt::format("--page: there are only {} pages of {} scopes", page.pages(), page.size),
                        fmt::format("the last is --page {}", page.pages()));
  }
  if (page.whole()) return {};
  const auto begin = scopes.begin() + (page.number - 1) * page.size;
  scopes = Scopes(begin, scopes.end() - begin > page.size ? begin + page.size : scopes.end());
  return {};
}

void PrintTable(Context& context, const Scopes& scopes) {
  Table table({{"scope", 0}, {"action", 3}, {"domain", 4}, {"summary", 1, true}}, context.terminal());
  for (const boost::json::object* scope : scopes) {
    const std::string action = ShownText(*scope, "action");
    table.AddRow({{ShownText(*scope, "name")},
                  {action, action == "delete" ? Style::kAttention : Style::kPlain},
                  {ShownText(*scope, "domain")},
                  {ShownText(*scope, "summary")}});
  }
  if (!table.empty()) context.output().Print(table.Render());
}

void PrintJson(Context& context, const Scopes& scopes, const Page& page) {
  boost::json::array array;
  for (const boost::json::object* scope : scopes) array.push_back(*scope);
  boost::json::object reply = {{"scopes", std::move(array)}};
  if (!page.whole()) {
    reply["page"] = page.number;
    reply["pages"] = page.pages();
    reply["all"] = page.all;
  }
  context.PrintJson(reply);
}

}  // namespace

Outcome<int> RunScopeList(Context& context) {
  const Invocation& invocation = context.invocation();
  boost::json::object filter;
  for (const char* name : {"action", "domain", "search"}) {
    if (const auto text = invocation.Text(name)) filter[name] = *text;
  }
  if (const auto action = invocation.Text("action")) {
    if (const auto known = CheckChoice("action", ValueKind::kAction, *action); !known) return known.error();
  }
  if (const auto sort = invocation.Text("sort")) {
    if (const auto known = CheckChoice("sort", ValueKind::kScopeSort, *sort); !known) return known.error();
  }
  auto page = ReadPage(invocation);
  if (!page) return page.error();
  const auto reply = context.daemon().Admin("ListScopes", filter);
  if (!reply) return reply.error();
  auto scopes = Choose(context, reply->parameters);
  if (!scopes) return scopes.error();
  if (const auto cut = Cut(*scopes, *page); !cut) return cut.error();

  if (context.json()) {
    PrintJson(context, *scopes, *page);
  } else if (invocation.Has("names")) {
    for (const auto* scope : *scopes) context.output().Print(ShownText(*scope, "name") + "\n");
  } else {
    PrintTable(context, *scopes);
    if (scopes->empty()) {
      context.output().Note("there are no such scopes");
    } else if (!page->whole()) {
      context.output().Note(fmt::format("page {} of {}, {} scopes", page->number, page->pages(), page->all));
    }
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
