#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/dispatcher.h"

namespace claviger::protocol {
namespace {

struct Recorder final : Ticket::Mailbox {
  void Deliver(std::uint64_t connection, std::uint64_t sequence, std::optional<WipingBuffer> reply) override {
    std::string line = std::to_string(connection) + "/" + std::to_string(sequence) + " ";
    line += reply ? std::string(reply->begin(), reply->end()) : "none";
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

WipingBuffer Buffer(std::string_view text) { return WipingBuffer(text.begin(), text.end()); }

TEST(Ticket, DeliversItsReplyOnce) {
  const auto mailbox = std::make_shared<Recorder>();
  {
    Ticket ticket(mailbox, 3, 7);
    std::move(ticket).Reply(Buffer("yes"));
    std::move(ticket).Reply(Buffer("again"));
  }
  EXPECT_EQ(mailbox->lines, std::vector<std::string>{"3/7 yes"});
}

TEST(Ticket, TellsThatItWasDropped) {
  const auto mailbox = std::make_shared<Recorder>();
  { const Ticket ticket(mailbox, 3, 7); }
  EXPECT_EQ(mailbox->lines, std::vector<std::string>{"3/7 none"});
}

TEST(Ticket, IsDroppedOnlyByItsLastOwner) {
  const auto mailbox = std::make_shared<Recorder>();
  auto first = std::make_unique<Ticket>(mailbox, 1, 2);
  Ticket second(std::move(*first));
  first.reset();
  EXPECT_TRUE(mailbox->lines.empty());
  std::move(second).Reply({});
  EXPECT_EQ(mailbox->lines, std::vector<std::string>{"1/2 "});
}

TEST(Ticket, LetsGoOfTheMailboxOnceReplied) {
  auto mailbox = std::make_shared<Recorder>();
  const std::weak_ptr<Recorder> watch = mailbox;
  Ticket ticket(std::move(mailbox), 1, 1);
  std::move(ticket).Reply({});
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace claviger::protocol
