// Remembers what was last asked: services ask for the same few scopes all the time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daemon/keys/catalogue.h"
#include "daemon/keys/key_entry.h"
#include "protocol/verify_call.h"

namespace claviger::api {

// Positions in `catalogue` of the scopes `names`, which are to be written to `query`. False if there are too
// many, or one is no scope.
bool ReadScopes(std::span<const std::string_view> names, const keys::Catalogue& catalogue,
                keys::VerifyQuery& query);

// One per loop; used only on its thread.
class ScopeMemo {
 public:
  // What `call` asks, in positions of `catalogue`; nullptr if it is not well-formed. Valid until the next
  // call.
  const keys::VerifyQuery* Of(const protocol::VerifyCall& call, const keys::Catalogue& catalogue);
  // After a change of the catalogue.
  void Forget();

  static constexpr std::size_t kPlaces = 64;

 private:
  // Longer texts are read anew each time.
  static constexpr std::size_t kMaxText = 512;

  struct Place {
    std::string text;  // of the array in the call; "" = free
    keys::VerifyQuery query;
  };

  std::array<Place, kPlaces> places_;
  keys::VerifyQuery none_;   // for calls that ask for no scope
  keys::VerifyQuery other_;  // for what is not remembered
};

}  // namespace claviger::api
