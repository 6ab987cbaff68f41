#include "protocol/dispatcher.h"

#include <utility>

namespace claviger::protocol {

Ticket::Ticket(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection, std::uint64_t sequence)
    : mailbox_(std::move(mailbox)), connection_(connection), sequence_(sequence) {}

Ticket::~Ticket() {
  if (mailbox_) mailbox_->Deliver(connection_, sequence_, std::nullopt);
}

void Ticket::Reply(WipingBuffer frames) && {
  const std::shared_ptr<Mailbox> mailbox = std::move(mailbox_);
  mailbox_.reset();
  if (mailbox) mailbox->Deliver(connection_, sequence_, std::move(frames));
}

void Dispatcher::HandOver(CredentialRequest, Ticket) {}

}  // namespace claviger::protocol
