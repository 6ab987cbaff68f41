#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "base/text.h"
#include "cli/bulk.h"
#include "cli/chosen_keys.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/key_file.h"
#include "cli/key_words.h"
#include "cli/old_use.h"
#include "cli/successor_file.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr BulkAct kApplyAct = {"",
                               "replace",
                               "issued a successor for",
                               "",
                               "valid until claviger rotate finish",
                               "replaced already",
                               kLiveStates};

// Issues successors one after the other. Each is made, and its key string safe in its file, before the next
// begins; what is half done is taken up again by the next run.
class Campaign {
 public:
  Campaign(Context& context, std::string folder) : context_(context), folder_(std::move(folder)) {}

  // What became of the key goes into the report.
  Outcome<void> Replace(const ChosenKey& key, BulkReport& report);

 private:
  // A failure that concerns only one key becomes an entry of the report.
  static Outcome<void> Settle(const std::string& id, const Failure& failure, BulkReport& report);
  Outcome<void> GoOn(const std::string& old_id, const KeyView& successor, BulkReport& report);
  Outcome<void> Issue(const KeyView& old, BulkReport& report);
  // Calls the method and writes the key string of its reply into the file of `old_id`.
  Outcome<void> CallIntoFile(const std::string& old_id, std::string_view method,
                             const boost::json::object& parameters, BulkReport& report);
  Failure FileInTheWay(const std::string& old_id) const;

  Context& context_;
  std::string folder_;
};

Outcome<void> Campaign::Replace(const ChosenKey& key, BulkReport& report) {
  const auto old = ViewKey(context_, key.id);
  if (!old) return Settle(key.id, old.error(), report);
  if (!old->replaced_by.empty()) {
    const auto successor = ViewKey(context_, old->replaced_by);
    if (successor && successor->live()) return GoOn(key.id, *successor, report);
    if (!successor && successor.error().exit_status != protocol::kExitNotValid) return successor.error();
  }
  return Issue(*old, report);
}

Outcome<void> Campaign::Settle(const std::string& id, const Failure& failure, BulkReport& report) {
  const bool of_this_key = failure.exit_status == protocol::kExitFailure ||
                           failure.exit_status == protocol::kExitUsage ||
                           failure.exit_status == protocol::kExitNotValid;
  if (!of_this_key) return failure;
  report.refused.push_back({id, failure.message});
  return {};
}

// There is a successor: whoever has its secret goes on with it; if nobody can have it, it gets another one.
Outcome<void> Campaign::GoOn(const std::string& old_id, const KeyView& successor, BulkReport& report) {
  const auto file = LookAtFile(SuccessorPath(folder_, old_id), successor.id());
  if (!file) return file.error();
  if (*file == SuccessorFile::kHolds || IntOf(successor.record, "uses") > 0) {
    report.unchanged.push_back(old_id);
    return {};
  }
  if (*file == SuccessorFile::kOther) return Settle(old_id, FileInTheWay(old_id), report);
  return CallIntoFile(old_id, "RotateKey", {{"key_id", successor.id()}, {"grace", 0}}, report);
}

Outcome<void> Campaign::Issue(const KeyView& old, BulkReport& report) {
  const std::string id = old.id();
  if (!old.live()) {
    report.refused.push_back({id, "it has ended"});
    return {};
  }
  if (!BoolOf(old.record, "unscoped")) {
    report.refused.push_back({id, "it has scopes already; claviger key rotate gives it the next secret"});
    return {};
  }
  if (old.asked_scopes.empty()) {
    report.waiting.push_back({id, "no scope was asked of it yet; it must be watched longer"});
    return {};
  }
  const auto file = LookAtFile(SuccessorPath(folder_, id), "");
  if (!file) return file.error();
  if (*file == SuccessorFile::kOther) return Settle(id, FileInTheWay(id), report);
  boost::json::array scopes;
  for (const boost::json::object* asked : ObjectsOf(old.asked_scopes)) {
    scopes.emplace_back(ShownText(*asked, "scope"));
  }
  boost::json::object parameters = {{"replaces", id}, {"scopes", std::move(scopes)}};
  for (const char* name : {"name", "owner", "team", "description"}) {
    if (const auto* text = old.record.if_contains(name)) parameters[name] = *text;
  }
  // One request for each successor: after one that has ended there can be another.
  parameters["request_id"] =
      old.replaced_by.empty() ? "successor-" + id : fmt::format("successor-{}-{}", id, old.replaced_by);
  if (const auto added = AddIssueParameters(context_, parameters); !added) return added.error();
  return CallIntoFile(id, "CreateKey", parameters, report);
}

Outcome<void> Campaign::CallIntoFile(const std::string& old_id, std::string_view method,
                                     const boost::json::object& parameters, BulkReport& report) {
  auto file = KeyFile::Create(SuccessorPath(folder_, old_id));
  if (!file) return file.error();
  const auto reply = context_.daemon().Admin(method, parameters);
  if (!reply) return Settle(old_id, reply.error(), report);
  if (const auto written = file->Write(reply->key); !written) return written.error();
  const std::string successor = ShownText(ObjectOf(reply->parameters, "record"), "key_id");
  context_.output().Note(
      fmt::format("key {} has the successor {}: {}", old_id, successor, EscapeForDisplay(file->path())));
  report.done.push_back(old_id);
  return {};
}

Failure Campaign::FileInTheWay(const std::string& old_id) const {
  return {protocol::kExitFailure,
          fmt::format("{} is something else than the key of its successor; move it away",
                      EscapeForDisplay(SuccessorPath(folder_, old_id))),
          ""};
}

Outcome<ChosenKeys> Choose(Context& context) {
  const bool named = !context.invocation().arguments().empty();
  if (named == context.invocation().Has("all")) {
    return UsageFailure("it is not said which keys get successors",
                        "name them (claviger rotate apply KEY_ID...), or say --all");
  }
  if (named) return ChooseNamed(context, false);
  return ChooseFiltered(context, {{"kind", "unscoped"}}, kLiveStates, false);
}

}  // namespace

Outcome<int> RunRotateApply(Context& context) {
  auto chosen = Choose(context);
  if (!chosen) return chosen.error();
  const std::string folder = *context.invocation().Text("output-dir");
  if (const auto prepared = PrepareFolder(folder); !prepared) return prepared.error();
  BulkReport report;
  report.refused = std::move(chosen->absent);
  Campaign campaign(context, folder);
  const BulkStep step = [&campaign](std::span<const ChosenKey> piece, BulkReport& so_far) {
    return campaign.Replace(piece.front(), so_far);
  };
  CarryOut(context, kApplyAct, chosen->keys, 1, step, report);
  return Report(context, kApplyAct, chosen->keys, report);
}

}  // namespace claviger::cli
