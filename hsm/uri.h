// The PKCS#11 URI (RFC 7512) by which a token is chosen.
#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>

#include "base/result.h"

struct p11_kit_uri;

namespace claviger::hsm {

// A parsed URI that names a token. Immutable after Parse, so that any thread may match.
class TokenUri {
 public:
  // kConfiguration, with what to write instead, for text that is no URI, names no token (token=, serial=,
  // manufacturer= or model=), has unknown attributes, or holds what belongs elsewhere: a PIN, its source or a
  // module.
  static Result<TokenUri> Parse(const std::string& text);

  // True if every attribute that the URI names is that of `info`; what it does not name does not matter.
  bool Matches(const CK_TOKEN_INFO& info) const;
  // The same without the label: for a blank token, which has none yet.
  bool MatchesBlank(const CK_TOKEN_INFO& info) const;
  // The value of token=, blanks at its end cut off; "" if the URI does not name a label.
  std::string label() const;

 private:
  struct Free {
    void operator()(p11_kit_uri* uri) const;
  };
  explicit TokenUri(p11_kit_uri* uri) : uri_(uri) {}

  std::unique_ptr<p11_kit_uri, Free> uri_;
};

}  // namespace claviger::hsm
