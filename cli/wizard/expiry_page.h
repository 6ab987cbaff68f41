// When the key ends.
#pragma once

#include "cli/wizard/page.h"
#include "cli/wizard/text_field.h"

namespace claviger::cli::wizard {

class ExpiryPage : public Page {
 public:
  explicit ExpiryPage(WizardState& state) : state_(state), row_(state.answers().preset) {}

  std::string_view title() const override { return "When it ends"; }
  View Draw(const Size& size, const Glyphs& glyphs) override;
  Move Handle(const Key& key) override;
  std::vector<KeyHint> hints() const override;
  std::string_view help() const override;
  void Focus(Field field) override;
  bool typing() const override { return OnTyped(); }

 private:
  // The row behind the presets.
  bool OnTyped() const { return row_ == state_.presets().size(); }
  void MoveTo(std::size_t row);
  void DrawTyped(View& view, const Size& size) const;

  WizardState& state_;
  TextField typed_{64};
  std::size_t row_;
};

}  // namespace claviger::cli::wizard
