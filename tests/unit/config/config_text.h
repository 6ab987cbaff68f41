// Reading a text as the configuration, as the tests of this folder do.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "daemon/config.h"
#include "tests/unit/config/fixed_accounts.h"

namespace claviger {

// A failure of the test if it is refused.
inline Config Parse(std::string_view text, const Accounts& accounts = FixedAccounts()) {
  const auto config = ParseConfig(text, "claviger.toml", accounts);
  EXPECT_TRUE(config) << config.error().message();
  return config ? *config : Config();
}

// The message with which `text` is refused.
inline std::string Refusal(std::string_view text, const Accounts& accounts = FixedAccounts()) {
  const auto config = ParseConfig(text, "claviger.toml", accounts);
  if (config) return "accepted";
  EXPECT_EQ(config.error().code(), ErrorCode::kConfiguration);
  return config.error().message();
}

}  // namespace claviger
