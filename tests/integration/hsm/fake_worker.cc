// Stands in for claviger-token: a token in software that misbehaves as soon as the file that the variable
// CLAVIGER_FAKE_WORKER names says how. The file is read before each answer; empty or absent means good
// behaviour.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "hsm/frame.h"
#include "hsm/token_facts.h"

namespace {

using claviger::hsm::Op;
using claviger::hsm::ReplyCode;
using claviger::hsm::ReplyFrame;
using claviger::hsm::RequestFrame;
using claviger::hsm::TokenFacts;

constexpr int kSocket = 3;

std::string Mode() {
  const char* path = std::getenv("CLAVIGER_FAKE_WORKER");
  std::string mode;
  if (path != nullptr) std::ifstream(path) >> mode;
  return mode;
}

void Send(const void* bytes, std::size_t size) {
  if (send(kSocket, bytes, size, MSG_NOSIGNAL) < 0) _exit(1);
}

void Behave(const RequestFrame& request, ReplyFrame& reply) {
  switch (static_cast<Op>(request.op)) {
    case Op::kOpen: {
      TokenFacts facts;
      std::memcpy(facts.label, "claviger", 8);
      std::memcpy(facts.serial, "0001", 4);
      facts.flags = TokenFacts::kMakesHmacs | TokenFacts::kMakesRandom | TokenFacts::kPinInitialised;
      reply.SetPayload(std::span(reinterpret_cast<const std::uint8_t*>(&facts), sizeof(facts)));
      break;
    }
    case Op::kMac:
    case Op::kTokenMac: {
      const std::array<std::uint8_t, 32> key = {request.purpose};
      reply.SetPayload(claviger::HmacSha256(key, request.payload()));
      break;
    }
    case Op::kMint: {
      const auto input = claviger::hsm::DecodeMint(request);
      std::array<std::uint8_t, claviger::hsm::kMintOutput> made;
      claviger::FillRandom(std::span(made).first<32>());
      std::vector<std::uint8_t> message(input->verify_head.begin(), input->verify_head.end());
      message.insert(message.end(), made.begin(), made.begin() + 32);
      const std::array<std::uint8_t, 32> key = {static_cast<std::uint8_t>(claviger::TokenPurpose::kVerify)};
      const auto verifier = claviger::HmacSha256(key, message);
      std::copy(verifier.begin(), verifier.end(), made.begin() + 32);
      reply.SetPayload(made);
      break;
    }
    case Op::kRandom: {
      std::array<std::uint8_t, claviger::hsm::kMaxFrameOutput> bytes;
      claviger::FillRandom(bytes);
      const std::size_t wanted = request.payload().front();  // 0 stands for 256
      reply.SetPayload(std::span(bytes).first(wanted == 0 ? bytes.size() : wanted));
      break;
    }
    default:
      break;
  }
}

// True if the reply has been sent, or shall not be.
bool Misbehave(const std::string& mode, ReplyFrame& reply) {
  if (mode == "garbage") {
    std::array<std::uint8_t, sizeof(ReplyFrame)> rubbish{};
    rubbish.fill(0xa5);
    Send(rubbish.data(), rubbish.size());
  } else if (mode == "wrong_id") {
    ++reply.id;
    Send(&reply, sizeof(reply));
  } else if (mode == "twice") {
    Send(&reply, sizeof(reply));
    Send(&reply, sizeof(reply));
  } else if (mode == "short_frame") {
    Send(&reply, sizeof(reply) / 2);
  } else if (mode == "empty_frame") {
    Send(&reply, 0);
  } else if (mode == "long_frame") {
    std::array<std::uint8_t, sizeof(ReplyFrame) + 100> bytes{};
    std::memcpy(bytes.data(), &reply, sizeof(reply));
    Send(bytes.data(), bytes.size());
  } else if (mode == "long_length") {
    reply.length = 0xffffffff;
    Send(&reply, sizeof(reply));
  } else if (mode == "other_version") {
    ++reply.version;
    Send(&reply, sizeof(reply));
  } else if (mode == "wrong_mac") {
    reply.output[0] ^= 1;
    return false;
  } else if (mode == "token_error") {
    reply.code = static_cast<std::uint16_t>(ReplyCode::kTokenError);
    reply.ckr = 0x30;  // CKR_DEVICE_ERROR
    reply.length = 0;
    return false;
  } else if (mode == "exit") {
    _exit(3);
  } else if (mode == "slow") {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    return false;
  } else if (mode != "silence") {
    return false;
  }
  return true;
}

}  // namespace

int main() {
  if (Mode() == "exit_at_once") return 7;
  while (true) {
    RequestFrame request;
    if (recv(kSocket, &request, sizeof(request), 0) <= 0) _exit(0);
    ReplyFrame reply;
    reply.id = request.id;
    Behave(request, reply);
    if (!Misbehave(Mode(), reply)) Send(&reply, sizeof(reply));
  }
}
