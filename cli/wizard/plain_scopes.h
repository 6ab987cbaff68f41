// The scopes, chosen line by line.
#pragma once

#include <optional>
#include <string>

#include "cli/wizard/line_terminal.h"
#include "cli/wizard/scope_table.h"

namespace claviger::cli::wizard {

class PlainScopes {
 public:
  PlainScopes(LineTerminal& terminal, WizardState& state)
      : terminal_(terminal), state_(state), table_(state) {}

  enum class End { kNext, kBack, kLeave };
  End Ask();

 private:
  void List();
  void ListBundles();
  void ListChosen();
  void Help();
  // What one word of an answer does. False if it is none.
  bool Obey(const std::string& word);
  bool ObeyFilter(const std::string& word);
  // "3", "5-8" of the list, or a name.
  bool Choose(const std::string& word);
  bool ChooseBundle(const std::string& name);
  void Tell();

  LineTerminal& terminal_;
  WizardState& state_;
  ScopeTable table_;
  bool listed_ = false;  // what is shown has changed and was listed since
};

}  // namespace claviger::cli::wizard
