#include "cli/style.h"

namespace claviger::cli {
namespace {

// Select Graphic Rendition (ECMA-48, 8.3.117).
std::string_view SequenceOf(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[31m";
    case Style::kAttention:
      return "\x1b[33m";
    case Style::kFaint:
      return "\x1b[2m";
    case Style::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::string Styled(std::string_view text, Style style, bool color) {
  if (!color || style == Style::kPlain || text.empty()) return std::string(text);
  return std::string(SequenceOf(style)).append(text).append("\x1b[0m");
}

Style StyleOfState(std::string_view state) {
  if (state == "active" || state == "ok" || state == "valid" || state == "ready" || state == "done")
    return Style::kGood;
  if (state == "pending" || state == "paused" || state == "warning" || state == "to do")
    return Style::kAttention;
  if (state == "expired") return Style::kFaint;
  return Style::kBad;
}

}  // namespace claviger::cli
