// Whether all parts of the daemon still get round to their work.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace claviger {

// A part that has to show that it is alive.
struct VitalPart {
  std::string name;  // "the store", for the log
  // Asks the part to call `answer` from where it works, once and soon. False: it cannot even be asked, which
  // counts as no answer. Must not block.
  std::function<bool(std::function<void()> answer)> ask;
  // How much later than the next check the answer may come: work that takes its time is no death.
  std::chrono::milliseconds patience{0};
  // True while no answer can be expected for a known reason. May be empty.
  std::function<bool()> excused{};
};

// Thread-compatible. Answers may come on any thread, also after its end.
class Heartbeat {
 public:
  explicit Heartbeat(std::vector<VitalPart> parts);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  // True if every part has answered what it was asked at an earlier check, or may still do so. Asks those
  // anew that have answered; a part has one question before it at most.
  bool Check(SteadyTime now);
  // The parts for which the last check was false.
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  struct Watch;
  bool CheckPart(Watch& watch, SteadyTime now);

  std::vector<std::unique_ptr<Watch>> watches_;
  std::vector<std::string> missing_;
};

}  // namespace claviger
