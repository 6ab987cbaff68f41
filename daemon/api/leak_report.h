// The work of ReportLeak: whether a string is the secret of one of our keys, and the end of that key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/api/key_acts.h"
#include "daemon/keys/key_string.h"

namespace claviger::api {

inline constexpr std::size_t kMaxLeakSourceBytes = 1024;
// So many generations that have ended are tried, the newest first.
inline constexpr int kMaxEndedGenerationsTried = 64;

// Why a key is revoked that was found at `source` ("" = not said): one text within the limit of a reason.
std::string LeakReason(const std::string& source);

// Move-only, for it holds the string. Lives on the store thread.
class LeakReport {
 public:
  LeakReport(KeyActs acts, keys::PresentedKey key, std::string source)
      : acts_(std::move(acts)), key_(std::move(key)), source_(std::move(source)) {}

  // A secret that is not the key's changes nothing, whatever id it names.
  Status Handle(store::Tables& tables, ManagementOutcome& outcome) const;

 private:
  struct Match {
    std::uint32_t generation;
    bool ended;  // it, or the whole key
  };
  Result<std::optional<Match>> FindSecret(store::Tables& tables, const keys::KeyRecord& record,
                                          UnixSeconds now) const;
  // The first of `generations` whose secret was reported.
  Result<const keys::Generation*> Matching(const std::vector<keys::Generation>& generations) const;
  Status Unknown(store::Tables& tables, UnixSeconds now, ManagementOutcome& outcome) const;
  Status Known(store::Tables& tables, const keys::KeyRecord& record, const Match& match, UnixSeconds now,
               ManagementOutcome& outcome) const;

  KeyActs acts_;
  keys::PresentedKey key_;
  std::string source_;
};

}  // namespace claviger::api
