// A Varlink call taken apart: strict JSON, no doubled keys, typed parameters.
// https://varlink.org/Wire-Protocol; strictness follows systemd's implementation.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace claviger::protocol {

// Views and elements point into the parser that made them and into the frame: valid until its next Parse.
struct Call {
  std::string_view method;                          // "io.claviger.Verify.Verify"
  std::optional<simdjson::dom::object> parameters;  // nullopt: absent or null, which mean {}
  bool oneway = false;
  bool more = false;
};

// Parses frames of up to a fixed size. One per loop; thread-compatible; allocates only when made. Its copies
// of a frame's strings are wiped before the next Parse and at the end.
class CallParser {
 public:
  explicit CallParser(std::size_t max_frame_bytes);
  CallParser(const CallParser&) = delete;
  ~CallParser();

  // `frame` has kFramePadding readable bytes behind it. kInvalidArgument when the connection must be closed,
  // because nothing that follows can be trusted: not JSON, invalid UTF-8, too long, too deep, not an object,
  // unknown top-level members (but vendor objects with a dot in their name), doubled members, one without a
  // name or more than kMaxJsonMembers in any object, no method, wrong types, oneway together with more.
  // kUnsupported for upgrade.
  Result<Call> Parse(std::span<char> frame);
  // Wipes what the last Parse has left; its Call is no longer valid.
  void Forget();

 private:
  simdjson::dom::parser parser_;
  std::size_t max_frame_bytes_;
  std::size_t parsed_bytes_ = 0;  // of the frame whose strings the parser holds
  bool ready_ = false;
};

enum class ParameterType { kString, kInt, kBool, kStringList };

struct Parameter {
  std::string_view name;
  ParameterType type;
  bool required;
};

// What Parameters<N>::Bind does, for a list of any length. `values` and `present` are as long as `list`. In a
// call that CallParser has passed nothing is doubled; in others, one null beside a value is not noticed.
std::string_view BindParameters(const Call& call, std::span<const Parameter> list,
                                std::span<simdjson::dom::element> values, std::span<bool> present);

// Two lists as one: what several methods have in common is written once.
template <std::size_t N, std::size_t M>
constexpr std::array<Parameter, N + M> Join(const std::array<Parameter, N>& first,
                                            const std::array<Parameter, M>& second) {
  std::array<Parameter, N + M> all{};
  for (std::size_t i = 0; i < N; ++i) all[i] = first[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = second[i];
  return all;
}

// The parameters of one call, checked against a method's list. N is the length of that list; values are found
// by their position in it. No allocation.
template <std::size_t N>
class Parameters {
 public:
  // The name of the first parameter at fault: unknown, doubled, of a wrong type, or missing; "" if all is
  // well. Null is the same as absent. Integers are those of int64, written without fraction and exponent.
  std::string_view Bind(const Call& call, const std::array<Parameter, N>& list) {
    return BindParameters(call, list, values_, present_);
  }
  bool Has(std::size_t i) const { return present_[i]; }
  // By position; a value is one only where present() says so.
  std::span<const simdjson::dom::element, N> values() const { return values_; }
  std::span<const bool, N> present() const { return present_; }
  // The getters are for parameters of their type that Has() says are there; the optional ones also for
  // others.
  std::string_view Text(std::size_t i) const { return values_[i].get_string().value_unsafe(); }
  std::int64_t Int(std::size_t i) const { return values_[i].get_int64().value_unsafe(); }
  bool Flag(std::size_t i) const { return values_[i].get_bool().value_unsafe(); }
  simdjson::dom::array List(std::size_t i) const { return values_[i].get_array().value_unsafe(); }
  std::optional<std::string_view> OptionalText(std::size_t i) const {
    return Has(i) ? std::optional(Text(i)) : std::nullopt;
  }
  std::optional<std::int64_t> OptionalInt(std::size_t i) const {
    return Has(i) ? std::optional(Int(i)) : std::nullopt;
  }
  std::optional<bool> OptionalFlag(std::size_t i) const {
    return Has(i) ? std::optional(Flag(i)) : std::nullopt;
  }

 private:
  std::array<simdjson::dom::element, N> values_;
  std::array<bool, N> present_{};
};

// For a method without parameters: the name of the first that the call has all the same, "" if none.
inline std::string_view RefuseParameters(const Call& call) { return BindParameters(call, {}, {}, {}); }

}  // namespace claviger::protocol
