// Text from people: what may be stored, and how it is shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claviger {

inline constexpr std::size_t kMaxTextBytes = 128;

// Names, owners, reasons: 1 to `limit` bytes of valid UTF-8 without control characters, bidirectional
// controls, line or paragraph separators or invisible characters, and without spaces at either end.
// kInvalidArgument; `what` names the field in the error.
Status CheckText(std::string_view what, std::string_view text, std::size_t limit = kMaxTextBytes);
// As above, or empty.
Status CheckOptionalText(std::string_view what, std::string_view text, std::size_t limit = kMaxTextBytes);

// For a terminal or a log: every character that CheckText refuses becomes \u{XX}, invalid bytes become
// \x{XX}.
std::string EscapeForDisplay(std::string_view text);

// Without spaces, tabs and carriage returns at either end.
std::string_view Trimmed(std::string_view text);

// The candidate nearest to `text`, or "" if none is near enough (edit distance at most 1 + a quarter of
// the length of `text`; neighbours that changed places count once). The first of several equally near.
std::string_view NearestOf(std::string_view text, const std::vector<std::string_view>& candidates);

}  // namespace claviger
