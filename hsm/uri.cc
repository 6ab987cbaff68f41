#include "hsm/uri.h"

#include <fmt/format.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <string_view>

namespace claviger::hsm {
namespace {

Error Wrong(std::string_view what) {
  return Error(ErrorCode::kConfiguration,
               fmt::format("the token's uri {}; write for example \"pkcs11:token=claviger\"", what));
}

// p11-kit leaves a field that the URI does not name all zero, and pads one that it names with blanks.
template <std::size_t N>
bool Named(const unsigned char (&field)[N]) {
  return field[0] != 0;
}

}  // namespace

void TokenUri::Free::operator()(p11_kit_uri* uri) const { p11_kit_uri_free(uri); }

Result<TokenUri> TokenUri::Parse(const std::string& text) {
  TokenUri parsed(p11_kit_uri_new());
  if (!parsed.uri_) return Error(ErrorCode::kInternal, "no memory for the token's uri");
  P11KitUri* uri = parsed.uri_.get();
  if (text.find('\0') != std::string::npos) return Wrong("holds a NUL");
  const int outcome = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri);
  if (outcome != P11_KIT_URI_OK) {
    return Wrong(fmt::format("is no PKCS#11 URI ({})", p11_kit_uri_message(outcome)));
  }
  if (p11_kit_uri_any_unrecognized(uri) != 0) return Wrong("has attributes that RFC 7512 does not know");
  if (p11_kit_uri_get_pin_value(uri) != nullptr || p11_kit_uri_get_pin_source(uri) != nullptr) {
    return Wrong(
        "must name neither a PIN nor its source, which belongs into pin_file or the credential hsm-pin");
  }
  if (p11_kit_uri_get_module_path(uri) != nullptr || p11_kit_uri_get_module_name(uri) != nullptr) {
    return Wrong("must not name a module, which has its own setting");
  }
  CK_ULONG attributes = 0;
  p11_kit_uri_get_attributes(uri, &attributes);
  if (attributes != 0) return Wrong("must name a token, not an object in it");
  const CK_TOKEN_INFO* info = p11_kit_uri_get_token_info(uri);
  if (!Named(info->label) && !Named(info->serialNumber) && !Named(info->manufacturerID) &&
      !Named(info->model)) {
    return Wrong("names no token");
  }
  return parsed;
}

bool TokenUri::Matches(const CK_TOKEN_INFO& info) const {
  return p11_kit_uri_match_token_info(uri_.get(), &info) == 1;
}

bool TokenUri::MatchesBlank(const CK_TOKEN_INFO& info) const {
  CK_TOKEN_INFO with_label = info;
  const CK_TOKEN_INFO* wanted = p11_kit_uri_get_token_info(uri_.get());
  std::ranges::copy(wanted->label, with_label.label);
  return Matches(with_label);
}

std::string TokenUri::label() const {
  const CK_TOKEN_INFO* wanted = p11_kit_uri_get_token_info(uri_.get());
  if (!Named(wanted->label)) return "";
  std::string text(reinterpret_cast<const char*>(wanted->label), sizeof(wanted->label));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace claviger::hsm
