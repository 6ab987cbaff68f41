#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>

#include "cli/exit_status.h"
#include "cli/fields.h"
#include "cli/json_view.h"
#include "cli/prompt.h"
#include "cli/secret_input.h"
#include "cli/style.h"
#include "cli/time_view.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

Outcome<Secret> ReadKey(Context& context) {
  if (const auto path = context.invocation().Text("key-file")) return ReadKeyFile(context, *path);
  if (!context.terminal().input) return ReadStandardInput("key");
  auto key = PromptSecret("Key (not shown): ");
  if (key && key->empty()) return UsageFailure("no key was typed");
  return key;
}

// What a verdict's code means. The codes are those of io.claviger.Verify.Verify.
struct Reason {
  std::string_view code;
  std::string_view sentence;
};
constexpr std::array kReasons = {
    Reason{"malformed", "this is no key string; a character is wrong or missing"},
    Reason{"unknown", "no key has this secret"},
    Reason{"revoked", "the key was revoked"},
    Reason{"paused", "the key is paused"},
    Reason{"pending", "the key is not valid yet"},
    Reason{"expired", "the key, or this generation of it, has expired"},
    Reason{"caller_denied", "the key may not be used by this caller"},
    Reason{"network_denied", "the key may not be used from this address"},
    Reason{"insufficient_scope", "the key lacks scopes that were asked for"},
    Reason{"rate_limited", "too many bad keys were presented; try again in a minute"},
    Reason{"exhausted", "the key has no uses left"},
    Reason{"unavailable", "token or store cannot answer now; this says nothing of the key"},
};

std::string_view SentenceOf(std::string_view code) {
  for (const Reason& reason : kReasons) {
    if (reason.code == code) return reason.sentence;
  }
  return "the daemon knows a reason that this claviger does not";
}

std::string Describe(const Context& context, const boost::json::object& verdict) {
  const std::string code = ShownText(verdict, "code");
  const bool color = context.terminal().color;
  std::string text;
  if (BoolOf(verdict, "valid")) {
    text = Styled("valid", Style::kGood, color) + "\n";
  } else {
    text = fmt::format("{}: {}: {}\n", Styled("not valid", Style::kBad, color), code, SentenceOf(code));
  }
  Fields fields;
  fields.AddList("missing", ShownList(verdict, "missing_scopes"));
  fields.Add("key id", ShownText(verdict, "key_id"));
  fields.Add("name", ShownText(verdict, "name"));
  fields.Add("owner", ShownText(verdict, "owner"));
  fields.Add("generation", ShownInt(verdict, "generation"));
  fields.Add("expires", ShowTime(ShownText(verdict, "expires_at"), context.now()));
  if (BoolOf(verdict, "valid") && !verdict.contains("scopes")) fields.Add("scopes", "unscoped: full access");
  fields.AddList("scopes", ShownList(verdict, "scopes"));
  return text + fields.Render(context.terminal(), 2);
}

}  // namespace

Outcome<int> RunKeyVerify(Context& context) {
  const auto key = ReadKey(context);
  if (!key) return key.error();
  boost::json::object parameters;
  const auto scopes = context.invocation().List("scope");
  if (!scopes.empty()) parameters["scopes"] = boost::json::array(scopes.begin(), scopes.end());
  if (const auto address = context.invocation().Text("remote-address"))
    parameters["remote_address"] = *address;
  const std::array secrets = {client::SecretParameter{"key", *key}};
  const auto reply = context.daemon().Verify("Verify", parameters, secrets);
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
  } else {
    context.output().Print(Describe(context, reply->parameters));
  }
  return StatusOfVerdict(ShownText(reply->parameters, "code"));
}

}  // namespace claviger::cli
