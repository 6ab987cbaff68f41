#include "daemon/server/frame_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/dispatcher.h"

namespace claviger::server {

using protocol::kFramePadding;

std::size_t FrameBuffer::usable() const { return storage_.empty() ? 0 : storage_.size() - kFramePadding; }

void FrameBuffer::MoveToFront() {
  if (begin_ == 0) return;
  const std::size_t held = end_ - begin_;
  std::memmove(storage_.data(), storage_.data() + begin_, held);
  Wipe(std::span(storage_).subspan(held, end_ - held));
  begin_ = 0;
  end_ = held;
}

std::span<char> FrameBuffer::Room(std::size_t wanted) {
  if (usable() - end_ < wanted) MoveToFront();
  if (usable() - end_ < wanted) {
    // Doubled, so that a long frame is not copied for each piece of it.
    const std::size_t size = std::max(end_ + wanted, std::min(2 * end_, max_frame_bytes_ + 1 + wanted));
    WipingBuffer larger(size + kFramePadding);
    std::copy_n(storage_.begin(), static_cast<std::ptrdiff_t>(end_), larger.begin());
    storage_.swap(larger);
    lent_ = false;
  }
  return std::span(storage_).subspan(end_, usable() - end_);
}

std::optional<std::span<char>> FrameBuffer::NextFrame() {
  if (empty() || too_long_) return std::nullopt;
  char* const front = storage_.data() + begin_;
  const std::size_t held = end_ - begin_;
  const auto* nul = static_cast<const char*>(std::memchr(front + searched_, 0, held - searched_));
  const std::size_t length = nul == nullptr ? held : static_cast<std::size_t>(nul - front);
  too_long_ = length > max_frame_bytes_;
  if (too_long_ || nul == nullptr) {
    searched_ = length;
    return std::nullopt;
  }
  begin_ += length + 1;
  searched_ = 0;
  return std::span(front, length);
}

void FrameBuffer::PutBack(std::span<char> first) {
  begin_ = static_cast<std::size_t>(first.data() - storage_.data());
  searched_ = 0;
  too_long_ = false;
}

void FrameBuffer::Lend(WipingBuffer storage) {
  if (storage.size() <= kFramePadding) return;
  storage_ = std::move(storage);
  lent_ = true;
  begin_ = end_ = searched_ = 0;
}

WipingBuffer FrameBuffer::Settle() {
  if (empty()) return Clear();
  MoveToFront();
  if (!lent_) return {};
  WipingBuffer own(end_ + kFramePadding);
  std::copy_n(storage_.begin(), static_cast<std::ptrdiff_t>(end_), own.begin());
  Wipe(std::span(storage_).first(end_));
  lent_ = false;
  return std::exchange(storage_, std::move(own));
}

WipingBuffer FrameBuffer::Clear() {
  if (lent_) Wipe(std::span(storage_).first(end_));
  WipingBuffer dropped = std::exchange(storage_, WipingBuffer());
  begin_ = end_ = searched_ = 0;
  return std::exchange(lent_, false) ? std::move(dropped) : WipingBuffer();
}

}  // namespace claviger::server
