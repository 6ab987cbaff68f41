#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <optional>

namespace claviger {
namespace {

struct Range {
  char32_t first, last;
};

// Control characters, what changes the direction of text, what breaks lines, and what cannot be seen.
constexpr std::array kRefused = {
    Range{0x0000, 0x001F},    // C0
    Range{0x007F, 0x009F},    // DEL and C1, NEL among them
    Range{0x00AD, 0x00AD},    // soft hyphen
    Range{0x034F, 0x034F},    // combining grapheme joiner
    Range{0x061C, 0x061C},    // Arabic letter mark
    Range{0x115F, 0x1160},    // Hangul fillers
    Range{0x17B4, 0x17B5},    // Khmer vowels that are not shown
    Range{0x180B, 0x180F},    // Mongolian variation selectors and vowel separator
    Range{0x200B, 0x200F},    // zero width; left-to-right and right-to-left marks
    Range{0x2028, 0x202E},    // line and paragraph separators, bidirectional embeddings and overrides
    Range{0x2060, 0x206F},    // word joiner, invisible operators, bidirectional isolates
    Range{0x2800, 0x2800},    // Braille blank
    Range{0x3164, 0x3164},    // Hangul filler
    Range{0xFDD0, 0xFDEF},    // no characters
    Range{0xFE00, 0xFE0F},    // variation selectors
    Range{0xFEFF, 0xFEFF},    // byte order mark
    Range{0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    Range{0xFFF9, 0xFFFB},    // interlinear annotations
    Range{0xFFFE, 0xFFFF},    // no characters
    Range{0x1BCA0, 0x1BCA3},  // shorthand format controls
    Range{0x1D159, 0x1D159},  // musical null notehead
    Range{0x1D173, 0x1D17A},  // musical format controls
    Range{0xE0000, 0xE0FFF},  // tags and variation selectors
};

constexpr std::array kSpaces = {
    Range{0x0020, 0x0020}, Range{0x00A0, 0x00A0}, Range{0x1680, 0x1680}, Range{0x2000, 0x200A},
    Range{0x202F, 0x202F}, Range{0x205F, 0x205F}, Range{0x3000, 0x3000},
};

template <std::size_t N>
bool IsIn(const std::array<Range, N>& ranges, char32_t character) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [=](const Range& range) { return range.first <= character && character <= range.last; });
}

// One step of decoding: a character and its bytes, or no character and one byte that is not UTF-8.
struct Decoded {
  std::optional<char32_t> character;
  std::size_t bytes = 1;
};

// The first character of `text`, which is not empty. Strict (RFC 3629): no overlong form, no surrogate,
// nothing past U+10FFFF.
Decoded DecodeFirst(std::string_view text) {
  const auto byte_at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte_at(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(i) & 0xC0) != 0x80) return {};
    character = character << 6 | (byte_at(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest[length] || surrogate || character > 0x10FFFF) return {};
  return {character, length};
}

Status CheckCharacters(std::string_view what, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = DecodeFirst(text.substr(at));
    if (!decoded.character) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: is not UTF-8 at byte {}; send it as UTF-8", what, at + 1));
    }
    const char32_t character = *decoded.character;
    if (IsIn(kRefused, character)) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: has the control or invisible character U+{:04X} at byte {}; use printable text",
                      what, static_cast<std::uint32_t>(character), at + 1));
    }
    const bool at_an_end = at == 0 || at + decoded.bytes == text.size();
    if (at_an_end && IsIn(kSpaces, character)) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: begins or ends with a space; remove it", what));
    }
    at += decoded.bytes;
  }
  return Ok();
}

// Edit distance in which two neighbours that changed places count once. `rows` has three rows of b.size()
// + 1.
std::size_t EditDistance(std::string_view a, std::string_view b,
                         std::array<std::vector<std::size_t>, 3>& rows) {
  for (auto& row : rows) row.assign(b.size() + 1, 0);
  std::iota(rows[1].begin(), rows[1].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::rotate(rows.begin(), rows.begin() + 1,
                rows.end());  // [0] the line above, [1] to fill, [2] two above
    rows[1][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = rows[0][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[1][j] = std::min({replaced, rows[0][j] + 1, rows[1][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[1][j] = std::min(rows[1][j], rows[2][j - 2] + 1);
      }
    }
  }
  return rows[1][b.size()];
}

}  // namespace

Status CheckText(std::string_view what, std::string_view text, std::size_t limit) {
  if (text.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: is empty; give 1 to {} bytes of text", what, limit));
  }
  return CheckOptionalText(what, text, limit);
}

Status CheckOptionalText(std::string_view what, std::string_view text, std::size_t limit) {
  if (text.size() > limit) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: has {} bytes; at most {} are accepted", what, text.size(), limit));
  }
  return CheckCharacters(what, text);
}

std::string EscapeForDisplay(std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);  // almost every text
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = DecodeFirst(text);
    if (!decoded.character) {
      fmt::format_to(std::back_inserter(shown), "\\x{{{:02X}}}", static_cast<std::uint8_t>(text.front()));
    } else if (IsIn(kRefused, *decoded.character)) {
      fmt::format_to(std::back_inserter(shown), "\\u{{{:02X}}}",
                     static_cast<std::uint32_t>(*decoded.character));
    } else {
      shown += text.substr(0, decoded.bytes);
    }
    text.remove_prefix(decoded.bytes);
  }
  return shown;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string_view NearestOf(std::string_view text, const std::vector<std::string_view>& candidates) {
  std::string_view nearest;
  std::size_t best = 2 + text.size() / 4;  // one more than is near enough
  std::array<std::vector<std::size_t>, 3> rows;
  for (const std::string_view candidate : candidates) {
    const std::size_t difference =
        std::max(text.size(), candidate.size()) - std::min(text.size(), candidate.size());
    if (difference >= best) continue;
    const std::size_t distance = EditDistance(text, candidate, rows);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace claviger
