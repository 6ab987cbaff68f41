#include "cli/wizard/session.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "cli/json_view.h"
#include "cli/key_file.h"
#include "protocol/error_names.h"

namespace claviger::cli::wizard {

std::optional<boost::json::object> Session::Preview() {
  auto reply = context_.daemon().Admin("PreviewKey", state_.Parameters());
  if (reply) return std::move(reply->parameters);
  Complain(reply.error());
  return std::nullopt;
}

bool Session::Create() {
  auto reply = context_.daemon().Admin("CreateKey", state_.CreateParameters());
  if (!reply) {
    Failure failure = reply.error();
    // A refusal of what was asked did nothing; for the rest, the hint says how to find out.
    if (failure.field.empty() && !failure.hint.empty()) doubt_ = failure;
    if (failure.exit_status == protocol::kExitTryLater) {
      failure.hint = "it may have been done; asking again makes no second key";
    }
    Complain(failure);
    return false;
  }
  issued_ = true;
  doubt_.reset();
  record_ = ObjectOf(reply->parameters, "record");
  key_ = std::move(reply->key);
  return true;
}

void Session::Complain(const Failure& failure) {
  std::string message = failure.message;
  // "--expires: is in the past": on the page of the field its option is no help.
  const std::size_t colon = message.find(": ");
  if (!failure.field.empty() && colon != std::string::npos) message.erase(0, colon + 2);
  if (!failure.hint.empty()) message += fmt::format(" ({})", failure.hint);
  state_.Refuse(failure.field, std::move(message));
}

std::string Session::key_id() const { return ShownText(record_, "key_id"); }

Outcome<void> Session::WriteTo(const std::string& path) {
  auto file = KeyFile::Create(path);
  if (!file) return file.error();
  if (const auto written = file->Write(key_); !written) return written.error();
  file_ = path;
  return {};
}

}  // namespace claviger::cli::wizard
