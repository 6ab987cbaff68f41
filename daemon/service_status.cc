#include "daemon/service_status.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <chrono>

#include "base/text.h"

namespace claviger {
namespace {

// A start or an end may take so long beyond the manager's own limit: a large database takes its time to be
// brought to a new format, or to be written out.
constexpr std::chrono::microseconds kLongestStart = std::chrono::minutes(10);
constexpr std::chrono::microseconds kLongestEnd = std::chrono::minutes(2);

void Notify(const std::string& state) { ::sd_notify(0, state.c_str()); }

std::string Extend(std::chrono::microseconds limit) {
  return fmt::format("EXTEND_TIMEOUT_USEC={}", limit.count());
}

}  // namespace

std::string StatusSentence(api::Authority& authority) {
  const hsm::TokenStatus token = authority.token().status();
  if (token.state == hsm::TokenState::kUninitialised) {
    return "nothing is set up yet; run claviger setup, or claviger token init for a token that is there";
  }
  if (token.state != hsm::TokenState::kReady) {
    return fmt::format("{}: {}", hsm::TokenStateName(token.state), EscapeForDisplay(token.message));
  }
  if (!authority.store().is_open()) {
    const std::string& failure = authority.open_failure();
    return failure.empty() ? "the token is ready; the database is being opened"
                           : "the database is closed: " + EscapeForDisplay(failure);
  }
  return fmt::format("serving; {} keys in memory, {} connections", authority.cache().size(),
                     authority.ConnectionCount());
}

void ServiceStatus::TellStarting() {
  Notify("STATUS=waiting for the token and the database\n" + Extend(kLongestStart));
}

void ServiceStatus::TellReady() {
  told_ = StatusSentence(authority_);
  Notify("READY=1\nSTATUS=" + told_);
}

void ServiceStatus::Update() {
  std::string sentence = StatusSentence(authority_);
  if (sentence == told_) return;
  told_ = std::move(sentence);
  Notify("STATUS=" + told_);
}

void ServiceStatus::TellStopping() {
  Notify("STOPPING=1\nSTATUS=ending: open calls are answered, the last uses written\n" + Extend(kLongestEnd));
}

void ServiceStatus::TellFailure(const Error& error) {
  Notify("STATUS=failed: " + EscapeForDisplay(error.message()));
}

void TellAlive() { Notify("WATCHDOG=1"); }

void TellReloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(SteadyNow().time_since_epoch());
  Notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()));
}

void TellReloaded() { Notify("READY=1"); }

}  // namespace claviger
