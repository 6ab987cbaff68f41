#include "cli/wizard/wizard_state.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "cli/wizard/command_line.h"
#include "wizard_fixture.h"

namespace claviger::cli::wizard {
namespace {

boost::json::object UnscopedPolicy() {
  boost::json::object policy = PolicyReply();
  policy["unscoped"] = "allow-with-reason";
  return policy;
}

WizardState Filled() {
  WizardState state = StateOf();
  state.answers().name = "backup";
  state.answers().scopes[1] = true;
  return state;
}

void GoTo(WizardState& state, Step step) {
  while (state.step() != step) ASSERT_TRUE(state.Next());
}

TEST(WizardStateTest, GoesThroughFiveStepsAndBack) {
  WizardState state = Filled();
  std::vector<Step> seen = {state.step()};
  while (state.Next()) seen.push_back(state.step());
  EXPECT_EQ(seen, state.steps());
  EXPECT_EQ(seen.size(), 5U);
  while (state.Back()) seen.pop_back();
  EXPECT_EQ(seen, std::vector<Step>{Step::kAccess});
  EXPECT_EQ(state.answers().name, "backup");
}

TEST(WizardStateTest, AKeyWithoutScopesIsNotAskedForThem) {
  WizardState state = StateOf(UnscopedPolicy());
  state.answers().unscoped = true;
  EXPECT_EQ(state.steps().size(), 4U);
  EXPECT_FALSE(state.Next());
  EXPECT_EQ(state.complaint()->field, Field::kReason);
  state.answers().unscoped_reason = "the old proxy knows no scopes";
  state.answers().name = "proxy";
  GoTo(state, Step::kReview);
  const boost::json::object parameters = state.Parameters();
  EXPECT_FALSE(parameters.contains("scopes"));
  EXPECT_EQ(parameters.at("unscoped_reason"), "the old proxy knows no scopes");
}

TEST(WizardStateTest, AForbiddenKeyWithoutScopesGoesNoFurther) {
  WizardState state = StateOf();
  state.answers().unscoped = true;
  state.answers().unscoped_reason = "because";
  EXPECT_FALSE(state.Next());
  EXPECT_EQ(state.complaint()->field, Field::kAccess);
}

TEST(WizardStateTest, NamesAreCheckedAsTheDaemonDoes) {
  boost::json::object policy = PolicyReply();
  policy["name_pattern"] = "[a-z]+-[a-z]+";
  WizardState state = StateOf(policy);
  GoTo(state, Step::kDetails);
  for (const char* name : {"", "two\nlines", "backup", "x-ybut not the rest", "\u202e-x"}) {
    state.answers().name = name;
    EXPECT_FALSE(state.Next()) << name;
    EXPECT_EQ(state.complaint()->field, Field::kName) << name;
    EXPECT_EQ(state.step(), Step::kDetails);
  }
  state.answers().name = std::string(kMaxTextBytes + 1, 'a');
  EXPECT_FALSE(state.Next());
  state.answers().name = "wiki-backup";
  EXPECT_TRUE(state.Next());
}

TEST(WizardStateTest, WhatThePolicyRequiresMustBeGiven) {
  boost::json::object policy = PolicyReply();
  policy["required"] = boost::json::array{"description", "team"};
  WizardState state = StateOf(policy);
  GoTo(state, Step::kDetails);
  state.answers().name = "a";
  EXPECT_FALSE(state.Next());
  EXPECT_EQ(state.complaint()->field, Field::kDescription);
  state.answers().description = std::string(kMaxDescriptionBytes + 1, 'd');
  EXPECT_FALSE(state.Next());
  state.answers().description = "d";
  EXPECT_FALSE(state.Next());
  EXPECT_EQ(state.complaint()->field, Field::kTeam);
  state.answers().team = "t";
  EXPECT_TRUE(state.Next());
}

TEST(WizardStateTest, PresetsBeyondThePolicyAreNotOffered) {
  const auto lifetimes = [](std::int64_t usual, std::int64_t maximum) {
    std::vector<std::int64_t> days;
    for (const ExpiryPreset& preset : ExpiryPresets(usual, maximum)) days.push_back(preset.lifetime / kDay);
    return days;
  };
  EXPECT_EQ(lifetimes(7 * kDay, 365 * kDay), (std::vector<std::int64_t>{1, 7, 30, 90, 365}));
  EXPECT_EQ(lifetimes(12 * kDay, 30 * kDay), (std::vector<std::int64_t>{1, 7, 12, 30}));
  EXPECT_EQ(lifetimes(7 * kDay, 2 * kDay), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(ExpiryPresets(7 * kDay, 3600).size(), 1U);
}

TEST(WizardStateTest, TypedEndsAreKeptWithinThePolicy) {
  WizardState state = Filled();
  GoTo(state, Step::kExpiry);
  state.answers().typed_expiry = true;
  for (const char* text : {"", "soon", "2020-01-01", "61d", "2027-12-24", "-5d"}) {
    state.answers().expiry_text = text;
    EXPECT_FALSE(state.Next()) << text;
    EXPECT_EQ(state.complaint()->field, Field::kExpiry) << text;
  }
  state.answers().expiry_text = "45d";
  EXPECT_EQ(state.Parameters().at("lifetime"), 45 * kDay);
  EXPECT_EQ(state.ExpiryWord(), "45d");
  state.answers().expiry_text = "2026-12-24";
  EXPECT_EQ(state.Parameters().at("expires_at"), "2026-12-24T23:59:59Z");
  EXPECT_FALSE(state.Parameters().contains("lifetime"));
  EXPECT_TRUE(state.Next());
}

TEST(WizardStateTest, WithoutAnyScopeThereIsNoKey) {
  WizardState state = Filled();
  GoTo(state, Step::kScopes);
  state.answers().scopes[1] = false;
  EXPECT_FALSE(state.Next());
  EXPECT_EQ(state.complaint()->field, Field::kScopes);
  state.ToggleBundle(0);
  EXPECT_TRUE(state.Next());
}

TEST(WizardStateTest, MoreScopesThanAKeyHoldsAreRefused) {
  boost::json::array scopes;
  for (std::size_t i = 0; i <= kMaxChosenScopes; ++i) {
    scopes.push_back(boost::json::object{{"name", "read:a" + std::to_string(i)}, {"action", "read"}});
  }
  WizardState state(ReadOffer(PolicyReply(), {{"scopes", scopes}}, {}).value(), kNow, "r");
  state.answers().name = "a";
  GoTo(state, Step::kScopes);
  state.answers().scopes.assign(kMaxChosenScopes + 1, true);
  EXPECT_FALSE(state.Next());
  state.answers().scopes[0] = false;
  EXPECT_TRUE(state.Next());
}

TEST(WizardStateTest, ABundleGivesItsScopesUntilItIsGivenUp) {
  WizardState state = Filled();
  state.ToggleBundle(0);
  EXPECT_EQ(state.CountGiven(), 2U);
  EXPECT_EQ(state.CountGiven(Action::kWrite), 0U);
  const boost::json::object parameters = state.Parameters();
  EXPECT_EQ(parameters.at("bundles"), boost::json::array{"read-only"});
  EXPECT_FALSE(parameters.contains("scopes")) << "the bundle gives the one that was chosen, too";
  state.ToggleBundle(0);
  EXPECT_EQ(state.CountGiven(), 1U);
  EXPECT_EQ(state.Parameters().at("scopes"), boost::json::array{"read:domains:admin"});
}

TEST(WizardStateTest, ARefusalLeadsToThePageOfItsField) {
  const std::vector<std::pair<const char*, Step>> rows = {
      {"name", Step::kDetails},      {"team", Step::kDetails},           {"owner", Step::kDetails},
      {"expires_at", Step::kExpiry}, {"lifetime", Step::kExpiry},        {"scopes", Step::kScopes},
      {"bundles", Step::kScopes},    {"unscoped_reason", Step::kAccess}, {"replaces", Step::kReview}};
  for (const auto& [wire, step] : rows) {
    WizardState state = Filled();
    GoTo(state, Step::kReview);
    state.Refuse(wire, "no");
    EXPECT_EQ(state.step(), step) << wire;
    EXPECT_EQ(state.complaint()->message, "no");
    EXPECT_EQ(state.answers().name, "backup");
  }
}

TEST(WizardStateTest, CreateHasARequestIdAndPreviewNone) {
  const WizardState state = Filled();
  EXPECT_FALSE(state.Parameters().contains("request_id"));
  EXPECT_EQ(state.CreateParameters().at("request_id"), "request-1");
}

TEST(WizardCommandTest, TheCommandIsTheAnswers) {
  WizardState state = Filled();
  state.answers().name = "it's a key";
  state.answers().description = "--looks like an option";
  state.answers().scopes[3] = true;
  state.ToggleBundle(0);
  const std::string whole = FoldedCommand(CommandWords(state), 1000);
  EXPECT_EQ(
      whole,
      "  claviger key create --name 'it'\\''s a key' --description='--looks like an option' --expires 7d "
      "--bundle read-only --scope write:policies:admin");
  for (const std::string part : {" \\\n    --bundle read-only", "--expires 7d"}) {
    EXPECT_NE(FoldedCommand(CommandWords(state), 36).find(part), std::string::npos);
  }
}

TEST(WizardCommandTest, WordsAreQuotedForAShell) {
  EXPECT_EQ(ShellQuoted("plain-1.2"), "plain-1.2");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("$(rm) `x` \"y\" \\"), "'$(rm) `x` \"y\" \\'");
  EXPECT_EQ(ShellQuoted("sch\u00f6n"), "'sch\u00f6n'");
}

}  // namespace
}  // namespace claviger::cli::wizard
