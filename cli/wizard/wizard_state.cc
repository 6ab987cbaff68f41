#include "cli/wizard/wizard_state.h"

#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "base/text.h"

namespace claviger::cli::wizard {
namespace {

struct WireField {
  std::string_view wire;
  Field field;
};
constexpr std::array kWireFields = {
    WireField{"name", Field::kName},
    WireField{"description", Field::kDescription},
    WireField{"owner", Field::kOwner},
    WireField{"team", Field::kTeam},
    WireField{"expires_at", Field::kExpiry},
    WireField{"lifetime", Field::kExpiry},
    WireField{"not_before", Field::kExpiry},
    WireField{"scopes", Field::kScopes},
    WireField{"bundles", Field::kScopes},
    WireField{"unscoped", Field::kAccess},
    WireField{"unscoped_reason", Field::kReason},
};

// A pattern that cannot be read here matches: the daemon decides.
bool WholeMatches(const std::string& pattern, const std::string& text) {
  regex_t compiled;
  if (::regcomp(&compiled, fmt::format("^({})$", pattern).c_str(), REG_EXTENDED | REG_NOSUB) != 0)
    return true;
  const bool matches = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return matches;
}

std::optional<Complaint> CheckedText(Field field, std::string_view what, const std::string& text, bool needed,
                                     std::size_t limit = kMaxTextBytes) {
  if (text.empty() && needed) return Complaint{field, fmt::format("{}: must be given", what)};
  const Status fine = CheckOptionalText(what, text, limit);
  if (fine) return std::nullopt;
  return Complaint{field, fine.error().message()};
}

}  // namespace

std::string_view NameOf(Step step) {
  constexpr std::array<std::string_view, 5> kNames = {"access", "name", "expiry", "scopes", "review"};
  return kNames.at(static_cast<std::size_t>(step));
}

Step StepOf(Field field) {
  switch (field) {
    case Field::kAccess:
    case Field::kReason:
      return Step::kAccess;
    case Field::kName:
    case Field::kDescription:
    case Field::kOwner:
    case Field::kTeam:
      return Step::kDetails;
    case Field::kExpiry:
      return Step::kExpiry;
    case Field::kScopes:
      return Step::kScopes;
    case Field::kNone:
      break;
  }
  return Step::kReview;
}

WizardState::WizardState(Offer offer, UnixSeconds now, std::string request_id)
    : offer_(std::move(offer)),
      presets_(ExpiryPresets(offer_.default_lifetime, offer_.maximum_lifetime)),
      now_(now),
      request_id_(std::move(request_id)),
      by_bundle_(offer_.scopes.size()) {
  answers_.scopes.resize(offer_.scopes.size());
  answers_.bundles.resize(offer_.bundles.size());
  const auto usual =
      std::find_if(presets_.begin(), presets_.end(), [](const ExpiryPreset& preset) { return preset.usual; });
  answers_.preset = static_cast<std::size_t>(usual - presets_.begin()) % presets_.size();
}

std::vector<Step> WizardState::steps() const {
  if (answers_.unscoped) return {Step::kAccess, Step::kDetails, Step::kExpiry, Step::kReview};
  return {Step::kAccess, Step::kDetails, Step::kExpiry, Step::kScopes, Step::kReview};
}

std::optional<Complaint> WizardState::Check(Step step) const {
  switch (step) {
    case Step::kAccess:
      return CheckAccess();
    case Step::kDetails:
      return CheckDetails();
    case Step::kExpiry:
      return CheckExpiry();
    case Step::kScopes:
      return CheckScopes();
    case Step::kReview:
      break;
  }
  return std::nullopt;
}

bool WizardState::Next() {
  complaint_.reset();
  for (const Step step : steps()) {
    // An answer can make an earlier one wrong, and a refusal leads back past steps that were answered.
    if (step > step_) break;
    complaint_ = Check(step);
    if (complaint_) {
      step_ = step;
      return false;
    }
  }
  const std::vector<Step> all = steps();
  const auto here = std::find(all.begin(), all.end(), step_);
  if (here == all.end() || here + 1 == all.end()) return false;
  step_ = *(here + 1);
  return true;
}

bool WizardState::Back() {
  complaint_.reset();
  const std::vector<Step> all = steps();
  const auto here = std::find(all.begin(), all.end(), step_);
  if (here == all.begin() || here == all.end()) return false;
  step_ = *(here - 1);
  return true;
}

void WizardState::Refuse(std::string_view wire_field, std::string message) {
  const auto* found = std::find_if(kWireFields.begin(), kWireFields.end(),
                                   [&](const WireField& row) { return row.wire == wire_field; });
  Field field = found == kWireFields.end() ? Field::kNone : found->field;
  if (field == Field::kScopes && answers_.unscoped) field = Field::kAccess;
  if (field != Field::kNone) step_ = StepOf(field);
  complaint_ = Complaint{field, std::move(message)};
}

std::optional<Complaint> WizardState::CheckAccess() const {
  if (!answers_.unscoped) {
    if (!offer_.scopes.empty()) return std::nullopt;
    return Complaint{Field::kAccess, "there is no scope that you may grant"};
  }
  if (!offer_.unscoped)
    return Complaint{Field::kAccess, "the policy does not let you issue keys without scopes"};
  if (answers_.unscoped_reason.empty()) {
    return Complaint{Field::kReason, "say why this key cannot do with scopes; the reason stays on record"};
  }
  return CheckedText(Field::kReason, "reason", answers_.unscoped_reason, true);
}

std::optional<Complaint> WizardState::CheckDetails() const {
  if (auto fault = CheckedText(Field::kName, "name", answers_.name, true)) return fault;
  if (!offer_.name_pattern.empty() && !WholeMatches(offer_.name_pattern, answers_.name)) {
    return Complaint{Field::kName,
                     fmt::format("name: the policy wants names that match {}", offer_.name_pattern)};
  }
  if (auto fault = CheckedText(Field::kDescription, "purpose", answers_.description, offer_.needs_description,
                               kMaxDescriptionBytes)) {
    return fault;
  }
  if (auto fault = CheckedText(Field::kOwner, "owner", answers_.owner, false)) return fault;
  return CheckedText(Field::kTeam, "team", answers_.team, offer_.needs_team);
}

std::optional<Complaint> WizardState::CheckExpiry() const {
  if (!answers_.typed_expiry) return std::nullopt;
  const auto read = ReadExpiry(answers_.expiry_text, offer_.maximum_lifetime, now_);
  if (read) return std::nullopt;
  return Complaint{Field::kExpiry, read.error().message};
}

std::optional<Complaint> WizardState::CheckScopes() const {
  const std::size_t given = CountGiven();
  if (given == 0)
    return Complaint{Field::kScopes, "choose at least one scope: without any the key could do nothing"};
  if (given > kMaxChosenScopes) {
    return Complaint{Field::kScopes,
                     fmt::format("{} scopes are chosen; a key holds at most {}", given, kMaxChosenScopes)};
  }
  return std::nullopt;
}

std::size_t WizardState::CountGiven() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < offer_.scopes.size(); ++i) count += Given(i) ? 1U : 0U;
  return count;
}

std::size_t WizardState::CountGiven(Action action) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < offer_.scopes.size(); ++i) {
    count += Given(i) && offer_.scopes[i].action == action ? 1U : 0U;
  }
  return count;
}

void WizardState::ToggleBundle(std::size_t bundle) {
  answers_.bundles[bundle] = !answers_.bundles[bundle];
  std::fill(by_bundle_.begin(), by_bundle_.end(), false);
  for (std::size_t i = 0; i < offer_.bundles.size(); ++i) {
    if (!answers_.bundles[i]) continue;
    for (const std::size_t scope : offer_.bundles[i].scopes) by_bundle_[scope] = true;
  }
}

boost::json::object WizardState::Parameters() const {
  boost::json::object parameters = {{"name", answers_.name}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) parameters[name] = text;
  };
  add("description", answers_.description);
  add("owner", answers_.owner);
  add("team", answers_.team);
  if (!answers_.typed_expiry) {
    parameters["lifetime"] = presets_[answers_.preset].lifetime;  // by the daemon's clock
  } else if (const auto typed = ReadExpiry(answers_.expiry_text, offer_.maximum_lifetime, now_)) {
    if (typed->lifetime > 0) {
      parameters["lifetime"] = typed->lifetime;
    } else {
      parameters["expires_at"] = FormatTime(typed->ends);
    }
  }
  if (answers_.unscoped) {
    parameters["unscoped_reason"] = answers_.unscoped_reason;
    return parameters;
  }
  boost::json::array scopes;
  for (std::size_t i = 0; i < offer_.scopes.size(); ++i) {
    if (Named(i)) scopes.emplace_back(offer_.scopes[i].name);
  }
  boost::json::array bundles;
  for (std::size_t i = 0; i < offer_.bundles.size(); ++i) {
    if (answers_.bundles[i]) bundles.emplace_back(offer_.bundles[i].name);
  }
  if (!scopes.empty()) parameters["scopes"] = std::move(scopes);
  if (!bundles.empty()) parameters["bundles"] = std::move(bundles);
  return parameters;
}

boost::json::object WizardState::CreateParameters() const {
  boost::json::object parameters = Parameters();
  parameters["request_id"] = request_id_;
  return parameters;
}

std::string WizardState::ExpiryWord() const {
  return answers_.typed_expiry ? answers_.expiry_text : FormatDuration(presets_[answers_.preset].lifetime);
}

}  // namespace claviger::cli::wizard
