#include "hsm/pin_sources.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "base/file.h"
#include "hsm/frame.h"

namespace claviger::hsm {
namespace {

constexpr std::size_t kMaxPinFileBytes = 4096;

// systemd has checked who may read a credential. Its mode says nothing: the service's user gets access by an
// ACL, whose mask looks like permission for the group.
Result<Secret> ReadCredential(const std::string& path) {
  auto text = ReadFile(path, kMaxPinFileBytes);
  if (!text) return text.error();
  std::string_view content = *text;
  if (content.ends_with('\n')) content.remove_suffix(1);
  Secret pin = Secret::FromText(content);
  Wipe(std::span(*text));
  return pin;
}

Result<Pin> Checked(Result<Secret> read, const std::string& origin) {
  if (!read) return read.error();
  if (read->empty()) {
    return Error(ErrorCode::kConfiguration,
                 fmt::format("{} holds no PIN; write the token's user PIN into it", origin));
  }
  if (read->size() > kMaxPinBytes) {
    return Error(
        ErrorCode::kConfiguration,
        fmt::format("{} holds a PIN of more than {} bytes; choose a shorter PIN", origin, kMaxPinBytes));
  }
  return Pin{std::move(*read), origin};
}

std::string Mark(const std::string& path) {
  struct stat info {};
  if (path.empty() || stat(path.c_str(), &info) != 0) return "-";
  return fmt::format("{}:{}:{}:{}.{:09}:{}.{:09}:{:o}:{}", info.st_dev, info.st_ino, info.st_size,
                     info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec,
                     info.st_mode, info.st_uid);
}

}  // namespace

PinSources::PinSources(std::string pin_file) : pin_file_(std::move(pin_file)) {
  if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
      directory != nullptr && *directory != '\0') {
    credential_ = fmt::format("{}/hsm-pin", directory);
  }
}

Result<Pin> PinSources::Read() const {
  if (!remembered_.empty()) return Pin{remembered_.Duplicate(), "`claviger unlock`"};
  if (!credential_.empty()) {
    auto credential = ReadCredential(credential_);
    if (credential || credential.error().code() != ErrorCode::kNotFound) {
      return Checked(std::move(credential), "the credential hsm-pin");
    }
  }
  if (pin_file_.empty()) return Error(ErrorCode::kNotFound, "no PIN is configured");
  auto file = ReadSecretFile(pin_file_, kMaxPinFileBytes);
  if (!file && file.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kNotFound, fmt::format("{} does not exist", pin_file_));
  }
  return Checked(std::move(file), pin_file_);
}

std::string PinSources::Fingerprint() const {
  return fmt::format("{} {}", Mark(credential_), Mark(pin_file_));
}

std::string PinSources::Advice() const {
  if (pin_file_.empty()) return "run `claviger unlock`, or give clavigerd the credential hsm-pin";
  return fmt::format("run `claviger unlock`, or write the PIN into {} (mode 0400)", pin_file_);
}

}  // namespace claviger::hsm
