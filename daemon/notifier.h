// Tells the configured commands of what has happened: a thread of its own, from the outbox in the database.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "daemon/api/authority.h"
#include "daemon/deliveries.h"
#include "daemon/notice_process.h"

namespace claviger {

// Every notice reaches every command that wants it at least once, or is given up after a number of attempts
// with a line in the log. A notice leaves the outbox only after that, so that a daemon that dies tells of it
// again; "event_id" in it lets a receiver drop doubles.
class Notifier {
 public:
  // How long a command that is asked to end, by its time limit or the daemon's end, has for it.
  static constexpr std::chrono::seconds kEndingGrace{2};

  // `authority` must outlive it.
  static Result<std::unique_ptr<Notifier>> Start(api::Authority& authority);
  // Lets what runs finish for kEndingGrace, then kills it.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

 private:
  struct Running {
    NoticeProcess process;
    std::string what;          // for the log: "command /x, event 7 (key.revoked)"
    SteadyTime deadline;       // of the next step against it
    bool out_of_time = false;  // it was asked to end
  };

  Notifier(api::Authority& authority, UniqueFd wake) : authority_(authority), wake_(std::move(wake)) {}
  void Run();
  void Fetch(SteadyTime now);
  void StartDue(SteadyTime now);
  void RemoveDone(SteadyTime now);
  void Wait(SteadyTime now);
  void Collect(SteadyTime now);
  void Enforce(SteadyTime now);
  void Finish(std::uint64_t command, const std::string& what, bool success, const std::string& ending,
              SteadyTime now);
  void End();

  api::Authority& authority_;
  const UniqueFd wake_;  // an eventfd
  std::atomic<bool> stopping_{false};
  // Of the thread alone.
  Deliveries deliveries_;
  std::map<std::uint64_t, Running> running_;  // by command
  std::vector<std::int64_t> to_remove_;
  bool fetch_ = true;
  SteadyTime store_again_{};  // not before this is the store asked
  std::thread thread_;
};

}  // namespace claviger
