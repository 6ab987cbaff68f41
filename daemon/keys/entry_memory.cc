#include "daemon/keys/entry_memory.h"

#include <cstddef>

#include "base/mutex.h"

namespace claviger::keys {
namespace {

class LockedPool final : public std::pmr::memory_resource {
 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const MutexLock lock(mutex_);
    return pool_.allocate(bytes, alignment);
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    const MutexLock lock(mutex_);
    pool_.deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  Mutex mutex_;
  std::pmr::unsynchronized_pool_resource pool_ GUARDED_BY(mutex_);
};

}  // namespace

std::pmr::memory_resource& EntryMemory() {
#ifdef CLAVIGER_SANITIZED
  return *std::pmr::new_delete_resource();  // it sees the use of an entry that is gone
#else
  static LockedPool& pool = *new LockedPool;
  return pool;
#endif
}

}  // namespace claviger::keys
