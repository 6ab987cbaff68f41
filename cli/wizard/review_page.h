// Everything as it will be, before it is done.
#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "cli/wizard/page.h"

namespace claviger::cli::wizard {

class ReviewPage : public Page {
 public:
  explicit ReviewPage(WizardState& state) : state_(state) {}

  // The reply of PreviewKey; absent: the daemon could not say what would be.
  void Show(std::optional<boost::json::object> preview);

  std::string_view title() const override { return "Review"; }
  View Draw(const Size& size, const Glyphs& glyphs) override;
  Move Handle(const Key& key) override;
  std::vector<KeyHint> hints() const override;
  std::string_view help() const override;
  bool typing() const override { return false; }
  bool grave() const override { return true; }

 private:
  View Text(const Size& size) const;

  WizardState& state_;
  std::optional<boost::json::object> preview_;
  std::size_t first_ = 0;  // line that is shown first
  std::size_t last_first_ = 0;
  std::size_t rows_ = 1;
};

}  // namespace claviger::cli::wizard
