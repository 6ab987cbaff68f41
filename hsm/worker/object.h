// An object in a token, and the templates that make and find ours.
#pragma once

#include <p11-kit/pkcs11.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/token_purpose.h"

namespace claviger::hsm {

// The bytes of a purpose key (design section 7), and the shortest key that every token's CKM_SHA256_HMAC
// accepts.
inline constexpr std::size_t kPurposeKeyBytes = 32;

// A handle. A value; stale when the object is destroyed or its token is taken away, which only its use shows.
struct Object {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
};

// "claviger/verify/1".
std::string PurposeKeyLabel(TokenPurpose purpose, std::uint32_t generation);

// A CK_ATTRIBUTE array with the storage that it points into. Neither copied nor moved, since it points into
// itself.
class Template {
 public:
  Template() = default;
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  Template& Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Template& Flag(CK_ATTRIBUTE_TYPE type, bool value);
  // `text` is not copied: it must outlive the template.
  Template& Text(CK_ATTRIBUTE_TYPE type, std::string_view text);

  CK_ATTRIBUTE* data() { return attributes_.data(); }
  CK_ULONG size() const { return size_; }

 private:
  static constexpr std::size_t kCapacity = 16;

  void Append(CK_ATTRIBUTE_TYPE type, void* value, CK_ULONG length);

  std::array<CK_ATTRIBUTE, kCapacity> attributes_{};
  std::array<CK_ULONG, kCapacity> numbers_{};
  std::array<CK_BBOOL, kCapacity> flags_{};
  std::size_t size_ = 0;
};

}  // namespace claviger::hsm
