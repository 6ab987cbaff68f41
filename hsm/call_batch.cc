#include "hsm/call_batch.h"

#include <algorithm>

#include "hsm/installation.h"

namespace claviger::hsm {

CallBatch::CallBatch(std::vector<MacRequest> requests, MacCallback callback)
    : requests_(std::move(requests)),
      mac_callback_(std::move(callback)),
      macs_(requests_.size()),
      missing_(requests_.size()) {}

CallBatch::CallBatch(std::size_t random_length, RandomCallback callback)
    : random_length_(random_length), random_callback_(std::move(callback)), missing_(1) {}

CallBatch::~CallBatch() {
  for (MacRequest& request : requests_) Wipe(std::span(request.input));
  for (Mac& mac : macs_) Wipe(std::span<std::uint8_t>(mac));
}

void CallBatch::Fill(std::size_t index, RequestFrame& frame) const {
  if (random_length_ != 0) {
    frame.op = static_cast<std::uint16_t>(Op::kRandom);
    const auto wanted = static_cast<std::uint8_t>(random_length_ % 256);
    frame.SetPayload(std::span(&wanted, 1));
    return;
  }
  const MacRequest& request = requests_[index];
  frame.op = static_cast<std::uint16_t>(Op::kMac);
  frame.purpose = static_cast<std::uint8_t>(request.purpose);
  frame.generation = kKeyGeneration;
  frame.SetPayload(request.input);
}

void CallBatch::Accept(std::size_t index, const ReplyFrame& frame) {
  if (ended_) return;
  last_progress_ = SteadyNow();
  if (random_length_ != 0) {
    ended_ = true;
    random_callback_(frame.payload());
    return;
  }
  std::ranges::copy(frame.payload(), macs_[index].begin());
  if (--missing_ != 0) return;
  ended_ = true;
  mac_callback_(std::move(macs_));
}

void CallBatch::Fail(const Error& error) {
  if (ended_) return;
  ended_ = true;
  if (random_length_ != 0) {
    random_callback_(error);
  } else {
    mac_callback_(error);
  }
}

}  // namespace claviger::hsm
