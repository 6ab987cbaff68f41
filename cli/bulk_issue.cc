#include "cli/bulk_issue.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "base/text.h"
#include "cli/bulk.h"
#include "cli/json_view.h"
#include "cli/old_use.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kCreateKey = "CreateKey";
constexpr std::string_view kAlreadyDone = "io.claviger.Admin.RequestAlreadyDone";
constexpr int kMostLostConnections = 3;
constexpr std::size_t kMostLostKeys = 100;  // for one line

// "expires_at: is in the past" as it is called in a line.
std::string InWordsOfLine(std::string_view field, const std::string& message) {
  if (field == "expires_at" || field == "lifetime") field = "expires";
  return field.empty() ? message : fmt::format("{}: {}", field, message);
}

std::string MessageOf(const std::optional<client::Refusal>& refusal, const Failure& failure) {
  const std::string said = refusal ? ShownText(refusal->parameters, "message") : std::string();
  if (said.empty()) return failure.message;
  const std::string field = ShownText(refusal->parameters, "field");
  if (!field.empty()) return InWordsOfLine(field, said);
  const std::size_t colon = said.find(": ");
  if (colon == std::string::npos) return said;
  return InWordsOfLine(said.substr(0, colon), said.substr(colon + 2));
}

bool ConcernsOneLine(const Failure& failure) {
  return failure.exit_status == protocol::kExitFailure || failure.exit_status == protocol::kExitUsage ||
         failure.exit_status == protocol::kExitNotValid;
}

}  // namespace

BulkIssue::BulkIssue(Context& context, std::span<const KeyLine> lines, IssueFile& file)
    : context_(context), lines_(lines), file_(file) {}

IssueReport BulkIssue::Run() {
  const Interrupts interrupts;
  Progress progress(context_, "issued", lines_.size());
  for (const KeyLine& line : lines_) {
    if (file_.held().contains(line.id)) {
      ++report_.already;
    } else {
      orders_.push_back({&line});
    }
  }
  while (!orders_.empty() && !ending() && (pipeline_ || Connect())) {
    Pass(interrupts, progress);
    if (!ending()) GiveUpFound();
  }
  RevokeUnsaved();
  for (const Order& order : found_) report_.lost.push_back({order.line->number, order.found, false, ""});
  return std::move(report_);
}

void BulkIssue::Stop(const Failure& failure) {
  if (!report_.stopped) report_.stopped = failure;
}

void BulkIssue::Refuse(const Order& order, std::string message) {
  report_.refused.push_back({order.line->number, EscapeForDisplay(order.name), std::move(message)});
}

void BulkIssue::Pass(const Interrupts& interrupts, Progress& progress) {
  for (;;) {
    Fill();
    if (waiting_.empty()) return;
    auto answers = pipeline_->Take();
    if (!answers) {
      if (PutBack(answers.error())) continue;
      return;
    }
    lost_connections_ = 0;
    for (client::Answer& answer : *answers) Take(answer);
    Fill();
    pipeline_->Send();  // what the window has room for: the daemon works while the file is written
    Save();
    progress.Show(report_.already + report_.issued + report_.refused.size());
    if (interrupts.caught()) report_.interrupted = true;
  }
}

bool BulkIssue::Connect() {
  const std::string path = context_.daemon().SocketOf(kAdminInterface);
  auto opened = client::Pipeline::Open(path, client::Connection::kDefaultTimeout);
  if (opened) {
    pipeline_.emplace(std::move(*opened));
    return true;
  }
  pipeline_.reset();
  Stop(FailureOfConnect(opened.error(), path));
  return false;
}

bool BulkIssue::PutBack(const Error& error) {
  const bool closed = pipeline_->closed();
  orders_.insert(orders_.begin(), std::make_move_iterator(waiting_.begin()),
                 std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  pipeline_.reset();
  if (ending()) return false;
  // A daemon that was silent may still carry out what it has; the next run finds that.
  if (closed && ++lost_connections_ <= kMostLostConnections) return Connect();
  Stop(FailureOfCall(kCreateKey, error, std::nullopt));
  return false;
}

void BulkIssue::Fill() {
  while (!ending() && pipeline_ && !orders_.empty() && waiting_.size() + added_.size() < kIssueWindow) {
    Order order = std::move(orders_.front());
    orders_.pop_front();
    Ask(std::move(order));
  }
}

void BulkIssue::Ask(Order order) {
  auto parameters = reader_.Read(order.line->text, context_.now());
  if (!parameters) return Refuse(order, parameters.error().message());
  order.name = TextOf(*parameters, "name");
  (*parameters)["request_id"] = fmt::format("bulk-{}-{}-{}", file_.salt(), order.line->id, order.lost_keys);
  const Status added = pipeline_->Add(fmt::format("{}.{}", kAdminInterface, kCreateKey), *parameters);
  if (!added) return Refuse(order, added.error().message());
  waiting_.push_back(std::move(order));
}

void BulkIssue::Take(client::Answer& answer) {
  Order order = std::move(waiting_.front());
  waiting_.pop_front();
  if (!answer.reply) return TakeRefusal(std::move(order), answer);
  const std::size_t line = order.line->number;
  const std::string id = ShownText(ObjectOf(answer.reply->parameters, "record"), "key_id");
  if (answer.reply->key.empty()) {
    Stop({protocol::kExitFailure, fmt::format("the daemon's reply has no key string for key {}", id),
          "update clavigerd to the version of claviger"});
  }
  if (answer.reply->key.empty() || cannot_save_) {
    unsaved_.push_back({line, id, false, ""});
    return;
  }
  file_.Add(*order.line, order.name, id, answer.reply->key);
  added_.push_back({line, id, false, ""});
}

void BulkIssue::TakeRefusal(Order order, const client::Answer& answer) {
  const std::optional<client::Refusal>& refusal = answer.refusal;
  if (refusal && refusal->wire_name == kAlreadyDone) {
    order.found = ShownText(refusal->parameters, "key_id");
    found_.push_back(std::move(order));
    return;
  }
  const Failure failure = FailureOfCall(kCreateKey, answer.reply.error(), refusal);
  if (!ConcernsOneLine(failure)) return Stop(failure);
  Refuse(order, MessageOf(refusal, failure));
}

void BulkIssue::Save() {
  if (const auto saved = file_.Save(); !saved) {
    Stop(saved.error());
    cannot_save_ = true;
    unsaved_.insert(unsaved_.end(), added_.begin(), added_.end());
    added_.clear();
    return;
  }
  report_.issued += added_.size();
  for (const LostKey& key : added_) {
    if (const auto lost = lost_of_line_.find(key.line); lost != lost_of_line_.end()) {
      report_.lost[lost->second].successor = key.id;
    }
  }
  added_.clear();
}

bool BulkIssue::Examine(const Order& order, bool& live) {
  live = false;
  const auto key = ViewKey(context_, order.found);
  if (!key && key.error().exit_status == protocol::kExitNotValid) return true;  // it was purged
  if (!key) {
    Stop(key.error());
    found_.push_back(order);
    return false;
  }
  live = key->live();
  if (!live || IntOf(key->record, "uses") == 0) return true;
  Refuse(order,
         fmt::format("its key {} is not in {}, but is in use, so that someone has it; if nobody should, "
                     "revoke it, then repeat the command",
                     order.found, file_.name()));
  return false;
}

void BulkIssue::GiveUpFound() {
  std::vector<Order> lost;
  std::vector<std::string> ids;
  for (Order& order : std::exchange(found_, {})) {
    if (order.lost_keys == kMostLostKeys) {
      Refuse(order,
             fmt::format("more than {} keys were lost for it; change the line a little", kMostLostKeys));
      continue;
    }
    bool live = false;
    if (ending()) {
      found_.push_back(std::move(order));
    } else if (Examine(order, live)) {
      if (live) ids.push_back(order.found);
      if (live) lost.push_back(order);
      // One that has ended was given up by an earlier run, which could not go on.
      if (!live) OrderAnother(std::move(order));
    }
  }
  const std::map<std::string, std::string> kept = Revoke(ids);
  for (Order& order : lost) {
    if (const auto why = kept.find(order.found); why != kept.end()) {
      Refuse(order,
             fmt::format("key {} was issued for it, but its secret reached nobody, and it could not be "
                         "revoked: {}",
                         order.found, why->second));
      continue;
    }
    lost_of_line_[order.line->number] = report_.lost.size();
    report_.lost.push_back({order.line->number, order.found, true, ""});
    OrderAnother(std::move(order));
  }
}

void BulkIssue::OrderAnother(Order order) {
  ++order.lost_keys;
  orders_.push_back(std::move(order));
}

std::map<std::string, std::string> BulkIssue::Revoke(std::span<const std::string> ids) {
  std::map<std::string, std::string> kept;
  for (std::size_t at = 0; at < ids.size(); at += kKeysPerCall) {
    const auto piece = ids.subspan(at, std::min(kKeysPerCall, ids.size() - at));
    const auto reply = context_.daemon().Admin(
        "RevokeKeys", {{"key_ids", boost::json::array(piece.begin(), piece.end())},
                       {"reason", "issued from a file, but its secret reached nobody"}});
    if (!reply) {
      Stop(reply.error());
      for (const std::string& id : ids.subspan(at)) kept[id] = reply.error().message;
      break;
    }
    for (const boost::json::object* refused : ObjectsOf(ArrayOf(reply->parameters, "refused"))) {
      kept[ShownText(*refused, "key_id")] = ShownText(*refused, "message");
    }
  }
  return kept;
}

void BulkIssue::RevokeUnsaved() {
  std::vector<std::string> ids;
  for (const LostKey& key : unsaved_) ids.push_back(key.id);
  std::map<std::string, std::string> kept;
  if (file_.undone()) kept = Revoke(ids);
  for (LostKey& key : unsaved_) {
    key.revoked = file_.undone() && !kept.contains(key.id);
    report_.lost.push_back(std::move(key));
  }
}

}  // namespace claviger::cli
