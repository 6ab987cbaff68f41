// The catalogue's files.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/keys/catalogue.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace claviger;
  const auto catalogue = keys::Catalogue::Build({{"fuzz.toml", std::string(data, data + size)}});
  if (!catalogue) {
    // Errors name the file, and the line where there is one.
    if (catalogue.error().message().find("fuzz.toml") == std::string::npos) std::abort();
    return 0;
  }
  const auto& scopes = (*catalogue)->scopes();
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if ((*catalogue)->Find(scopes[i].name) != i || scopes[i].summary.empty()) std::abort();
    if (i != 0 && scopes[i - 1].name >= scopes[i].name) std::abort();
  }
  // Bundles hold catalogued scopes, each once, in order.
  for (const keys::ScopeBundle& bundle : (*catalogue)->bundles()) {
    if (bundle.scopes.empty() || (*catalogue)->FindBundle(bundle.name) != &bundle) std::abort();
    for (std::size_t i = 0; i < bundle.scopes.size(); ++i) {
      if (!(*catalogue)->Find(bundle.scopes[i])) std::abort();
      if (i != 0 && bundle.scopes[i - 1] >= bundle.scopes[i]) std::abort();
    }
  }
  return 0;
}
