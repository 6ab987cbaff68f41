// An offer as the daemon makes it, for tests of the wizard.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "cli/wizard/offer.h"
#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

inline constexpr UnixSeconds kNow = 1795000000;  // 2026-11-18T11:06:40Z
inline constexpr std::int64_t kDay = 86400;

inline boost::json::object PolicyReply() {
  return {{"default_lifetime", 7 * kDay},
          {"maximum_lifetime", 60 * kDay},
          {"unscoped", "forbid"},
          {"required", boost::json::array()}};
}

inline boost::json::object ScopesReply() {
  const auto scope = [](const char* name, const char* action, const char* summary) {
    return boost::json::object{{"name", name}, {"action", action}, {"summary", summary}};
  };
  return {{"scopes", boost::json::array{scope("delete:policies:admin", "delete", "Delete policies"),
                                        scope("read:domains:admin", "read", "Read domains"),
                                        scope("read:policies:admin", "read", "Read policies"),
                                        scope("write:policies:admin", "write", "Write policies")}}};
}

inline boost::json::object BundlesReply() {
  return {{"bundles", boost::json::array{boost::json::object{
                          {"name", "read-only"},
                          {"summary", "Every read scope"},
                          {"scopes", boost::json::array{"read:domains:admin", "read:policies:admin"}}}}}};
}

inline Offer OfferOf(const boost::json::object& policy) {
  return ReadOffer(policy, ScopesReply(), BundlesReply()).value();
}

inline WizardState StateOf(boost::json::object policy = PolicyReply()) {
  return WizardState(OfferOf(policy), kNow, "request-1");
}

}  // namespace claviger::cli::wizard
