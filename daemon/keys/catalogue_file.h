// One file of scopes.d. Part of the catalogue; nothing else needs it.
//   [catalogue]                  optional, and so is each of its fields
//   name = "atlassian-admin"
//   domain = "admin"             every scope of the file then has this domain
//   version = 1                  of the content; 1 or more
//   [[scope]]                    any number
//   name = "read:policies:admin"
//   summary = "Read policies"    1 to 128 bytes
//   description = "..."          optional; at most 1024 bytes
//   evidence = "..."             optional; at most 1024 bytes
//   [[bundle]]                   any number
//   name = "read-only"           of a-z, 0-9 and -
//   summary = "..."              1 to 128 bytes
//   scopes = ["read:*"]          scopes and patterns, of this file or others
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/scope.h"

namespace claviger::keys {

// Entries that a bundle may have in its file.
inline constexpr std::size_t kMaxBundleEntries = 256;

// A scope and the "file:line" where it stands.
struct ScopeAtLine {
  CatalogueScope scope;
  std::string where;
};

// One entry of a bundle's list, and where it stands.
struct BundleEntry {
  ScopePattern pattern;
  std::string where;
};

// A bundle as it is written, not yet looked up.
struct BundleAtLine {
  std::string name;
  std::string summary;
  std::vector<BundleEntry> entries;
  std::string where;
};

// What files hold, in the order in which they were read.
struct CatalogueContent {
  std::vector<CatalogueFile> files;
  std::vector<ScopeAtLine> scopes;
  std::vector<BundleAtLine> bundles;
};

// Adds what `source` holds to `content`. kConfiguration with "file:line: " and what to write instead.
Status ReadCatalogueFile(const CatalogueSource& source, CatalogueContent& content);

}  // namespace claviger::keys
