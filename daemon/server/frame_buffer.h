// Input of one connection: received bytes in, whole frames out.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/secret.h"

namespace claviger::server {

// Splits a stream at its NULs. Holds no storage while it is empty, so that an idle connection costs none;
// storage can be lent to it. What has been consumed is wiped. Thread-compatible.
class FrameBuffer {
 public:
  // `max_frame_bytes`: the longest frame allowed, its NUL not counted.
  explicit FrameBuffer(std::size_t max_frame_bytes) : max_frame_bytes_(max_frame_bytes) {}

  bool empty() const { return begin_ == end_; }
  // The frame at the front is longer than allowed: there is nothing more to be had from this stream.
  bool too_long() const { return too_long_; }

  // Where the next bytes go: at least `wanted`, behind those that are there. Storage grows no further than
  // one frame of the allowed length and `wanted` need. Valid until the next call of anything but Commit.
  std::span<char> Room(std::size_t wanted);
  // `received` bytes have been put into Room().
  void Commit(std::size_t received) { end_ += received; }

  // The next whole frame without its NUL; kFramePadding bytes behind it are readable. nullopt if none is
  // complete, or too_long(). Valid until Room, Settle or Clear.
  std::optional<std::span<char>> NextFrame();

  // Takes back `first`, a frame that NextFrame has given, and those that came after it: it gives them again.
  // Only where nothing was called since but NextFrame.
  void PutBack(std::span<char> first);

  // Uses `storage` from now on; only while empty().
  void Lend(WipingBuffer storage);
  // Wipes what has been consumed and moves the rest to the front. Returns storage that was lent; the rest is
  // then kept in storage of its own.
  WipingBuffer Settle();
  // Drops everything. Returns storage that was lent.
  WipingBuffer Clear();

 private:
  std::size_t usable() const;
  void MoveToFront();

  std::size_t max_frame_bytes_;
  WipingBuffer storage_;  // its last kFramePadding bytes are never received into
  bool lent_ = false;
  std::size_t begin_ = 0;     // of what has not been consumed
  std::size_t end_ = 0;       // of what has been received
  std::size_t searched_ = 0;  // so many bytes from begin_ hold no NUL
  bool too_long_ = false;
};

}  // namespace claviger::server
