// What stands around a page: title, steps, message, keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/wizard/page.h"
#include "cli/wizard/view.h"

namespace claviger::cli::wizard {

struct Message {
  std::string text;
  Look look = Look::kPlain;
};

struct Frame {
  std::string_view title;
  std::vector<Step> steps;  // empty: none are shown
  Step step = Step::kAccess;
  Message message;  // in at most two lines
  std::vector<KeyHint> hints;
};

// What is left for the page.
Size BodyOf(const Frame& frame, const Size& size);
// The page within its frame. `body` is cut to BodyOf().
View Framed(const Frame& frame, View body, const Size& size, const Glyphs& glyphs);
// For a terminal that is smaller than the wizard needs.
View TooSmall(const Size& size, const Size& least);

}  // namespace claviger::cli::wizard
