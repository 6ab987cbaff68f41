// The call that every service makes, taken apart in place, without a copy and without a JSON document.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace claviger::protocol {

// Calls with more scopes are left to CallParser; what api/ does with them is its own affair.
inline constexpr std::size_t kMaxScannedScopes = 64;

// All texts point into the frame: valid as long as it is unchanged. Keep one and use it again: its array is
// not cleared between calls.
struct VerifyCall {
  std::string_view key;          // the text between the quotes; there are no escapes in it
  std::string_view scopes_text;  // the array's bytes from '[' to ']'; "" if there is none
  std::array<std::string_view, kMaxScannedScopes> scopes;  // the first scope_count are set
  std::size_t scope_count = 0;
  std::string_view remote_address;
  bool has_scopes = false;
  bool has_remote_address = false;

  std::span<const std::string_view> asked() const { return std::span(scopes).first(scope_count); }
};

// Fills `call` if `frame`, behind which kFramePadding bytes are readable, is a call of
// io.claviger.Verify.Verify written as usual: `method` and `parameters` in any order and nothing beside them,
// no parameter null, strings of printable ASCII without escapes, no white space but single spaces behind ':'
// and ','. True only for frames that CallParser and Parameters::Bind take as that method with exactly these
// values, neither oneway nor more. False says nothing of the frame, which then goes to CallParser; `call`
// holds anything. Time depends on where texts end, not on what is in them.
[[nodiscard]] bool ScanVerifyCall(std::span<const char> frame, VerifyCall& call);

}  // namespace claviger::protocol
