#include "hsm/call_batch.h"

#include <algorithm>
#include <utility>

#include "hsm/installation.h"

namespace claviger::hsm {

CallBatch::CallBatch(std::vector<MacRequest> requests, MacCallback callback)
    : requests_(std::move(requests)),
      mac_callback_(std::move(callback)),
      macs_(requests_.size()),
      missing_at_first_(requests_.size()),
      missing_(missing_at_first_) {}

CallBatch::CallBatch(Single single, BytesCallback callback)
    : single_(std::move(single)),
      bytes_callback_(std::move(callback)),
      missing_at_first_(1),
      missing_(missing_at_first_) {}

CallBatch::~CallBatch() {
  CountEnd();
  for (MacRequest& request : requests_) Wipe(std::span(request.input));
  for (Mac& mac : macs_) Wipe(std::span<std::uint8_t>(mac));
  Wipe(std::span(single_.input));
}

void CallBatch::CountIn(WaitCounter& counter) {
  counter_ = &counter;
  counted_since_ = SteadyNow();
  counter.Begin();
}

void CallBatch::CountEnd() {
  if (counter_ != nullptr) std::exchange(counter_, nullptr)->End(SteadyNow() - counted_since_);
}

void CallBatch::Fill(std::size_t index, RequestFrame& frame) const {
  frame.generation = kKeyGeneration;
  if (is_single()) {
    frame.op = static_cast<std::uint16_t>(single_.op);
    frame.SetPayload(single_.input);
    return;
  }
  const MacRequest& request = requests_[index];
  frame.op = static_cast<std::uint16_t>(Op::kMac);
  frame.purpose = static_cast<std::uint8_t>(request.purpose);
  frame.SetPayload(request.input);
}

void CallBatch::Accept(std::size_t index, const ReplyFrame& frame) {
  if (ended_) return;
  last_progress_ = SteadyNow();
  if (is_single()) {
    ended_ = true;
    CountEnd();
    bytes_callback_(frame.payload());
    return;
  }
  std::ranges::copy(frame.payload(), macs_[index].begin());
  if (--missing_ != 0) return;
  ended_ = true;
  CountEnd();
  mac_callback_(std::move(macs_));
}

void CallBatch::Fail(const Error& error) {
  if (ended_) return;
  ended_ = true;
  CountEnd();
  if (is_single()) {
    bytes_callback_(error);
  } else {
    mac_callback_(error);
  }
}

}  // namespace claviger::hsm
