// Memory for secrets: cannot be copied, printed or compared by accident, and is wiped when it goes away.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace claviger {

// Overwrites `bytes` in a way that the compiler may not leave out.
void Wipe(std::span<std::byte> bytes);
inline void Wipe(std::span<std::uint8_t> bytes) { Wipe(std::as_writable_bytes(bytes)); }
inline void Wipe(std::span<char> bytes) { Wipe(std::as_writable_bytes(bytes)); }

// True if both have the same bytes. Time depends only on the length; unequal lengths are unequal at once.
bool EqualInConstantTime(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

// An allocator that wipes each block before it is given back, so that a growing or dying container leaves
// nothing.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  explicit(false) WipingAllocator(const WipingAllocator<U>&) {}
  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* p, std::size_t n) {
    Wipe(std::as_writable_bytes(std::span<T>(p, n)));
    std::allocator<T>().deallocate(p, n);
  }
  // What a container only makes room for is not set: receiving and formatting write it anyway.
  template <class U>
  void construct(U* p) noexcept {
    ::new (static_cast<void*>(p)) U;
  }
  template <class U, class... Arguments>
  void construct(U* p, Arguments&&... arguments) {
    ::new (static_cast<void*>(p)) U(std::forward<Arguments>(arguments)...);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

// A byte buffer for what passes through with secrets in it: received frames, replies that carry a key string.
using WipingBuffer = std::vector<char, WipingAllocator<char>>;

inline void Append(WipingBuffer& out, std::string_view text) {
  // Not insert(), which would construct each byte by itself through the allocator.
  const std::size_t before = out.size();
  out.resize(before + text.size());
  text.copy(out.data() + before, text.size());
}

// A secret of any length: a PIN, a database key, a key string on its way to its holder. Move-only; no
// operator<<, no formatter. Reading needs Expose*(), which is the word to grep for in a review.
// Thread-compatible.
class Secret {
 public:
  Secret() = default;
  // Copies `bytes`; wiping the source stays with the caller.
  explicit Secret(std::span<const std::uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}
  static Secret FromText(std::string_view text);

  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;  // a copy is one more place to wipe; ask for Duplicate() where one is meant
  Secret& operator=(const Secret&) = delete;

  Secret Duplicate() const { return Secret(ExposeBytes()); }
  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

  // Valid until this object is moved from, assigned to or destroyed.
  std::span<const std::uint8_t> ExposeBytes() const { return bytes_; }
  std::string_view ExposeText() const;

 private:
  std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> bytes_;
};

// A secret of fixed length kept in place (no heap): the secret part of a presented key, a MAC key. Move-only;
// wiped when destroyed or moved from.
template <std::size_t N>
class SecretArray {
 public:
  SecretArray() = default;
  SecretArray(SecretArray&& other) noexcept : bytes_(other.bytes_) { other.Clear(); }
  SecretArray& operator=(SecretArray&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.Clear();
    }
    return *this;
  }
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { Clear(); }

  std::span<const std::uint8_t, N> Expose() const { return std::span<const std::uint8_t, N>(bytes_); }
  std::span<std::uint8_t, N> ExposeForWriting() { return std::span<std::uint8_t, N>(bytes_); }
  void Clear() { Wipe(std::span<std::uint8_t>(bytes_)); }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

}  // namespace claviger
