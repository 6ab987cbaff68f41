// Workers that are not spoken to any more, until they are gone.
#pragma once

#include <chrono>
#include <vector>

#include "base/clock.h"
#include "hsm/worker_link.h"

namespace claviger::hsm {

// Of the client's thread. What is left when it is destroyed is killed.
class RetiredWorkers {
 public:
  enum class Manner {
    kInOrder,  // it finishes its call, finalises the module and ends; killed if it has not within some
               // seconds
    kByForce,  // it is hung or broken: killed now. One that is in a login is treated as kInOrder, with more
               // time: killing it there can destroy the token
  };
  void Add(WorkerLink link, Manner manner);
  // Reaps those that are gone, kills those whose time is over.
  void Sweep();
  bool empty() const { return workers_.empty(); }
  // Waits until all are gone, at most `timeout`.
  void Wait(std::chrono::milliseconds timeout);
  // Waits until all are gone, killing each when its time is over.
  void WaitForAll();

 private:
  struct Retired {
    WorkerProcess process;
    SteadyTime kill_at;
  };
  std::vector<Retired> workers_;
};

}  // namespace claviger::hsm
