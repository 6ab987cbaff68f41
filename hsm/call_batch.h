// Calls to the worker that belong together and are answered together.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/token_purpose.h"
#include "hsm/frame.h"

namespace claviger::hsm {

// Made by the caller's thread, then used by the client's thread alone. Its callback is called exactly once,
// by Accept or Fail.
class CallBatch {
 public:
  using MacCallback = std::function<void(Result<std::vector<Mac>>)>;
  // The bytes are valid during the call.
  using RandomCallback = std::function<void(Result<std::span<const std::uint8_t>>)>;

  // `requests` is not empty, and each input has at most kMaxMacInput bytes.
  CallBatch(std::vector<MacRequest> requests, MacCallback callback);
  // 1 to 256 bytes.
  CallBatch(std::size_t random_length, RandomCallback callback);
  CallBatch(const CallBatch&) = delete;
  CallBatch& operator=(const CallBatch&) = delete;
  ~CallBatch();

  std::size_t size() const { return random_length_ != 0 ? 1 : requests_.size(); }
  std::size_t random_length() const { return random_length_; }
  // Fills in the request of the call `index`.
  void Fill(std::size_t index, RequestFrame& frame) const;
  // Takes the successful reply to the call `index`; the last one ends the batch.
  void Accept(std::size_t index, const ReplyFrame& frame);
  // Ends the batch, unless it has ended.
  void Fail(const Error& error);
  bool ended() const { return ended_; }

  // When it was made, or when its last reply came: its deadline counts from here.
  SteadyTime last_progress() const { return last_progress_; }
  std::size_t next_to_send = 0;

 private:
  std::vector<MacRequest> requests_;
  MacCallback mac_callback_;
  std::size_t random_length_ = 0;
  RandomCallback random_callback_;
  std::vector<Mac> macs_;
  std::size_t missing_;
  SteadyTime last_progress_ = SteadyNow();
  bool ended_ = false;
};

}  // namespace claviger::hsm
