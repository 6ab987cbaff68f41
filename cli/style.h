// The few colours that claviger uses.
#pragma once

#include <string>
#include <string_view>

namespace claviger::cli {

enum class Style { kPlain, kBold, kGood, kBad, kAttention, kFaint };

// `text` with the escape sequences of `style` around it; `text` alone if `color` is false.
std::string Styled(std::string_view text, Style style, bool color);
// For the state of a key ("active", "revoked") or of a check ("ok", "failed").
Style StyleOfState(std::string_view state);

}  // namespace claviger::cli
