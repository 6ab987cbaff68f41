#include "daemon/keys/token_mac.h"

#include <memory>
#include <utility>

namespace claviger::keys {

std::future<Result<Minted>> TokenMac::Mint(const MintOrder& order) {
  // Shared, because whoever keeps the promise may still be in it when the waiter goes on.
  const auto promise = std::make_shared<std::promise<Result<Minted>>>();
  std::future<Result<Minted>> made = promise->get_future();
  MintAsync(order, [promise](Result<Minted> minted) { promise->set_value(std::move(minted)); });
  return made;
}

}  // namespace claviger::keys
