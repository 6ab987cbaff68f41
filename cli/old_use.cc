#include "cli/old_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/accounts.h"
#include "cli/json_view.h"
#include "cli/key_view.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMostUsersNamed = 2;

std::string UserOf(const boost::json::object& caller) {
  const std::string user = UserName(IntOf(caller, "uid"));
  const std::string unit = ShownText(caller, "unit");
  return unit.empty() ? user : fmt::format("{} ({})", user, unit);
}

}  // namespace

std::string KeyView::id() const { return ShownText(record, "key_id"); }

std::string KeyView::title() const { return KeyTitle(record); }

bool KeyView::live() const {
  const std::string state = ShownText(record, "state");
  return state != "expired" && state != "revoked";
}

Outcome<KeyView> ViewKey(Context& context, const std::string& id) {
  auto reply = context.daemon().Admin("GetKey", {{"key_id", id}});
  if (!reply) return reply.error();
  KeyView view;
  view.record = ObjectOf(reply->parameters, "record");
  view.callers = ArrayOf(reply->parameters, "callers");
  view.asked_scopes = ArrayOf(reply->parameters, "asked_scopes");
  view.replaced_by = ShownText(reply->parameters, "replaced_by");
  return view;
}

OldUse UseSince(const KeyView& key, std::optional<std::int64_t> generation, std::string_view since) {
  OldUse use;
  for (const boost::json::object* caller : ObjectsOf(key.callers)) {
    if (generation && IntOf(*caller, "generation") > *generation) continue;
    const std::string seen = ShownText(*caller, "last_used_at");
    use.last_seen = std::max(use.last_seen, seen);  // times in this form are in the order of their texts
    if (seen >= since) use.callers.push_back(*caller);
  }
  return use;
}

std::string UsersOf(const OldUse& use) {
  std::vector<std::string> users;
  for (const boost::json::object* caller : ObjectsOf(use.callers)) {
    std::string user = UserOf(*caller);
    if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(std::move(user));
  }
  if (users.empty()) return "nobody since";
  const std::size_t named = std::min(users.size(), kMostUsersNamed);
  std::string text =
      fmt::format("{}", fmt::join(users.begin(), users.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (users.size() > named) text += fmt::format(" and {} more", users.size() - named);
  return text;
}

}  // namespace claviger::cli
