// ScanVerifyCall against CallParser: for the fuzzer and for unit tests.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/call.h"
#include "protocol/dispatcher.h"
#include "protocol/limits.h"
#include "protocol/verify_call.h"

namespace claviger::protocol {

// Puts frames to both readers of a call.
class VerifyCallComparison {
 public:
  enum class Outcome {
    kNeither,      // not a call that Verify takes
    kParsed,       // one, but left to CallParser
    kBoth,         // read by both, with the same values
    kWronglyTaken  // a defect: other values, or not a call
  };

  // `filling` is what stands behind the frame: it must make no difference.
  Outcome Compare(std::string_view text, char filling = '"') {
    Load(text, filling);
    // Scanned first, since the parser may write.
    const bool scanned = ScanVerifyCall(frame(), scan_);
    const std::string_view scopes_text = scanned ? scan_.scopes_text : std::string_view();
    scopes_copy_.assign(scopes_text);
    const auto call = parser_.Parse(std::span(bytes_).first(size_));
    const bool parsed = call && call->method == "io.claviger.Verify.Verify" && !call->oneway && !call->more &&
                        parameters_.Bind(*call, kParameters).empty();
    if (!scanned) return parsed ? Outcome::kParsed : Outcome::kNeither;
    return parsed && SameValues() ? Outcome::kBoth : Outcome::kWronglyTaken;
  }

  // Of a frame with kParsed: its values, written as most clients do.
  std::string Canonical() const {
    std::string text = R"({"method":"io.claviger.Verify.Verify","parameters":{"key":")";
    text.append(parameters_.Text(kKey)).append("\"");
    if (parameters_.Has(kScopes)) {
      text += ",\"scopes\":[";
      bool first = true;
      for (const simdjson::dom::element scope : parameters_.List(kScopes)) {
        text.append(first ? "\"" : ",\"").append(scope.get_string().value_unsafe()).append("\"");
        first = false;
      }
      text += "]";
    }
    if (parameters_.Has(kRemoteAddress)) {
      text.append(",\"remote_address\":\"").append(parameters_.Text(kRemoteAddress)).append("\"");
    }
    return text + "}}";
  }

  // Of a frame with kParsed: whether Canonical() must be scanned.
  bool IsPlain() const {
    if (parameters_.Has(kScopes)) {
      if (parameters_.List(kScopes).size() > kMaxScannedScopes) return false;
      for (const simdjson::dom::element scope : parameters_.List(kScopes)) {
        if (!IsPlain(scope.get_string().value_unsafe())) return false;
      }
    }
    return IsPlain(parameters_.Text(kKey)) &&
           (!parameters_.Has(kRemoteAddress) || IsPlain(parameters_.Text(kRemoteAddress)));
  }

  // What the last frame was scanned as, if it was.
  const VerifyCall& scan() const { return scan_; }

 private:
  enum : std::size_t { kKey, kScopes, kRemoteAddress };
  static constexpr std::array kParameters = {
      Parameter{"key", ParameterType::kString, true},
      Parameter{"scopes", ParameterType::kStringList, false},
      Parameter{"remote_address", ParameterType::kString, false},
  };

  static bool IsPlain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  }

  void Load(std::string_view text, char filling) {
    // No byte more than is promised, so that a sanitizer sees who reads further.
    bytes_ = std::vector<char>(text.size() + kFramePadding, filling);
    if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
    size_ = text.size();
  }

  std::span<const char> frame() const { return std::span(bytes_).first(size_); }

  bool SameValues() {
    if (scan_.key != parameters_.Text(kKey) || scan_.has_scopes != parameters_.Has(kScopes) ||
        scan_.has_remote_address != parameters_.Has(kRemoteAddress)) {
      return false;
    }
    if (scan_.has_remote_address ? scan_.remote_address != parameters_.Text(kRemoteAddress)
                                 : !scan_.remote_address.empty()) {
      return false;
    }
    return scan_.has_scopes ? SameScopes() : scan_.scope_count == 0 && scan_.scopes_text.empty();
  }

  // The list of names, and the text of the list: it must be JSON for the same list.
  bool SameScopes() {
    simdjson::dom::array list;
    return IsScanned(parameters_.List(kScopes)) &&
           list_parser_.parse(scopes_copy_).get_array().get(list) == simdjson::SUCCESS && IsScanned(list);
  }

  bool IsScanned(const simdjson::dom::array& list) const {
    std::size_t i = 0;
    for (const simdjson::dom::element scope : list) {
      if (i == scan_.scope_count || scan_.scopes[i++] != scope.get_string().value_unsafe()) return false;
    }
    return i == scan_.scope_count;
  }

  CallParser parser_{kMaxVerifyFrameBytes};
  simdjson::dom::parser list_parser_;
  Parameters<kParameters.size()> parameters_;
  VerifyCall scan_;
  std::string scopes_copy_;
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

}  // namespace claviger::protocol
