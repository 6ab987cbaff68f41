#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cctype>

#include "daemon/api/handlers.h"
#include "daemon/api/key_json.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

// ASCII letters match in either case; catalogue texts are English.
bool ContainsInAnyCase(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

}  // namespace

Disposition HandleListScopes(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"action", ParameterType::kString, false},
                                             Parameter{"domain", ParameterType::kString, false},
                                             Parameter{"search", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  std::optional<keys::ScopeAction> action;
  if (const auto text = parameters.OptionalText(0)) {
    action = keys::ParseScopeAction(*text);
    if (!action) return context.InvalidParameter("action");
  }
  const auto domain = parameters.OptionalText(1);
  const auto search = parameters.OptionalText(2);
  boost::json::array scopes;
  for (const keys::CatalogueScope& scope : context.loop.live->catalogue->scopes()) {
    if (action && scope.action != *action) continue;
    if (domain && scope.domain != *domain) continue;
    if (search && !ContainsInAnyCase(scope.name, *search) && !ContainsInAnyCase(scope.summary, *search) &&
        !ContainsInAnyCase(scope.description, *search)) {
      continue;
    }
    scopes.push_back(ScopeJson(scope));
  }
  return context.Reply({{"scopes", std::move(scopes)}});
}

Disposition HandleGetScope(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"name", ParameterType::kString, true}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const std::string_view name = parameters.Text(0);
  const keys::Catalogue& catalogue = *context.loop.live->catalogue;
  if (const auto position = catalogue.Find(name)) {
    return context.Reply({{"scope", ScopeJson(catalogue.scopes()[*position])}});
  }
  boost::json::object refusal = {{"name", name}};
  if (const auto nearest = catalogue.Nearest(name); !nearest.empty()) refusal["nearest"] = nearest;
  return context.Fail("io.claviger.Admin.ScopeNotFound", refusal);
}

Disposition HandleListBundles(CallContext& context) {
  if (const auto fault = protocol::Parameters<0>().Bind(context.call, {}); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const keys::Catalogue& catalogue = *context.loop.live->catalogue;
  boost::json::array bundles, files;
  for (const keys::ScopeBundle& bundle : catalogue.bundles()) bundles.push_back(BundleJson(bundle));
  for (const keys::CatalogueFile& file : catalogue.files()) files.push_back(CatalogueFileJson(file));
  return context.Reply({{"bundles", std::move(bundles)}, {"files", std::move(files)}});
}

}  // namespace claviger::api
