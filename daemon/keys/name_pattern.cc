#include <fmt/format.h>
#include <regex.h>

#include <array>

#include "base/text.h"
#include "daemon/keys/policy.h"

namespace claviger::keys {

struct NamePattern::Compiled {
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (ready) regfree(&expression);
  }

  regex_t expression{};
  bool ready = false;
};

Result<NamePattern> NamePattern::Parse(std::string_view text) {
  if (auto checked = CheckText("the pattern", text, kMaxBytes); !checked) return checked.error();
  NamePattern pattern;
  pattern.text_ = text;
  const auto compiled = std::make_shared<Compiled>();
  if (const int failure = regcomp(&compiled->expression, pattern.text_.c_str(), REG_EXTENDED); failure != 0) {
    std::array<char, 128> why{};
    regerror(failure, &compiled->expression, why.data(), why.size());
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is not a POSIX extended regular expression: {}", text, why.data()));
  }
  compiled->ready = true;
  pattern.compiled_ = compiled;
  return pattern;
}

bool NamePattern::Matches(const std::string& name) const {
  if (compiled_ == nullptr) return true;
  // POSIX finds the leftmost match, and of these the longest: if the whole name can match, it is the one.
  regmatch_t match{};
  return regexec(&compiled_->expression, name.c_str(), 1, &match, 0) == 0 && match.rm_so == 0 &&
         static_cast<std::size_t>(match.rm_eo) == name.size();
}

}  // namespace claviger::keys
