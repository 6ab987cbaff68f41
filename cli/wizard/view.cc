#include "cli/wizard/view.h"

#include <algorithm>

#include "cli/text_width.h"

namespace claviger::cli::wizard {

void View::AddWrapped(std::string_view text, std::size_t indent, std::size_t columns, Look look) {
  const std::size_t width = columns > indent ? columns - indent : 1;
  for (const std::string& line : WrapWords(text, width)) Add(std::string(indent, ' ') + line, look);
}

View Fit(View view, std::size_t rows) {
  if (view.lines.size() <= rows) return view;
  // The focus with as much before it as there is room for, and two lines of what follows.
  std::size_t first = view.focus + 3 > rows ? view.focus + 3 - rows : 0;
  first = std::min(first, view.lines.size() - rows);
  const auto begin = view.lines.begin() + static_cast<std::ptrdiff_t>(first);
  View part;
  part.lines.assign(begin, begin + static_cast<std::ptrdiff_t>(rows));
  part.focus = view.focus - std::min(view.focus, first);
  if (view.cursor && view.cursor->row >= first && view.cursor->row < first + rows) {
    part.cursor = Place{view.cursor->row - first, view.cursor->column};
  }
  return part;
}

Glyphs GlyphsFor(bool utf8) {
  return utf8 ? Glyphs{"\u2500", "\u2026", "\u203a", "\u00b7"} : Glyphs{"-", "~", ">", "-"};
}

std::string Repeat(std::string_view text, std::size_t count) {
  std::string repeated;
  repeated.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

std::string Pad(std::string_view text, std::size_t width, std::string_view more) {
  if (width == 0) return "";
  std::string padded = Shorten(text, width, more);
  padded.append(width - std::min(width, DisplayWidth(padded)), ' ');
  return padded;
}

}  // namespace claviger::cli::wizard
