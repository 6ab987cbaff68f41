// What has been answered, which step is next, and what the daemon is asked in the end. Knows no terminal.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "cli/failure.h"
#include "cli/wizard/expiry.h"
#include "cli/wizard/offer.h"

namespace claviger::cli::wizard {

enum class Step { kAccess, kDetails, kExpiry, kScopes, kReview };
std::string_view NameOf(Step step);

// What a complaint is about.
enum class Field { kNone, kAccess, kReason, kName, kDescription, kOwner, kTeam, kExpiry, kScopes };
Step StepOf(Field field);

// As the daemon limits them (base/text.h has the limit of the other texts).
inline constexpr std::size_t kMaxDescriptionBytes = 1024;
inline constexpr std::size_t kMaxChosenScopes = 256;

struct Answers {
  bool unscoped = false;
  std::string unscoped_reason;
  std::string name;
  std::string description;
  std::string owner;  // "": the caller
  std::string team;
  bool typed_expiry = false;  // expiry_text counts, not the preset
  std::size_t preset = 0;     // of WizardState::presets()
  std::string expiry_text;
  std::vector<bool> scopes;  // by their positions in the offer
  std::vector<bool> bundles;
};

struct Complaint {
  Field field = Field::kNone;
  std::string message;
};

// Thread-compatible.
class WizardState {
 public:
  WizardState(Offer offer, UnixSeconds now, std::string request_id);

  const Offer& offer() const { return offer_; }
  const std::vector<ExpiryPreset>& presets() const { return presets_; }
  // The time from which lengths of time count. It is set anew before each page is shown.
  UnixSeconds now() const { return now_; }
  void SetNow(UnixSeconds now) { now_ = now; }
  Answers& answers() { return answers_; }
  const Answers& answers() const { return answers_; }

  // Those there are: a key without scopes chooses none.
  std::vector<Step> steps() const;
  Step step() const { return step_; }

  // What is wrong with the answers of a step; absent: nothing.
  std::optional<Complaint> Check(Step step) const;
  // To the next step; false, with a complaint, if the answers of this one or an earlier one do not do.
  bool Next();
  // False at the first step.
  bool Back();
  // To the step of `wire_field` ("expires_at"), with `message` as the complaint. A field that no step asks
  // for stays where it is.
  void Refuse(std::string_view wire_field, std::string message);

  const std::optional<Complaint>& complaint() const { return complaint_; }
  void Complain(Complaint complaint) { complaint_ = std::move(complaint); }
  void ForgetComplaint() { complaint_.reset(); }

  // A scope is given if it was chosen by itself or with a bundle.
  bool Given(std::size_t scope) const { return answers_.scopes[scope] || by_bundle_[scope]; }
  bool GivenByBundle(std::size_t scope) const { return by_bundle_[scope]; }
  // Chosen by itself, and by no bundle besides: what has to be named.
  bool Named(std::size_t scope) const { return answers_.scopes[scope] && !by_bundle_[scope]; }
  std::size_t CountGiven() const;
  std::size_t CountGiven(Action action) const;
  void ToggleBundle(std::size_t bundle);

  // What PreviewKey is asked. The answers must have passed Check.
  boost::json::object Parameters() const;
  // The same for CreateKey: with a request id that stays the same, so that a lost answer makes no second key.
  boost::json::object CreateParameters() const;
  const std::string& request_id() const { return request_id_; }
  // "30d" or "2026-12-24", as --expires takes it.
  std::string ExpiryWord() const;

 private:
  std::optional<Complaint> CheckAccess() const;
  std::optional<Complaint> CheckDetails() const;
  std::optional<Complaint> CheckExpiry() const;
  std::optional<Complaint> CheckScopes() const;

  Offer offer_;
  std::vector<ExpiryPreset> presets_;
  UnixSeconds now_;
  std::string request_id_;
  Answers answers_;
  std::vector<bool> by_bundle_;
  Step step_ = Step::kAccess;
  std::optional<Complaint> complaint_;
};

}  // namespace claviger::cli::wizard
