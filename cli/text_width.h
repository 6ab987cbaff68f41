// How wide text is on a terminal, and how it is made to fit. All text is UTF-8; a tab or newline must not be
// in it.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::cli {

// No limit: the output is no terminal.
inline constexpr std::size_t kUnlimitedWidth = std::numeric_limits<std::size_t>::max();

// Columns of a terminal: wide characters take two, combining ones none. A byte that is not UTF-8 counts as
// one.
std::size_t DisplayWidth(std::string_view text);
// `text` if it is at most `width` wide; else its beginning, with `mark` (one column wide) as its end.
std::string Shorten(std::string_view text, std::size_t width, std::string_view mark);
// `text` broken at spaces into lines of at most `width`; a longer word has a line of its own.
std::vector<std::string> WrapWords(std::string_view text, std::size_t width);

}  // namespace claviger::cli
