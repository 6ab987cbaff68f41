// Counts this program's allocations: a warm connection's calls must make none.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "daemon/server/server.h"
#include "protocol/call.h"
#include "tests/unit/server/client.h"

namespace {

thread_local std::size_t allocations = 0;

void* Allocate(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void* AllocateOrThrow(std::size_t size) {
  if (void* memory = Allocate(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// All forms, since a sanitizer brings its own for those that are left out.
void* operator new(std::size_t size) { return AllocateOrThrow(size); }
void* operator new[](std::size_t size) { return AllocateOrThrow(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace claviger::server {
namespace {

using protocol::Disposition;

constexpr std::string_view kCall =
    R"({"method":"io.claviger.Verify.Verify","parameters":{"key":"clv_0","scopes":["read:a","read:b"]}})";
constexpr std::string_view kReply = R"({"parameters":{"valid":false,"code":"malformed"}})";

// Does with each call what a verification does with it, and notes the loop thread's count of allocations.
class CountingDispatcher final : public protocol::Dispatcher {
 public:
  explicit CountingDispatcher(std::vector<std::size_t>& counts) : counts_(counts) {}

  Result<std::unique_ptr<protocol::Session>> Accept(protocol::Peer, protocol::Face) override {
    return Result<std::unique_ptr<protocol::Session>>(std::make_unique<protocol::Session>());
  }
  void BeginBatch(SteadyTime) override {}
  Disposition Dispatch(protocol::Session&, std::span<char> frame, WipingBuffer& out,
                       protocol::TicketOffer&) override {
    static constexpr std::array kParameters = {
        protocol::Parameter{"key", protocol::ParameterType::kString, true},
        protocol::Parameter{"scopes", protocol::ParameterType::kStringList, false},
    };
    const auto call = parser_.Parse(frame);
    protocol::Parameters<kParameters.size()> parameters;
    if (!call || !parameters.Bind(*call, kParameters).empty()) return Disposition::kClose;
    out.insert(out.end(), kReply.begin(), kReply.end());
    out.push_back('\0');
    counts_.push_back(allocations);
    return Disposition::kReplied;
  }

 private:
  std::vector<std::size_t>& counts_;  // has its room before it is used
  protocol::CallParser parser_{protocol::kMaxVerifyFrameBytes};
};

TEST(Allocation, IsNotNeededForCallsOnAWarmConnection) {
  constexpr std::size_t kRounds = 200;
  constexpr std::size_t kDepth = 16;
  std::vector<std::size_t> counts;
  counts.reserve(kRounds * (kDepth + 1));
  const ScratchDirectory directory;
  std::vector<Listening> sockets;
  sockets.push_back(*Bind(directory / "socket", protocol::Face::kVerify, 0600));
  ServerSettings settings;
  settings.loops = 1;
  auto server = Server::Start(std::move(sockets), settings,
                              [&] { return std::make_unique<CountingDispatcher>(counts); });
  ASSERT_TRUE(server);
  Client client(directory / "socket");
  const std::vector<std::string> pipelined(kDepth, std::string(kCall));
  for (std::size_t i = 0; i < kRounds; ++i) {
    ASSERT_EQ(client.Ask(kCall), kReply);
    ASSERT_TRUE(client.SendFrames(pipelined));
    ASSERT_EQ(client.Receive(kDepth).back(), kReply);
  }
  (*server)->Stop();
  ASSERT_EQ(counts.size(), kRounds * (kDepth + 1));
  const std::size_t warm = 10 * (kDepth + 1);
  EXPECT_GT(counts.front(), 0U);  // making the connection did allocate, and was counted
  EXPECT_EQ(counts.back() - counts[warm], 0U);
}

}  // namespace
}  // namespace claviger::server
