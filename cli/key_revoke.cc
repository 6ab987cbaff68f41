#include <fmt/format.h>

#include "base/text.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunKeyRevoke(Context& context) {
  const auto id = KeyIdArgument(context);
  if (!id) return id.error();
  boost::json::object parameters = {{"key_id", *id}};
  if (!context.invocation().Has("yes") && context.terminal().input) {
    const auto key = context.daemon().Admin("GetKey", parameters);
    if (!key) return key.error();
    const boost::json::object& record = ObjectOf(key->parameters, "record");
    Terminal plain = context.terminal();
    plain.color = false;
    context.output().Note(KeyFields(record, context.now()).Render(plain, 2));
  }
  const auto confirmed = context.Confirm(fmt::format("revoke key {} for good", EscapeForDisplay(*id)));
  if (!confirmed) return confirmed.error();
  if (const auto reason = context.invocation().Text("reason")) parameters["reason"] = *reason;
  const auto reply = context.daemon().Admin("RevokeKey", parameters);
  if (!reply) return reply.error();
  if (context.json()) context.PrintJson(reply->parameters);
  context.output().Note(fmt::format("revoked key {}; it is refused from now on",
                                    KeyTitle(ObjectOf(reply->parameters, "record"))));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
