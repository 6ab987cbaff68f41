#include "hsm/token_facts.h"

#include <string_view>

#include "base/text.h"

namespace claviger::hsm {
namespace {

template <std::size_t N>
std::string Trimmed(const char (&field)[N]) {
  std::string_view text(field, N);
  // Some modules pad with NUL instead of blanks.
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return EscapeForDisplay(text);
}

}  // namespace

TokenDescription Describe(const TokenFacts& facts) {
  return {Trimmed(facts.label),  Trimmed(facts.manufacturer), Trimmed(facts.model),
          Trimmed(facts.serial), Trimmed(facts.library),      facts.flags};
}

}  // namespace claviger::hsm
