// The key string's parser: what it takes it must also write.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/keys/key_string.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace claviger;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto view = keys::ReadKeyString(text);
  if (view && (view->id.ToString() != view->id_text || view->text.size() > keys::kMaxKeyStringLength))
    std::abort();
  const auto key = keys::ParseKeyString(text);
  if (!key) return 0;
  if (!view || view->id != key->id) std::abort();
  constexpr std::string_view kScheme = "secret-token:";
  if (text.substr(0, kScheme.size()) == kScheme) text.remove_prefix(kScheme.size());
  const std::string_view prefix = text.substr(0, text.find('_'));
  if (keys::FormatKeyString(prefix, key->id, key->secret).ExposeText() != text) std::abort();
  if (keys::KeyId::Parse(key->id.ToString()) != key->id) std::abort();
  return 0;
}
