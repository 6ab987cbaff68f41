#include "hsm/uri.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace claviger::hsm {
namespace {

template <std::size_t N>
void Pad(unsigned char (&field)[N], std::string_view text) {
  std::fill_n(field, N, static_cast<unsigned char>(' '));
  std::copy(text.begin(), text.end(), field);
}

CK_TOKEN_INFO Token(std::string_view label, std::string_view serial, std::string_view manufacturer = "Maker",
                    std::string_view model = "M1") {
  CK_TOKEN_INFO info{};
  Pad(info.label, label);
  Pad(info.serialNumber, serial);
  Pad(info.manufacturerID, manufacturer);
  Pad(info.model, model);
  return info;
}

TEST(TokenUri, MatchesTheTokenThatItNames) {
  const auto uri = TokenUri::Parse("pkcs11:token=claviger");
  ASSERT_TRUE(uri) << uri.error().message();
  EXPECT_TRUE(uri->Matches(Token("claviger", "1")));
  EXPECT_FALSE(uri->Matches(Token("claviger2", "1")));
  EXPECT_FALSE(uri->Matches(Token("clavige", "1")));
  EXPECT_FALSE(uri->Matches(Token("", "1")));
  EXPECT_EQ(uri->label(), "claviger");
}

TEST(TokenUri, MatchesOnlyIfAllThatItNamesIsRight) {
  const auto uri = TokenUri::Parse("pkcs11:token=my%20token;serial=42;manufacturer=Maker;model=M1");
  ASSERT_TRUE(uri) << uri.error().message();
  EXPECT_TRUE(uri->Matches(Token("my token", "42")));
  EXPECT_FALSE(uri->Matches(Token("my token", "43")));
  EXPECT_FALSE(uri->Matches(Token("my token", "42", "Other")));
  EXPECT_FALSE(uri->Matches(Token("my token", "42", "Maker", "M2")));
  EXPECT_EQ(uri->label(), "my token");
}

TEST(TokenUri, MatchesABlankTokenWithoutItsLabel) {
  const auto uri = TokenUri::Parse("pkcs11:token=claviger;manufacturer=Maker");
  ASSERT_TRUE(uri);
  EXPECT_TRUE(uri->MatchesBlank(Token("", "")));
  EXPECT_FALSE(uri->MatchesBlank(Token("", "", "Other")));
  const auto by_serial = TokenUri::Parse("pkcs11:serial=42");
  ASSERT_TRUE(by_serial);
  EXPECT_TRUE(by_serial->MatchesBlank(Token("", "42")));
  EXPECT_FALSE(by_serial->MatchesBlank(Token("", "43")));
  EXPECT_EQ(by_serial->label(), "");
}

TEST(TokenUri, RefusesWhatNamesNoTokenOrTooMuch) {
  for (const char* text :
       {"", "token=claviger", "pkcs12:token=claviger", "pkcs11:", "pkcs11:token=%zz", "pkcs11:tokem=claviger",
        "pkcs11:slot-id=1", "pkcs11:token=claviger?pin-value=1234",
        "pkcs11:token=claviger?pin-source=file:/pin", "pkcs11:token=claviger?module-path=/m.so",
        "pkcs11:token=claviger?module-name=m", "pkcs11:token=claviger;object=key",
        "pkcs11:token=claviger;type=secret-key", "pkcs11:token=0123456789012345678901234567890123"}) {
    const auto uri = TokenUri::Parse(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code(), ErrorCode::kConfiguration) << text;
    EXPECT_EQ(uri.error().message().find("1234"), std::string::npos);
  }
  EXPECT_FALSE(TokenUri::Parse(std::string("pkcs11:token=a\0b", 16)));
}

}  // namespace
}  // namespace claviger::hsm
