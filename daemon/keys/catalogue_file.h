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
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/keys/catalogue.h"

namespace claviger::keys {

// A scope and the "file:line" where it stands.
struct ScopeAtLine {
  CatalogueScope scope;
  std::string where;
};

// Adds the scopes of `source` to `scopes`. kConfiguration with "file:line: " and what to write instead.
Status ReadCatalogueFile(const CatalogueSource& source, std::vector<ScopeAtLine>& scopes);

}  // namespace claviger::keys
