// Calls to the worker that belong together and are answered together.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/token_purpose.h"
#include "base/wait_counter.h"
#include "hsm/frame.h"

namespace claviger::hsm {

// Made by the caller's thread, then used by the client's thread alone. Its callback is called exactly once,
// by Accept or Fail.
class CallBatch {
 public:
  using MacCallback = std::function<void(Result<std::vector<Mac>>)>;
  // The bytes are valid during the call.
  using BytesCallback = std::function<void(Result<std::span<const std::uint8_t>>)>;

  // One call of another kind than a MAC.
  struct Single {
    Op op = Op::kPing;
    std::vector<std::uint8_t> input;  // at most kMaxFrameInput
    std::size_t random_length = 0;    // for kRandom
  };

  // `requests` is not empty, and each input has at most kMaxMacInput bytes.
  CallBatch(std::vector<MacRequest> requests, MacCallback callback);
  CallBatch(Single single, BytesCallback callback);
  CallBatch(const CallBatch&) = delete;
  CallBatch& operator=(const CallBatch&) = delete;
  ~CallBatch();

  std::size_t size() const { return missing_at_first_; }
  std::size_t random_length() const { return single_.random_length; }
  // Fills in the request of the call `index`.
  void Fill(std::size_t index, RequestFrame& frame) const;
  // Takes the successful reply to the call `index`; the last one ends the batch.
  void Accept(std::size_t index, const ReplyFrame& frame);
  // Ends the batch, unless it has ended.
  void Fail(const Error& error);
  bool ended() const { return ended_; }
  // Counts it as waiting from now until it ends or goes. Before it is submitted; `counter` must outlive it.
  void CountIn(WaitCounter& counter);

  // When it was made, or when its last reply came: its deadline counts from here.
  SteadyTime last_progress() const { return last_progress_; }
  std::size_t next_to_send = 0;

 private:
  bool is_single() const { return requests_.empty(); }
  void CountEnd();

  std::vector<MacRequest> requests_;
  MacCallback mac_callback_;
  Single single_;
  BytesCallback bytes_callback_;
  std::vector<Mac> macs_;
  const std::size_t missing_at_first_;
  std::size_t missing_;
  SteadyTime last_progress_ = SteadyNow();
  bool ended_ = false;
  WaitCounter* counter_ = nullptr;  // null: not counted, or no more
  SteadyTime counted_since_{};
};

}  // namespace claviger::hsm
