#include "hsm/ckr.h"

#include <gtest/gtest.h>
#include <p11-kit/pkcs11.h>

#include <cctype>
#include <fstream>
#include <regex>
#include <string>

namespace claviger::hsm {
namespace {

TEST(Ckr, KnowsEveryValueThatThePkcs11HeaderNames) {
  std::ifstream header(PKCS11_HEADER);
  ASSERT_TRUE(header) << PKCS11_HEADER;
  const std::regex definition(R"(^#define\s+(CKR_\w+)\s+\((0x[0-9a-fA-F]+|[0-9]+)UL\))");
  int found = 0;
  for (std::string line; std::getline(header, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, definition)) continue;
    ++found;
    const unsigned long value = std::stoul(match[2].str(), nullptr, 0);
    const CkrEntry* entry = FindCkr(value);
    ASSERT_NE(entry, nullptr) << match[1];
    EXPECT_EQ(entry->name, match[1].str());
  }
  EXPECT_GT(found, 80);
}

TEST(Ckr, HasItsTableInAscendingOrderWithoutDuplicates) {
  const auto table = CkrTable();
  for (std::size_t i = 1; i < table.size(); ++i)
    EXPECT_LT(table[i - 1].value, table[i].value) << table[i].name;
}

TEST(Ckr, HasASentenceForEachValueThatFollowsTheRulesForMessages) {
  for (const CkrEntry& entry : CkrTable()) {
    ASSERT_FALSE(entry.sentence.empty()) << entry.name;
    EXPECT_TRUE(std::islower(static_cast<unsigned char>(entry.sentence.front()))) << entry.name;
    EXPECT_NE(entry.sentence.back(), '.') << entry.name;
  }
}

TEST(Ckr, TellsTheFunctionAndTheNameInItsError) {
  const Error error = CkrError(CKR_PIN_LOCKED, "C_Login");
  EXPECT_EQ(error.code(), ErrorCode::kDenied);
  EXPECT_TRUE(error.message().starts_with("C_Login: "));
  EXPECT_NE(error.message().find("CKR_PIN_LOCKED"), std::string::npos);
}

TEST(Ckr, TurnsUnknownAndVendorValuesIntoUnavailableWithTheirNumber) {
  for (const unsigned long value : {0x04UL, 0x1ffUL, 0x80000001UL, 0xce534351UL, 0xffffffffffffffffUL}) {
    EXPECT_EQ(FindCkr(value), nullptr);
    const Error error = CkrError(value, "C_Sign");
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_NE(error.message().find(CkrName(value)), std::string::npos);
  }
  EXPECT_EQ(CkrName(0x80000001UL), "0x80000001");
}

TEST(Ckr, KnowsWhichValuesMeanThatTheTokenIsGone) {
  EXPECT_TRUE(MeansTokenIsGone(CKR_TOKEN_NOT_PRESENT));
  EXPECT_TRUE(MeansTokenIsGone(CKR_DEVICE_REMOVED));
  EXPECT_FALSE(MeansTokenIsGone(CKR_PIN_INCORRECT));
  EXPECT_FALSE(MeansTokenIsGone(CKR_OK));
}

}  // namespace
}  // namespace claviger::hsm
