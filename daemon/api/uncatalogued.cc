#include "daemon/api/uncatalogued.h"

#include <utility>

#include "daemon/api/key_walk.h"

namespace claviger::api {
namespace {
constexpr std::size_t kMostRemembered = 4096;
}

bool UncataloguedGrants::Catalogued(std::string_view grant) {
  if (grant.find('*') == std::string_view::npos) return catalogue_->Find(grant).has_value();
  if (const auto known = patterns_.find(std::string(grant)); known != patterns_.end()) return known->second;
  const bool gives = !catalogue_->Expand(grant).empty();
  if (patterns_.size() < kMostRemembered) patterns_.emplace(grant, gives);
  return gives;
}

void UncataloguedGrants::Add(const store::KeySummary& key) {
  bool holds = false;
  ForEachGrant(key.scopes, [&](std::string_view grant) {
    if (Catalogued(grant)) return;
    holds = true;
    if (const auto found = found_.find(std::string(grant)); found != found_.end()) {
      ++found->second;
    } else if (found_.size() < kMostTold) {
      found_.emplace(grant, 1);
    } else {
      more_ = true;
    }
  });
  keys_ += holds ? 1 : 0;
}

std::string UncataloguedGrants::Describe() const {
  if (keys_ == 0) return "";
  std::string text = keys_ == 1 ? "1 key holds" : std::to_string(keys_) + " keys hold";
  text += " scopes that the catalogue does not have, and that are without effect: ";
  const char* separator = "";
  for (const auto& [grant, keys] : found_) {
    text += separator + grant + " (" + std::to_string(keys) + ")";
    separator = ", ";
  }
  return text + (more_ ? " and others" : "") + "; see: claviger review";
}

void TellUncatalogued(Authority& authority) {
  auto grants = std::make_shared<UncataloguedGrants>(authority.settings().Get()->catalogue);
  StoreSteps steps;
  steps.step = StepsOverLiveKeys(authority.clock().Now(),
                                 [grants](const store::KeySummary& key) { grants->Add(key); });
  steps.done = [&authority, grants](const Status& status) {
    if (!status) {
      authority.LogLine(Authority::Severity::kWarning,
                        "whether keys hold scopes that the catalogue does not have "
                        "could not be seen: " +
                            status.error().message());
    } else if (grants->keys() > 0) {
      authority.LogLine(Authority::Severity::kWarning, grants->Describe());
    }
  };
  steps.unhurried = true;
  RunSteps(authority.store(), store::WorkKind::kRead, std::move(steps));
}

}  // namespace claviger::api
