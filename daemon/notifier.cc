#include "daemon/notifier.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <utility>

#include "daemon/log.h"

namespace claviger {
namespace {

using Severity = api::Authority::Severity;

constexpr std::chrono::seconds kStoreRetry{2};  // while the database is closed or fails

void Ring(int event) {
  const std::uint64_t one = 1;
  // Can only fail when the counter is near its maximum, and then the descriptor is readable anyway.
  (void)!::write(event, &one, sizeof one);
}

// Runs `work` on the store thread and waits.
Status OnStore(store::StoreThread& store, store::WorkKind kind, store::StoreThread::Work work) {
  std::promise<Status> outcome;
  Status queued =
      store.Submit(kind, std::move(work), [&outcome](const Status& status) { outcome.set_value(status); });
  if (!queued) return queued;
  return outcome.get_future().get();
}

// The notice's body, which is an object that we made, with its sequence before the rest; one line.
std::string InputFor(const store::Notice& notice) {
  return fmt::format("{{\"event_id\":{},{}\n", notice.sequence,
                     std::string_view(notice.body).substr(std::min<std::size_t>(1, notice.body.size())));
}

}  // namespace

Result<std::unique_ptr<Notifier>> Notifier::Start(api::Authority& authority) {
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return ErrnoError(ErrorCode::kInternal, "eventfd", errno);
  std::unique_ptr<Notifier> notifier(new Notifier(authority, std::move(wake)));
  authority.notices().SetWake([event = notifier->wake_.get()] { Ring(event); });
  notifier->thread_ = std::thread([raw = notifier.get()] { raw->Run(); });
  return notifier;
}

Notifier::~Notifier() {
  authority_.notices().SetWake({});
  stopping_ = true;
  Ring(wake_.get());
  if (thread_.joinable()) thread_.join();
}

void Notifier::Run() {
  ::pthread_setname_np(::pthread_self(), "notifier");
  while (!stopping_) {
    deliveries_.SetCommands(authority_.settings().Get()->notices.commands);
    SteadyTime now = SteadyNow();
    if (fetch_ && deliveries_.wants_more() && now >= store_again_) Fetch(now);
    StartDue(now);
    RemoveDone(now);
    Wait(now);
    now = SteadyNow();
    Collect(now);
    Enforce(now);
  }
  End();
}

void Notifier::Fetch(SteadyTime now) {
  auto pending = std::make_shared<std::vector<store::Notice>>();
  const Status read =
      OnStore(authority_.store(), store::WorkKind::kRead, [pending](store::Tables& tables) -> Status {
        auto found = tables.notices.Pending(static_cast<int>(Deliveries::kWindow));
        if (!found) return found.error();
        *pending = std::move(*found);
        return Ok();
      });
  if (!read) {
    store_again_ = now + kStoreRetry;
    return;
  }
  fetch_ = pending->size() == Deliveries::kWindow;  // there may be more
  deliveries_.Take(std::move(*pending));
}

void Notifier::StartDue(SteadyTime now) {
  while (const auto start = deliveries_.Next(now)) {
    std::string what = fmt::format("command {}, event {} ({})", start->program.arguments.front(),
                                   start->notice.sequence, start->notice.event);
    auto process = NoticeProcess::Start(start->program.arguments, InputFor(start->notice));
    if (process) {
      running_.emplace(start->command,
                       Running{std::move(*process), std::move(what), now + start->program.time_limit, false});
    } else {
      Finish(start->command, what, false, process.error().message(), now);
    }
  }
}

void Notifier::RemoveDone(SteadyTime now) {
  const auto done = deliveries_.TakeDone();
  to_remove_.insert(to_remove_.end(), done.begin(), done.end());
  if (to_remove_.empty() || now < store_again_) return;
  const Status removed = OnStore(authority_.store(), store::WorkKind::kWrite,
                                 [sequences = to_remove_](store::Tables& tables) -> Status {
                                   for (const std::int64_t sequence : sequences) {
                                     Status gone = tables.notices.Remove(sequence);
                                     if (!gone && gone.error().code() != ErrorCode::kNotFound) return gone;
                                   }
                                   return Ok();
                                 });
  if (removed) {
    to_remove_.clear();
  } else {
    store_again_ = now + kStoreRetry;
  }
}

void Notifier::Wait(SteadyTime now) {
  std::optional<SteadyTime> until = deliveries_.NextStart();
  const auto no_later_than = [&](SteadyTime time) { until = until ? std::min(*until, time) : time; };
  if ((fetch_ && deliveries_.wants_more()) || !to_remove_.empty()) no_later_than(store_again_);
  std::vector<pollfd> waits = {{wake_.get(), POLLIN, 0}};
  for (const auto& [command, running] : running_) {
    no_later_than(running.deadline);
    waits.push_back({running.process.pidfd(), POLLIN, 0});
    waits.push_back({running.process.output(), POLLIN, 0});
  }
  const auto left = until ? std::chrono::ceil<std::chrono::milliseconds>(*until - now).count() : -1;
  // Interrupted or timed out: what is due is found by who follows.
  (void)::poll(waits.data(), waits.size(),
               until ? static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)) : -1);
  std::uint64_t ignored = 0;
  if (::read(wake_.get(), &ignored, sizeof ignored) > 0) fetch_ = true;
}

void Notifier::Collect(SteadyTime now) {
  for (auto entry = running_.begin(); entry != running_.end();) {
    Running& running = entry->second;
    if (running.process.output() >= 0) running.process.ReadOutput();
    // What is left of its group has had its time as well; once it is reaped, its number is no longer ours.
    pollfd ended{running.process.pidfd(), POLLIN, 0};
    if (::poll(&ended, 1, 0) != 1) {
      ++entry;
      continue;
    }
    if (running.out_of_time) running.process.Kill();
    (void)running.process.Reap();
    const bool success = running.process.succeeded() && !running.out_of_time;
    const std::string ending =
        running.out_of_time ? "took longer than its time limit" : running.process.Ending();
    Finish(entry->first, running.what, success, ending, now);
    entry = running_.erase(entry);
  }
}

void Notifier::Enforce(SteadyTime now) {
  for (auto& [command, running] : running_) {
    if (now < running.deadline) continue;
    running.out_of_time ? running.process.Kill() : running.process.Terminate();
    running.out_of_time = true;
    running.deadline = now + kEndingGrace;
  }
}

void Notifier::Finish(std::uint64_t command, const std::string& what, bool success, const std::string& ending,
                      SteadyTime now) {
  const Deliveries::Verdict verdict = deliveries_.Finished(command, success, now);
  switch (verdict.outcome) {
    case Deliveries::Outcome::kDelivered:
      return;
    case Deliveries::Outcome::kRetry:
      LogLine(Severity::kWarning,
              fmt::format("{}: {}; tried again in {}s", what, ending, verdict.delay.count()));
      return;
    case Deliveries::Outcome::kGivenUp:
      LogLine(Severity::kError,
              fmt::format("{}: {}; given up at attempt {}", what, ending, verdict.attempts));
      return;
  }
}

void Notifier::End() {
  const SteadyTime deadline = SteadyNow() + kEndingGrace;
  for (SteadyTime now = SteadyNow(); !running_.empty() && now < deadline; now = SteadyNow()) {
    for (auto& [command, running] : running_) running.deadline = std::min(running.deadline, deadline);
    Wait(now);
    Collect(SteadyNow());
  }
  for (auto& [command, running] : running_) {
    LogLine(Severity::kWarning,
            running.what + ": was stopped with the daemon; it is told again after the next start");
  }
  running_.clear();  // kills
  store_again_ = {};
  RemoveDone(SteadyNow());
}

}  // namespace claviger
