// FrameBuffer against splitting the whole stream at once. The first byte of the input chooses the pieces, the
// second the limit, the rest is the stream.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/server/frame_buffer.h"
#include "protocol/dispatcher.h"

namespace {

using namespace claviger;

struct Split {
  std::vector<std::string> frames;
  bool too_long = false;
  bool operator==(const Split&) const = default;
};

Split SplitAtOnce(const std::string& stream, std::size_t limit) {
  Split split;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t nul = std::min(stream.find('\0', at), stream.size());
    split.too_long = nul - at > limit;
    if (split.too_long || nul == stream.size()) break;
    split.frames.push_back(stream.substr(at, nul - at));
    at = nul + 1;
  }
  return split;
}

Split SplitInPieces(const std::string& stream, std::size_t limit, std::size_t piece) {
  Split split;
  server::FrameBuffer buffer(limit);
  WipingBuffer storage(128 + protocol::kFramePadding);
  for (std::size_t at = 0, turn = 0; at < stream.size() && !buffer.too_long(); ++turn) {
    if (buffer.empty() && turn % 2 == 0) buffer.Lend(std::move(storage));
    const std::span<char> room = buffer.Room(piece);
    const std::size_t bytes = std::min({room.size(), piece, stream.size() - at});
    stream.copy(room.data(), bytes, at);
    buffer.Commit(bytes);
    at += bytes;
    while (const auto frame = buffer.NextFrame()) split.frames.emplace_back(frame->begin(), frame->end());
    if (turn % 3 != 0) {
      WipingBuffer back = buffer.Settle();
      if (!back.empty()) storage = std::move(back);
    }
  }
  split.too_long = buffer.too_long();
  return split;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string stream(data + 2, data + size);
  const std::size_t piece = 1 + data[0];
  const std::size_t limit = data[1];
  if (SplitInPieces(stream, limit, piece) != SplitAtOnce(stream, limit)) std::abort();
  return 0;
}
