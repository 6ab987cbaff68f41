// One page of the wizard: what it shows and what its keys do.
#pragma once

#include <string_view>
#include <vector>

#include "cli/wizard/key.h"
#include "cli/wizard/view.h"
#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

// What a key does beyond the page.
enum class Move { kStay, kNext, kBack, kCreate, kAgain };

struct KeyHint {
  std::string_view key;
  std::string_view what;
};

// Answers go into the state as they are typed, so that nothing is lost by leaving a page.
class Page {
 public:
  virtual ~Page() = default;
  Page() = default;
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  virtual std::string_view title() const = 0;
  // Lines of at most `size.columns`; more lines than there are rows are cut around View::focus.
  virtual View Draw(const Size& size, const Glyphs& glyphs) = 0;
  virtual Move Handle(const Key& key) = 0;
  virtual std::vector<KeyHint> hints() const = 0;
  virtual std::string_view help() const = 0;
  // Puts the cursor where `field` is answered.
  virtual void Focus(Field field) { static_cast<void>(field); }
  // Whether a character is text here, not a command.
  virtual bool typing() const = 0;
  // Whether a command here cannot be taken back: none is carried out that was not typed by itself.
  virtual bool grave() const { return false; }
};

}  // namespace claviger::cli::wizard
