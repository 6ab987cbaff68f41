// Records and catalogues that several tests start from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/keys/catalogue.h"
#include "daemon/keys/record.h"

namespace claviger::keys {

inline constexpr UnixSeconds kTestNow = 1798070400;  // 2026-12-24T00:00:00Z
inline constexpr std::int64_t kDay = 86400;

// read, write and delete of policies and domains, all of the domain admin: positions 0 to 5 in order of name.
inline std::shared_ptr<const Catalogue> SampleCatalogue() {
  std::string text;
  for (const char* action : {"read", "write", "delete"}) {
    for (const char* resource : {"policies", "domains"}) {
      text += "[[scope]]\nname = \"" + std::string(action) + ":" + resource + ":admin\"\nsummary = \"" +
              action + " " + resource + "\"\n";
    }
  }
  auto catalogue = Catalogue::Build({{"sample.toml", text}});
  return catalogue ? *catalogue : nullptr;
}

// An active key with two scopes, in its second generation, whose first is in grace. Its MAC is not made.
inline KeyRecord SampleRecord() {
  KeyRecord record;
  record.id = *KeyId::Parse("0123456789ABCDEFG");
  record.version = 2;
  record.name = "deploy";
  record.description = "deploys the site";
  record.owner = "alice";
  record.team = "web";
  record.creator = "root";
  record.created = kTestNow - 10 * kDay;
  record.not_before = kTestNow - 10 * kDay;
  record.expires = kTestNow + 10 * kDay;
  record.scopes = {"read:domains:admin", "read:policies:admin"};
  Generation first{1, {}, kTestNow - 10 * kDay, kTestNow + kDay, false};
  first.verifier.fill(1);
  Generation second{2, {}, kTestNow, std::nullopt, false};
  second.verifier.fill(2);
  record.generations = {first, second};
  return record;
}

}  // namespace claviger::keys
