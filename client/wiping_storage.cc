#include "client/wiping_storage.h"

#include <boost/json/memory_resource.hpp>
#include <cstddef>
#include <new>
#include <span>

#include "base/secret.h"

namespace claviger::client {
namespace {

// Alignments are not looked at, as in boost::json's own default resource: it never asks for more than the
// default, and not always for the same when it allocates and deallocates.
class WipingResource final : public boost::json::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t) override { return ::operator new(bytes); }
  void do_deallocate(void* block, std::size_t bytes, std::size_t) override {
    Wipe(std::span<std::byte>(static_cast<std::byte*>(block), bytes));
    ::operator delete(block);
  }
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

}  // namespace

boost::json::storage_ptr WipingStorage() {
  static WipingResource resource;
  return boost::json::storage_ptr(&resource);
}

}  // namespace claviger::client
