#include "daemon/keys/key_string.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <unordered_set>
#include <vector>

#include "base/base62.h"
#include "base/crypto.h"
#include "base/secret.h"

namespace claviger::keys {
namespace {

constexpr UnixSeconds kNow = 1798070400;
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

KeySecret FilledSecret(std::uint8_t byte) {
  KeySecret secret;
  std::fill(secret.ExposeForWriting().begin(), secret.ExposeForWriting().end(), byte);
  return secret;
}

std::string Format(std::string_view prefix, const KeyId& id, const KeySecret& secret) {
  return std::string(FormatKeyString(prefix, id, secret).ExposeText());
}

std::string RandomKeyString(std::string_view prefix = "clv") {
  KeySecret secret;
  FillRandom(secret.ExposeForWriting());
  return Format(prefix, KeyId::Make(kNow), secret);
}

TEST(KeyString, HasTheDocumentedForm) {
  const std::string text = RandomKeyString();
  EXPECT_EQ(text.size(), 71U);
  EXPECT_EQ(text.substr(0, 4), "clv_");
  EXPECT_EQ(text[21], '_');
  EXPECT_EQ(text.find_first_not_of(std::string(kAlphabet) + "_"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '_'), 2);
  EXPECT_EQ(RandomKeyString("clav").size(), kMaxKeyStringLength);
}

TEST(KeyString, IsTheSameForTheSameKey) {
  KeyId id;
  id.bytes.fill(0);
  EXPECT_EQ(Format("clv", id, FilledSecret(0)).substr(0, 65),
            "clv_" + std::string(17, '0') + "_" + std::string(43, '0'));
  id.bytes.fill(0xFF);
  const std::string largest = Format("clv", id, FilledSecret(0xFF));
  ASSERT_TRUE(ParseKeyString(largest));
  EXPECT_EQ(ParseKeyString(largest)->id, id);
}

TEST(KeyString, RoundTripsRandomIdsAndSecrets) {
  for (int round = 0; round < 5000; ++round) {
    KeyId id;
    KeySecret secret;
    FillRandom(id.bytes);
    FillRandom(secret.ExposeForWriting());
    const std::string_view prefix =
        std::string_view("clav").substr(0, 2 + static_cast<std::size_t>(round) % 3);
    const std::string text = Format(prefix, id, secret);
    const auto parsed = ParseKeyString(text);
    ASSERT_TRUE(parsed) << text;
    ASSERT_EQ(parsed->id, id);
    ASSERT_TRUE(EqualInConstantTime(parsed->secret.Expose(), secret.Expose()));
    ASSERT_EQ(Format(prefix, parsed->id, parsed->secret), text);
  }
}

TEST(KeyString, RefusesEverySingleCharacterChange) {
  for (int round = 0; round < 20; ++round) {
    const std::string text = RandomKeyString();
    for (std::size_t place = 0; place < text.size(); ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed = text;
        changed[place] = static_cast<char>(byte);
        if (changed == text) continue;
        ASSERT_FALSE(ParseKeyString(changed)) << place << ' ' << byte;
        ASSERT_FALSE(ReadKeyString(changed)) << place << ' ' << byte;
      }
    }
  }
}

TEST(KeyString, RefusesEverySwapOfNeighbours) {
  for (int round = 0; round < 200; ++round) {
    const std::string text = RandomKeyString();
    for (std::size_t place = 1; place < text.size(); ++place) {
      std::string changed = text;
      std::swap(changed[place - 1], changed[place]);
      ASSERT_EQ(ParseKeyString(changed).has_value(), changed == text) << changed;
    }
  }
}

TEST(KeyString, RefusesEveryTruncationAndExtension) {
  const std::string text = RandomKeyString();
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(ParseKeyString(text.substr(0, length)));
    EXPECT_FALSE(ParseKeyString(text.substr(text.size() - length)));
    std::string without = text;
    without.erase(length, 1);
    EXPECT_FALSE(ParseKeyString(without));
  }
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place <= text.size(); ++place) {
      std::string longer = text;
      longer.insert(place, 1, static_cast<char>(byte));
      ASSERT_FALSE(ParseKeyString(longer)) << place << ' ' << byte;
    }
  }
  EXPECT_FALSE(ParseKeyString(text + "\n"));
  EXPECT_FALSE(ParseKeyString(text + text));
}

TEST(KeyString, RefusesAnotherCase) {
  std::string upper = RandomKeyString(), lower = upper;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_FALSE(ParseKeyString(upper));
  EXPECT_FALSE(ParseKeyString(lower));
}

// A key string with these parts and the right CRC.
std::string Assemble(std::string_view prefix, std::string_view id, std::string_view secret) {
  // Bit by bit, with zlib's polynomial, so that the test does not lean on what it tests.
  const std::string body = std::string(prefix) + "_" + std::string(id) + "_" + std::string(secret);
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : body) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  crc = ~crc;
  std::array<std::uint8_t, 4> bytes;
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  std::string text(kCrcLength, '0');
  EncodeBase62(bytes, text);
  return body + text;
}

TEST(KeyString, EndsWithTheCrc32OfEverythingBeforeIt) {
  const std::string text = RandomKeyString();
  EXPECT_EQ(Assemble(text.substr(0, 3), text.substr(4, 17), text.substr(22, 43)), text);
}

TEST(KeyString, RefusesNumbersThatAreTooLargeEvenWithTheRightCrc) {
  const std::string id(17, '0'), secret(43, '0');
  EXPECT_TRUE(ParseKeyString(Assemble("clv", id, secret)));
  EXPECT_FALSE(ParseKeyString(Assemble("clv", std::string(17, 'z'), secret)));
  EXPECT_FALSE(ParseKeyString(Assemble("clv", id, std::string(43, 'z'))));
}

TEST(KeyString, IsReadWithoutItsSecret) {
  const std::string text = RandomKeyString();
  for (const std::string& presented : {text, "secret-token:" + text}) {
    const auto view = ReadKeyString(presented);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->text, text);
    EXPECT_EQ(view->id_text, text.substr(4, 17));
    EXPECT_EQ(view->id, KeyId::Parse(view->id_text));
    EXPECT_EQ(view->id, ParseKeyString(presented)->id);
  }
}

TEST(KeyString, IsReadThoughNotParsedWhenItsSecretIsNoNumber) {
  const std::string id(17, '0');
  for (const char c : {'z', '-', '_', '\0', '\xff'}) {
    const std::string text = Assemble("clv", id, std::string(43, c));
    EXPECT_TRUE(ReadKeyString(text)) << c;
    EXPECT_FALSE(ParseKeyString(text)) << c;
  }
}

TEST(KeyString, IsNotReadWhenItsIdIsNoNumber) {
  const std::string secret(43, '0');
  for (const char c : {'z', '-', '_', '\0', '\xff'}) {
    EXPECT_FALSE(ReadKeyString(Assemble("clv", std::string(17, c), secret))) << c;
  }
}

TEST(KeyString, TakesAnyPrefixOfTwoToFourLowerCaseLetters) {
  const std::string id(17, '0'), secret(43, '0');
  for (const char* prefix : {"ab", "clv", "zzzz"}) {
    EXPECT_TRUE(ParseKeyString(Assemble(prefix, id, secret))) << prefix;
    EXPECT_TRUE(CheckPrefix(prefix)) << prefix;
  }
  for (const char* prefix : {"", "a", "abcde", "CLV", "cl1", "cl_", "c v", "cl\xC3", "éé"}) {
    EXPECT_FALSE(ParseKeyString(Assemble(prefix, id, secret))) << prefix;
    const auto checked = CheckPrefix(prefix);
    ASSERT_FALSE(checked) << prefix;
    EXPECT_EQ(checked.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(KeyString, TakesTheSecretTokenScheme) {
  const std::string text = RandomKeyString();
  ASSERT_TRUE(ParseKeyString("secret-token:" + text));
  EXPECT_EQ(ParseKeyString("secret-token:" + text)->id, ParseKeyString(text)->id);
  EXPECT_FALSE(ParseKeyString("secret-token:"));
  EXPECT_FALSE(ParseKeyString("secret-token:secret-token:" + text));
  EXPECT_FALSE(ParseKeyString("secret-token: " + text));
  EXPECT_FALSE(ParseKeyString("secret-token" + text));
  EXPECT_FALSE(ParseKeyString("token:" + text));
}

TEST(KeyString, RefusesRubbishOfEveryLength) {
  EXPECT_FALSE(ParseKeyString({}));
  for (std::size_t length = 1; length < 300; ++length) {
    std::vector<std::uint8_t> bytes(length);
    FillRandom(bytes);
    EXPECT_FALSE(ParseKeyString({reinterpret_cast<const char*>(bytes.data()), length}));
    EXPECT_FALSE(ParseKeyString(std::string(length, '_')));
    EXPECT_FALSE(ParseKeyString(std::string(length, 'a')));
    EXPECT_FALSE(ParseKeyString(std::string(length, '\0')));
  }
}

TEST(KeyId, OrderIsOrderOfAge) {
  for (int round = 0; round < 200; ++round) {
    const KeyId older = KeyId::Make(kNow + round);
    const KeyId younger = KeyId::Make(kNow + round + 1);
    EXPECT_LT(older, younger);
    EXPECT_LT(older.ToString(), younger.ToString());
  }
}

TEST(KeyId, OrderIsOrderOfIssueWithinASecondToo) {
  constexpr int kIds = 10000;
  int descents = 0;
  std::unordered_set<std::size_t> steps;
  KeyId before = KeyId::Make(kNow);
  for (int i = 0; i < kIds; ++i) {
    const KeyId id = KeyId::Make(kNow);
    descents += id < before ? 1 : 0;
    steps.insert(std::hash<KeyId>()(id) - std::hash<KeyId>()(before));
    before = id;
  }
  EXPECT_LE(descents, 1) << "the 64 bits may begin anew";
  EXPECT_GT(steps.size(), kIds - 10U) << "a step says nothing of the next one";
  for (const std::size_t step : steps) ASSERT_TRUE(step > 0 && step <= std::size_t{1} << 40) << step;
}

TEST(KeyId, BeginsAtARandomPlaceInEachSecond) {
  std::unordered_set<std::size_t> starts;
  for (int second = 0; second < 1000; ++second) {
    starts.insert(std::hash<KeyId>()(KeyId::Make(kNow + second)) >> 40);
  }
  EXPECT_GT(starts.size(), 990U);
}

TEST(KeyId, HoldsTimesOfAllItsYears) {
  EXPECT_LT(KeyId::Make(kEarliestTime), KeyId::Make(kEarliestTime + 1));
  EXPECT_EQ(KeyId::Make(kEarliestTime - 1000).bytes[0], 0);
  EXPECT_EQ(KeyId::Make(kEarliestTime - 1000).bytes[3], 0);
  EXPECT_EQ(KeyId::Make(kLatestTime).bytes[0], 0xFF);
  EXPECT_EQ(KeyId::Make(kLatestTime).bytes[3], 0xFF);
  EXPECT_EQ(KeyId::Make(kEarliestTime + 258).bytes[2], 1);
  EXPECT_EQ(KeyId::Make(kEarliestTime + 258).bytes[3], 2);
}

TEST(KeyId, IsNeverTheSame) {
  std::unordered_set<KeyId> ids;
  for (int i = 0; i < 10000; ++i) ids.insert(KeyId::Make(kNow));
  EXPECT_EQ(ids.size(), 10000U);
}

TEST(KeyId, IsTakenFromItsTextAndNothingElse) {
  const KeyId id = KeyId::Make(kNow);
  EXPECT_EQ(KeyId::Parse(id.ToString()), id);
  EXPECT_FALSE(KeyId::Parse(""));
  EXPECT_FALSE(KeyId::Parse(id.ToString() + "0"));
  EXPECT_FALSE(KeyId::Parse(id.ToString().substr(1)));
  EXPECT_FALSE(KeyId::Parse(std::string(17, 'z')));
  EXPECT_FALSE(KeyId::Parse(std::string(16, '0') + "-"));
}

}  // namespace
}  // namespace claviger::keys
