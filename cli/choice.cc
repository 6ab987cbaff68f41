#include "cli/choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/nearest.h"

namespace claviger::cli {

Outcome<void> CheckChoice(std::string_view option, ValueKind kind, const std::string& value) {
  const auto choices = ChoicesOf(kind);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  const std::string_view nearest = NearestChoice(kind, value);
  return UsageFailure(fmt::format("--{}: there is no {} \"{}\"", option, option, EscapeForDisplay(value)),
                      nearest.empty() ? fmt::format("it is one of: {}", fmt::join(choices, ", "))
                                      : fmt::format("did you mean: {}", nearest));
}

}  // namespace claviger::cli
