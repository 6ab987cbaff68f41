// Name and purpose, owner and team.
#pragma once

#include <array>

#include "cli/wizard/page.h"
#include "cli/wizard/text_field.h"

namespace claviger::cli::wizard {

class DetailsPage : public Page {
 public:
  explicit DetailsPage(WizardState& state) : state_(state) {}

  std::string_view title() const override { return "What it is called, and who answers for it"; }
  View Draw(const Size& size, const Glyphs& glyphs) override;
  Move Handle(const Key& key) override;
  std::vector<KeyHint> hints() const override;
  std::string_view help() const override;
  void Focus(Field field) override;
  bool typing() const override { return true; }

 private:
  std::string& AnswerOf(std::size_t row);
  bool Needed(std::size_t row) const;

  WizardState& state_;
  std::array<TextField, 4> fields_ = {TextField(kMaxTextBytes), TextField(kMaxDescriptionBytes),
                                      TextField(kMaxTextBytes), TextField(kMaxTextBytes)};
  std::size_t row_ = 0;
};

}  // namespace claviger::cli::wizard
