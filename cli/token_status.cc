#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/fields.h"
#include "cli/json_view.h"
#include "cli/verbs.h"

namespace claviger::cli {

Outcome<int> RunTokenStatus(Context& context) {
  const auto reply = context.daemon().Admin("GetTokenStatus");
  if (!reply) return reply.error();
  const boost::json::object& token = reply->parameters;
  const std::string state = ShownText(token, "state");
  if (context.json()) {
    context.PrintJson(token);
    return StatusOfTokenState(state);
  }
  Fields fields;
  fields.Add("state", state);
  fields.Add("message", ShownText(token, "message"));
  for (const char* name : {"label", "manufacturer", "model", "serial"})
    fields.Add(name, ShownText(token, name));
  fields.Add("worker starts", ShownInt(token, "worker_starts"));
  context.output().Print(fields.Render(context.terminal()));
  return StatusOfTokenState(state);
}

}  // namespace claviger::cli
