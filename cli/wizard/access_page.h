// The first page: a key with scopes, or one without.
#pragma once

#include "cli/wizard/page.h"
#include "cli/wizard/text_field.h"

namespace claviger::cli::wizard {

class AccessPage : public Page {
 public:
  // `state` must outlive it; likewise for the other pages.
  explicit AccessPage(WizardState& state) : state_(state) {}

  std::string_view title() const override { return "What the key may do"; }
  View Draw(const Size& size, const Glyphs& glyphs) override;
  Move Handle(const Key& key) override;
  std::vector<KeyHint> hints() const override;
  std::string_view help() const override;
  void Focus(Field field) override;
  bool typing() const override { return row_ == kReason; }

 private:
  enum Row { kScoped, kUnscoped, kReason };

  void Choose(bool unscoped);
  void DrawReason(View& view, const Size& size) const;

  WizardState& state_;
  TextField reason_{kMaxTextBytes};
  Row row_ = kScoped;
};

}  // namespace claviger::cli::wizard
