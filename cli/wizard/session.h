// The calls that the wizard makes, and the key that comes of them.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "base/secret.h"
#include "cli/context.h"
#include "cli/failure.h"
#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

// Thread-compatible; context and state must outlive it.
class Session {
 public:
  Session(Context& context, WizardState& state) : context_(context), state_(state) {}

  // What CreateKey would do. Absent after a refusal, which is then the state's complaint, at the step that it
  // is about.
  std::optional<boost::json::object> Preview();
  // Issues the key. False after a refusal, as above.
  bool Create();

  bool issued() const { return issued_; }
  // The record of the issued key.
  const boost::json::object& record() const { return record_; }
  // Its id, safe to show.
  std::string key_id() const;
  const Secret& key() const { return key_; }
  // From then on the key is nowhere in this process.
  void ForgetKey() { key_ = Secret(); }

  // Writes the key string into a new file.
  Outcome<void> WriteTo(const std::string& path);
  // Where it was written; "" if nowhere.
  const std::string& file() const { return file_; }

  // The user says that the key string is in safe hands.
  void Keep() { kept_ = true; }
  bool kept() const { return kept_ || !file_.empty(); }

  // Why Create failed last, if it is not known to have done nothing.
  const std::optional<Failure>& doubt() const { return doubt_; }

 private:
  void Complain(const Failure& failure);

  Context& context_;
  WizardState& state_;
  bool issued_ = false;
  bool kept_ = false;
  boost::json::object record_;
  Secret key_;
  std::string file_;
  std::optional<Failure> doubt_;
};

}  // namespace claviger::cli::wizard
