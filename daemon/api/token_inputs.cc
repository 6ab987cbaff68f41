#include "daemon/api/token_inputs.h"

#include <string>
#include <utility>
#include <vector>

namespace claviger::api {
namespace {

void AppendPrefixed(std::vector<std::uint8_t>& out, std::string_view text) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(text.size() >> shift));
  out.insert(out.end(), text.begin(), text.end());
}

std::string_view TextOf(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Mac> Ask(keys::TokenMac& token, const MacRequest& request) {
  const auto macs = token.Compute(std::span(&request, 1));
  if (!macs) return macs.error();
  return macs->front();
}

Result<Secret> AskForKey(keys::TokenMac& token, const MacRequest& request) {
  Result<Mac> mac = Ask(token, request);
  if (!mac) return mac.error();
  Secret key{std::span<const std::uint8_t>(*mac)};
  Wipe(std::span<std::uint8_t>(*mac));
  return key;
}

}  // namespace

MacRequest InstallationRequest(TokenPurpose purpose, std::string_view domain,
                               std::string_view installation_id, std::string_view more) {
  MacRequest request{purpose, {}};
  AppendPrefixed(request.input, domain);
  AppendPrefixed(request.input, installation_id);
  if (!more.empty()) AppendPrefixed(request.input, more);
  return request;
}

Result<Secret> DatabaseKey(keys::TokenMac& token, std::string_view installation_id) {
  return AskForKey(token, InstallationRequest(TokenPurpose::kStore, "claviger/store/1", installation_id, ""));
}

Result<Secret> BackupKey(keys::TokenMac& token, std::string_view installation_id,
                         std::span<const std::uint8_t> nonce) {
  return AskForKey(
      token, InstallationRequest(TokenPurpose::kStore, "claviger/backup/1", installation_id, TextOf(nonce)));
}

Result<Mac> BackupMac(keys::TokenMac& token, std::string_view installation_id, const Sha256Digest& digest) {
  return Ask(token, InstallationRequest(TokenPurpose::kStore, "claviger/backup-mac/1", installation_id,
                                        TextOf(digest)));
}

Result<Secret> SnapshotKey(keys::TokenMac& token, std::string_view installation_id,
                           std::span<const std::uint8_t> nonce) {
  return AskForKey(token, InstallationRequest(TokenPurpose::kStore, "claviger/snapshot/1", installation_id,
                                              TextOf(nonce)));
}

Result<Mac> AuditEpochKey(keys::TokenMac& token, std::string_view installation_id, std::int64_t epoch) {
  return Ask(token, InstallationRequest(TokenPurpose::kAudit, "claviger/audit/1", installation_id,
                                        std::to_string(epoch)));
}

}  // namespace claviger::api
