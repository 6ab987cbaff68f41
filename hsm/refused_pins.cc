#include "hsm/refused_pins.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "base/crypto.h"
#include "base/file.h"
#include "base/hex.h"
#include "hsm/toml_text.h"

namespace claviger::hsm {
namespace {

constexpr std::size_t kMaxRefusedPinsBytes = 64 * 1024;
constexpr std::size_t kMaxEntries = 256;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kDigestBytes = 32;
// scrypt (RFC 7914): 32 MiB and some tens of milliseconds for each guess at a PIN.
constexpr std::uint64_t kScryptN = 32768, kScryptR = 8, kScryptP = 1;
constexpr std::uint64_t kScryptMemory = 64 * 1024 * 1024;

}  // namespace

Status RefusedPins::Load() {
  if (unsaved_) return Ok();
  salt_.clear();
  digests_.clear();
  const auto text = ReadFile(path_, kMaxRefusedPinsBytes);
  if (!text) return text.error().code() == ErrorCode::kNotFound ? Ok() : Status(text.error());
  const Error corrupt(
      ErrorCode::kCorrupt,
      fmt::format("{}, the note of refused PINs, is damaged; make sure that the configured PIN is right, "
                  "then remove the file",
                  path_));
  std::string why;
  const auto table = ParseToml(*text, why);
  if (!table) return corrupt;
  salt_ = (*table)["salt"].value_or(std::string());
  const toml::array* refused = (*table)["refused"].as_array();
  if (!IsHex(salt_, 2 * kSaltBytes) || refused == nullptr) return corrupt;
  for (const toml::node& digest : *refused) {
    digests_.push_back(digest.value_or(std::string()));
    if (!IsHex(digests_.back(), 2 * kDigestBytes)) return corrupt;
  }
  return Ok();
}

Result<bool> RefusedPins::Contains(const Secret& pin, std::string_view serial) const {
  if (digests_.empty()) return false;
  const auto digest = Digest(pin, serial);
  if (!digest) return digest.error();
  return std::ranges::find(digests_, *digest) != digests_.end();
}

Status RefusedPins::Add(const Secret& pin, std::string_view serial) {
  if (salt_.empty()) {
    std::array<std::uint8_t, kSaltBytes> salt{};
    FillRandom(salt);
    salt_ = ToHex(salt);
  }
  auto digest = Digest(pin, serial);
  if (!digest) return digest.error();
  if (std::ranges::find(digests_, *digest) == digests_.end()) digests_.push_back(std::move(*digest));
  if (digests_.size() > kMaxEntries) digests_.erase(digests_.begin());
  return Save();
}

Result<std::string> RefusedPins::Digest(const Secret& pin, std::string_view serial) const {
  // The serial is part of the salt: what one token refused, another one may accept.
  const std::string salt = fmt::format("claviger/pin/1:{}:{}", salt_, serial);
  std::array<std::uint8_t, kDigestBytes> digest{};
  const std::string_view text = pin.ExposeText();
  if (EVP_PBE_scrypt(text.data(), text.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), kScryptN, kScryptR, kScryptP, kScryptMemory, digest.data(),
                     digest.size()) != 1) {
    return Error(ErrorCode::kInternal, "the PIN could not be hashed; free memory on this host");
  }
  return ToHex(digest);
}

Status RefusedPins::Save() {
  toml::array refused;
  for (const std::string& digest : digests_) refused.push_back(digest);
  const toml::table table{{"salt", salt_}, {"refused", refused}};
  std::ostringstream text;
  text << "# Hashes of PINs that a token refused. clavigerd tries none of them again. Remove this file only "
          "if the token's\n"
          "# PIN was changed to one that was wrong before.\n"
       << table << '\n';
  Status saved = ReplaceFile(path_, text.str(), 0600);
  unsaved_ = !saved;
  return saved;
}

}  // namespace claviger::hsm
