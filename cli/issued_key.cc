#include "cli/issued_key.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "base/text.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/key_words.h"
#include "cli/time_view.h"
#include "protocol/error_names.h"
#include "protocol/reply.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kShortestKeyString = 2 + 1 + kKeyIdLength + 1;

// {"key":"...","record":{...}}
WipingBuffer JsonOf(const client::Reply& reply) {
  const std::string rest = boost::json::serialize(reply.parameters);
  WipingBuffer text;
  text.reserve(rest.size() + 2 * reply.key.size() + 16);
  Append(text, "{\"key\":");
  protocol::AppendJsonString(text, reply.key.ExposeText());
  if (!reply.parameters.empty()) text.push_back(',');
  Append(text, std::string_view(rest).substr(1));
  text.push_back('\n');
  return text;
}

WipingBuffer LineOf(const Secret& key) {
  WipingBuffer text;
  text.reserve(key.size() + 1);
  Append(text, key.ExposeText());
  text.push_back('\n');
  return text;
}

Outcome<void> PrintKey(Context& context, const client::Reply& reply) {
  const Status printed = context.output().PrintSecret(context.json() ? JsonOf(reply) : LineOf(reply.key));
  if (!printed) return FailureOf(printed.error());
  return {};
}

void TellWhere(Context& context, const std::optional<KeyFile>& file) {
  if (file) {
    context.output().Note(
        fmt::format("The key was written to {}, for its owner alone. It cannot be shown again.",
                    EscapeForDisplay(file->path())));
  } else {
    context.output().Note(context.terminal().output
                              ? "\nSave this key now. It cannot be shown again."
                              : "The key was written to standard output. It cannot be shown again.");
  }
}

Outcome<void> RefuseKeyString(std::string_view text) {
  if (text.size() < kShortestKeyString || text.find('_') == std::string_view::npos) return {};
  return UsageFailure("a key string stands where a key id should; others can see it in the list of processes",
                      "the key id is the part between the underscores; rotate this key");
}

}  // namespace

Outcome<std::optional<KeyFile>> OpenOutputFile(const Context& context) {
  const auto path = context.invocation().Text("output");
  if (!path) return std::optional<KeyFile>();
  auto file = KeyFile::Create(*path);
  if (!file) return file.error();
  return std::optional<KeyFile>(std::move(*file));
}

Outcome<int> DeliverKey(Context& context, std::string_view done, const client::Reply& reply,
                        std::optional<KeyFile> file) {
  const boost::json::object& record = ObjectOf(reply.parameters, "record");
  const std::string id = ShownText(record, "key_id");
  if (reply.key.empty()) {
    return Failure{protocol::kExitFailure, fmt::format("the daemon's reply has no key string for key {}", id),
                   "update clavigerd to the version of claviger"};
  }
  Terminal plain = context.terminal();
  plain.color = false;
  context.output().Note(fmt::format("{} key {}\n\n{}", done, KeyTitle(record),
                                    KeySummary(record, context.now()).Render(plain, 2)));
  if (file && context.json()) context.PrintJson(reply.parameters);  // the key string is not among them
  const Outcome<void> written = file ? file->Write(reply.key) : PrintKey(context, reply);
  if (!written) {
    return Failure{
        protocol::kExitFailure,
        fmt::format("key {} was {}, but its key string is lost: {}", id, done, written.error().message),
        fmt::format("for a new one: claviger key rotate {} --grace 0", id)};
  }
  TellWhere(context, file);
  return protocol::kExitOk;
}

Outcome<void> AddIssueParameters(const Context& context, boost::json::object& parameters) {
  if (const auto expires = context.invocation().Text("expires")) {
    const auto when = ReadWhen("expires", *expires, DateMeans::kEnd, context.now());
    if (!when) return when.error();
    if (IsDuration(*expires)) {
      parameters["lifetime"] = *ParseDuration(*expires);  // by the daemon's clock, which may be another
    } else {
      parameters["expires_at"] = FormatTime(*when);
    }
  }
  if (const auto id = context.invocation().Text("request-id")) parameters["request_id"] = *id;
  return {};
}

Outcome<std::string> KeyIdArgument(const Context& context) {
  const std::string& text = context.invocation().argument();
  if (const auto fits = RefuseKeyString(text); !fits) return fits.error();
  return text;
}

Outcome<std::vector<std::string>> KeyIdArguments(const Context& context) {
  std::vector<std::string> ids;
  std::set<std::string_view> known;
  for (const std::string& text : context.invocation().arguments()) {
    if (const auto fits = RefuseKeyString(text); !fits) return fits.error();
    if (known.insert(text).second) ids.push_back(text);
  }
  return ids;
}

}  // namespace claviger::cli
