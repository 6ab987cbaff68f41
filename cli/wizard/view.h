// What a page looks like: lines of styled text, without a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::cli::wizard {

enum class Look { kPlain, kBold, kFaint, kGood, kAttention, kBad, kChosen, kTitle };

struct Span {
  std::string text;  // safe to show
  Look look = Look::kPlain;
};
using Line = std::vector<Span>;

struct Size {
  std::size_t rows = 0;
  std::size_t columns = 0;
};

struct Place {
  std::size_t row = 0;
  std::size_t column = 0;
};

struct View {
  std::vector<Line> lines;
  std::optional<Place> cursor;  // where the terminal's cursor stands; absent: it is hidden
  std::size_t focus = 0;        // the line that must be seen

  void Add(std::string text, Look look = Look::kPlain) { lines.push_back({{std::move(text), look}}); }
  // Broken at spaces, each line after `indent` spaces, none wider than `columns`.
  void AddWrapped(std::string_view text, std::size_t indent, std::size_t columns, Look look = Look::kPlain);
};

// `view` in at most `rows` lines, those around its focus.
View Fit(View view, std::size_t rows);

// The signs that a terminal can show.
struct Glyphs {
  std::string_view rule;
  std::string_view more;     // the rest does not fit; one column
  std::string_view between;  // of steps
  std::string_view dot;
};
Glyphs GlyphsFor(bool utf8);

std::string Repeat(std::string_view text, std::size_t count);
// `text` in exactly `width` columns.
std::string Pad(std::string_view text, std::size_t width, std::string_view more);

}  // namespace claviger::cli::wizard
