// claviger-token's work: reads requests from its socket, one after another, and answers each.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "hsm/frame.h"
#include "hsm/token_facts.h"
#include "hsm/uri.h"
#include "hsm/worker/key_ring.h"
#include "hsm/worker/module.h"

namespace claviger::hsm {

// Single-threaded. Loads the module at Op::kOpen, so that a ping is answered before foreign code runs.
class Worker {
 public:
  Worker(std::string module_path, TokenUri uri)
      : module_path_(std::move(module_path)), uri_(std::move(uri)) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Serves `socket` until the other end closes it (true) or sends something that is no request (false). Then
  // the caller calls Finish().
  bool Serve(int socket);
  // Ends the sessions and the module.
  void Finish();

  // Answers one request that CheckRequest has passed.
  void Answer(const RequestFrame& request, ReplyFrame& reply);

 private:
  // Frames that one system call moves.
  static constexpr std::size_t kBatch = 16;
  using Clock = std::chrono::steady_clock;

  // What has come, at least one frame; 0: the other end is closed.
  std::size_t Receive(int socket);
  // Sends the replies to the requests from `first` on, before `end`. False if the other end is closed.
  bool Send(int socket, std::size_t first, std::size_t end);

  TokenResult<void> Dispatch(const RequestFrame& request, ReplyFrame& reply);
  TokenResult<void> Open(const RequestFrame& request, ReplyFrame& reply);
  TokenResult<void> LoadModule();
  TokenResult<Token> ChooseToken(std::span<const std::uint8_t> preferred_serials) const;
  TokenResult<Token> ChooseBlankToken() const;
  TokenResult<TokenFacts> Facts(const Token& token) const;
  TokenResult<void> InitialiseToken(const RequestFrame& request);
  TokenResult<void> Login(const RequestFrame& request);
  TokenResult<void> Keyed(const RequestFrame& request, ReplyFrame& reply);
  TokenResult<void> Measure(KeyName name, ReplyFrame& reply);
  TokenResult<void> Mint(const RequestFrame& request, ReplyFrame& reply);

  std::array<RequestFrame, kBatch> requests_;
  std::array<std::size_t, kBatch> request_sizes_{};
  std::array<ReplyFrame, kBatch> replies_;
  const std::string module_path_;
  const TokenUri uri_;
  std::unique_ptr<Module> module_;
  std::optional<Token> token_;
  std::optional<KeyRing> keys_;  // set by a successful login
  bool login_spent_ = false;
};

}  // namespace claviger::hsm
