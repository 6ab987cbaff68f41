#include "cli/credential_store.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>

#include "base/base62.h"
#include "base/crypto.h"
#include "base/file.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kPinBytes = 32;

Status MakeFolder(const Host& host) {
  const std::string folder = host.Path(kCredentialFolder);
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return Ok();
  return ErrnoError(ErrorCode::kUnavailable, "make " + folder, errno);
}

Result<ProgramEnd> Encrypt(const Host& host, std::string_view name, const Secret& secret,
                           std::string_view key) {
  auto end = host.Run(
      "systemd-creds",
      {"encrypt", fmt::format("--name={}", name), fmt::format("--with-key={}", key), "-", "-"}, &secret);
  if (!end) return end.error();
  if (end->succeeded() && !end->output.empty()) return end;
  return Error(ErrorCode::kUnavailable, "systemd-creds: " + end->Complaint());
}

}  // namespace

std::string CredentialPath(std::string_view name) { return fmt::format("{}/{}", kCredentialFolder, name); }

Secret MakePin() {
  SecretArray<kPinBytes> random;
  FillRandom(random.ExposeForWriting());
  WipingBuffer text(Base62Width(kPinBytes));
  EncodeBase62(random.Expose(), text);
  return Secret::FromText(std::string_view(text.data(), text.size()));
}

Result<std::string> StoreCredential(const Host& host, std::string_view name, const Secret& secret) {
  const std::string path = CredentialPath(name);
  if (host.Has(path)) {
    return Error(ErrorCode::kConflict, fmt::format("{} is there already and is not overwritten", path));
  }
  if (auto made = MakeFolder(host); !made) return made.error();
  std::string with = "with the keys that systemd-creds chose: this host's and, where there is one, its TPM's";
  auto encrypted = Encrypt(host, name, secret, "auto");
  if (!encrypted && encrypted.error().code() == ErrorCode::kUnavailable) {
    with = fmt::format("with this host's key alone, which lies on its disk, because {}",
                       encrypted.error().message());
    encrypted = Encrypt(host, name, secret, "host");
  }
  if (!encrypted) return encrypted.error();
  if (auto written = ReplaceFile(host.Path(path), encrypted->text(), 0600); !written) return written.error();
  return with;
}

Result<Secret> LoadCredential(const Host& host, std::string_view name) {
  const std::string path = CredentialPath(name);
  if (!host.Has(path)) return Error(ErrorCode::kNotFound, fmt::format("{} does not exist", path));
  auto end = host.Run("systemd-creds", {"decrypt", fmt::format("--name={}", name), host.Path(path), "-"});
  if (!end) return end.error();
  if (!end->succeeded()) {
    return Error(ErrorCode::kUnavailable, fmt::format("{} cannot be decrypted: {}", path, end->Complaint()));
  }
  return Secret::FromText(std::string_view(end->output.data(), end->output.size()));
}

}  // namespace claviger::cli
