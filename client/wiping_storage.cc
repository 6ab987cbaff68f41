#include "client/wiping_storage.h"

#include <boost/json/memory_resource.hpp>
#include <cstddef>
#include <new>
#include <span>

#include "base/secret.h"

namespace claviger::client {
namespace {

class WipingResource final : public boost::json::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return ::operator new(bytes, std::align_val_t(alignment));
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    Wipe(std::span<std::byte>(static_cast<std::byte*>(block), bytes));
    ::operator delete(block, std::align_val_t(alignment));
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
