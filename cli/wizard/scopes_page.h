// Bundles and the table of scopes.
#pragma once

#include "cli/wizard/page.h"
#include "cli/wizard/scope_table.h"
#include "cli/wizard/text_field.h"

namespace claviger::cli::wizard {

class ScopesPage : public Page {
 public:
  explicit ScopesPage(WizardState& state) : state_(state), table_(state) {}

  std::string_view title() const override { return "Which scopes it has"; }
  View Draw(const Size& size, const Glyphs& glyphs) override;
  Move Handle(const Key& key) override;
  std::vector<KeyHint> hints() const override;
  std::string_view help() const override;
  bool typing() const override { return searching_; }

 private:
  void DrawHead(View& view, const Size& size, const Glyphs& glyphs) const;
  void DrawTable(View& view, const Size& size, const Glyphs& glyphs, std::size_t rows) const;
  void DrawBundles(View& view, const Size& size, const Glyphs& glyphs, std::size_t rows) const;
  Line DrawScope(std::size_t row, const Size& size, const Glyphs& glyphs, std::size_t name_width) const;
  std::string Foot() const;

  bool HandleSearch(const Key& key);
  Move HandleCommand(char command);
  void HandleMove(KeyKind kind);
  void MoveBundle(KeyKind kind);

  WizardState& state_;
  ScopeTable table_;
  TextField search_{64};
  bool searching_ = false;
  bool bundles_ = false;       // the bundles are shown, not the scopes
  std::size_t bundle_ = 0;     // under the cursor
  std::size_t page_size_ = 0;  // chosen; 0: as many as fit
};

}  // namespace claviger::cli::wizard
