#include "hsm/worker/object.h"

#include <fmt/format.h>

#include <cassert>

namespace claviger::hsm {

std::string PurposeKeyLabel(TokenPurpose purpose, std::uint32_t generation) {
  return fmt::format("claviger/{}/{}", TokenPurposeName(purpose), generation);
}

Template& Template::Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  numbers_[size_] = value;
  Append(type, &numbers_[size_], sizeof(CK_ULONG));
  return *this;
}

Template& Template::Flag(CK_ATTRIBUTE_TYPE type, bool value) {
  flags_[size_] = value ? 1 : 0;
  Append(type, &flags_[size_], sizeof(CK_BBOOL));
  return *this;
}

Template& Template::Text(CK_ATTRIBUTE_TYPE type, std::string_view text) {
  // The API's type is not const, but a template is only read.
  Append(type, const_cast<char*>(text.data()), text.size());
  return *this;
}

void Template::Append(CK_ATTRIBUTE_TYPE type, void* value, CK_ULONG length) {
  assert(size_ < kCapacity);
  attributes_[size_++] = CK_ATTRIBUTE{type, value, length};
}

}  // namespace claviger::hsm
