#include "hsm/worker/key_ring.h"

#include <algorithm>

namespace claviger::hsm {
namespace {

bool IsStaleHandle(const Fault& fault) {
  return fault.ckr == CKR_OBJECT_HANDLE_INVALID || fault.ckr == CKR_KEY_HANDLE_INVALID;
}

}  // namespace

TokenResult<void> KeyRing::Find(KeyName name) {
  Forget(name);
  auto found = session_.FindSecretKeys(PurposeKeyLabel(name.purpose, name.generation), 2);
  if (!found) return found.error();
  if (found->empty()) return Fault{ReplyCode::kKeyMissing, 0, ""};
  if (found->size() > 1) return Fault{ReplyCode::kKeyAmbiguous, 0, ""};
  const Object key = found->front();
  auto stays = session_.StaysInToken(key);
  if (!stays) return stays.error();
  if (!*stays) return Fault{ReplyCode::kKeyExposed, 0, ""};
  // A token that allows no copy works with its own object, only slower.
  const auto copy = session_.CopyToSession(key);
  entries_.push_back({name, key, copy ? *copy : Object{}});
  return Done();
}

TokenResult<void> KeyRing::Make(KeyName name) {
  auto found = Find(name);
  if (found || found.error().code != ReplyCode::kKeyMissing) return found;
  auto writable = token_.OpenSession(true);
  if (!writable) return writable.error();
  auto made = writable->GenerateSecretKey(PurposeKeyLabel(name.purpose, name.generation));
  if (!made) return made.error();
  return Find(name);
}

TokenResult<void> KeyRing::Hmac(KeyName name, std::span<const std::uint8_t> message, Mac& out) {
  return HmacBy(name, HasCopy(name) ? &Entry::copy : &Entry::token_object, message, out);
}

TokenResult<void> KeyRing::TokenHmac(KeyName name, std::span<const std::uint8_t> message, Mac& out) {
  return HmacBy(name, &Entry::token_object, message, out);
}

bool KeyRing::HasCopy(KeyName name) const {
  const Entry* entry = Lookup(name);
  return entry != nullptr && entry->copy.handle != CK_INVALID_HANDLE;
}

const KeyRing::Entry* KeyRing::Lookup(KeyName name) const {
  const auto entry = std::ranges::find(entries_, name, &Entry::name);
  return entry == entries_.end() ? nullptr : &*entry;
}

void KeyRing::Forget(KeyName name) {
  std::erase_if(entries_, [name](const Entry& entry) { return entry.name == name; });
}

TokenResult<void> KeyRing::HmacBy(KeyName name, Object Entry::*which, std::span<const std::uint8_t> message,
                                  Mac& out) {
  if (const Entry* entry = Lookup(name)) {
    auto made = session_.Hmac(entry->*which, message, out);
    if (made || !IsStaleHandle(made.error())) return made;
  }
  if (auto found = Find(name); !found) return found;
  const Entry* entry = Lookup(name);
  const bool copied = which == &Entry::copy && entry->copy.handle != CK_INVALID_HANDLE;
  return session_.Hmac(copied ? entry->copy : entry->token_object, message, out);
}

}  // namespace claviger::hsm
