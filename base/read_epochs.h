// Memory that readers look at without a lock, and when it can be given back.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace claviger {

// Readers enter and leave; what a writer has taken out of their reach at some epoch is free once nobody is
// inside who entered at it or before. Thread-safe. Everything that readers follow must be loaded, and
// unlinked, in sequentially consistent order: that is what makes the promise hold.
class ReadEpochs {
 public:
  static constexpr std::size_t kMaxReaders = 128;

  // A thread that reads; used only by it. `epochs` must outlive it.
  class Reader {
   public:
    // kMaxReaders at most exist at once: one more ends the program.
    explicit Reader(ReadEpochs& epochs) : epochs_(epochs), place_(epochs.Claim()) {}
    ~Reader() { epochs_.places_[place_].claimed.store(false); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

   private:
    friend class Section;
    friend class ReadEpochs;
    ReadEpochs& epochs_;
    const std::size_t place_;
  };

  // From here to its end what the reader finds stays. Sections of one reader do not nest.
  class Section {
   public:
    explicit Section(const Reader& reader) : inside_(reader.epochs_.places_[reader.place_].inside) {
      inside_.store(reader.epochs_.epoch_.load());
    }
    ~Section() { inside_.store(kOutside, std::memory_order_release); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    std::atomic<std::uint64_t>& inside_;
  };

  // After unlinking: the epoch at which it was done.
  std::uint64_t Close() { return epoch_.fetch_add(1); }
  // Whether what was unlinked before Close() returned `epoch` can be given back.
  bool HasPassed(std::uint64_t epoch) const;

 private:
  static constexpr std::uint64_t kOutside = ~std::uint64_t{0};

  struct alignas(64) Place {
    std::atomic<std::uint64_t> inside{kOutside};  // the epoch at which its reader entered
    std::atomic<bool> claimed{false};
  };

  std::size_t Claim();

  std::atomic<std::uint64_t> epoch_{1};
  std::array<Place, kMaxReaders> places_;
};

}  // namespace claviger
