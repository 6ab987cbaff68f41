#include "cli/leak_intake.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "cli/interrupts.h"
#include "cli/json_view.h"
#include "cli/key_string_scan.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kIntakePieceBytes = std::size_t{64} * 1024;

// Where a string was found, as text that the daemon takes.
std::string PlaceOf(const Context& context, const std::string& name, std::uint64_t line) {
  if (auto source = context.invocation().Text("source")) return *source;
  std::string place = fmt::format("{}:{}", EscapeForDisplay(name), line);
  if (place.size() <= LeakIntake::kMaxSourceBytes) return place;
  std::size_t from = place.size() - LeakIntake::kMaxSourceBytes + 3;
  while ((static_cast<unsigned char>(place[from]) & 0xC0U) == 0x80U || place[from] == ' ') ++from;
  return "..." + place.substr(from);
}

}  // namespace

Outcome<bool> LeakIntake::Read(int fd, const std::string& name) {
  const Interrupts interrupts;
  KeyStringScan scan;
  WipingBuffer piece(kIntakePieceBytes);
  const auto sink = [&](std::string_view found, std::uint64_t line) {
    return ReportOnce(found, PlaceOf(context_, name, line));
  };
  for (;;) {
    interrupted_ = !interrupts.WaitForInput(fd);
    if (interrupted_) return true;
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got == 0) return true;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const std::string what = "read " + EscapeForDisplay(name);
      PrintError("claviger: " + ErrnoError(ErrorCode::kUnavailable, what, errno).message());
      return false;
    }
    const auto taken = scan.Feed(std::span(piece.data(), static_cast<std::size_t>(got)), sink);
    if (!taken) return taken.error();
  }
}

Outcome<void> LeakIntake::Take(const Secret& text, const std::string& name) {
  KeyStringScan scan;
  const std::string_view view = text.ExposeText();
  return scan.Feed(std::span(view.data(), view.size()), [&](std::string_view found, std::uint64_t line) {
    return ReportOnce(found, PlaceOf(context_, name, line));
  });
}

Outcome<void> LeakIntake::ReportOnce(std::string_view found, const std::string& source) {
  WipingBuffer key(found.begin() + static_cast<std::ptrdiff_t>(found.find('_')), found.end());
  if (known_.contains(key)) return {};
  if (known_.size() == kMaxStrings) {
    return Failure{protocol::kExitFailure,
                   fmt::format("there are more than {} different key strings; those before {} were handed in",
                               kMaxStrings, source),
                   "hand in the rest in smaller parts"};
  }
  auto reply = Ask(found, source);
  if (!reply) return reply.error();
  if (reply->empty()) return {};
  known_.insert(std::move(key));
  results_.push_back({source, std::move(*reply)});
  return {};
}

Outcome<boost::json::object> LeakIntake::Ask(std::string_view found, const std::string& source) {
  // The checksum covers the letters before the key, so that the daemon knows which of them belong to it.
  for (; found.find('_') >= KeyStringScan::kMinPrefix; found.remove_prefix(1)) {
    const Secret key = Secret::FromText(found);
    const std::array secrets = {client::SecretParameter{"key", key}};
    auto reply = context_.daemon().Admin("ReportLeak", {{"source", source}}, secrets);
    if (!reply) return reply.error();
    if (ShownText(reply->parameters, "outcome") != "malformed") return std::move(reply->parameters);
  }
  return boost::json::object();
}

}  // namespace claviger::cli
