#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunKeyShow(Context& context) {
  const auto id = KeyIdArgument(context);
  if (!id) return id.error();
  const auto reply = context.daemon().Admin("GetKey", {{"key_id", *id}});
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
  } else {
    context.output().Print(
        KeyFields(ObjectOf(reply->parameters, "record"), context.now()).Render(context.terminal()));
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
