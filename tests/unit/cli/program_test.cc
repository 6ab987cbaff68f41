#include "cli/program.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/temporary_root.h"

namespace claviger::cli {
namespace {

TEST(Program, GetsItsWordsAsTheyAreAndGivesBothStreamsAndItsStatus) {
  const TemporaryRoot root;
  root.WriteProgram("say", R"(printf '[%s]' "$@"; echo "two lines" >&2; echo "last; \$HOME." >&2; exit 3)");
  const auto end = root.host().Run("say", {"a b", "$(id)", "'"});
  ASSERT_TRUE(end) << end.error().message();
  EXPECT_EQ(end->text(), "[a b][$(id)][']");
  EXPECT_EQ(end->status, 3);
  EXPECT_EQ(end->Complaint(), "last; $HOME");
}

TEST(Program, ReadsASecretAndNothingElseFromItsStandardInput) {
  const TemporaryRoot root;
  root.WriteProgram("count", "cat; printf .");
  const Secret secret = Secret::FromText("1234");
  EXPECT_EQ(root.host().Run("count", {}, &secret)->text(), "1234.");
  EXPECT_EQ(root.host().Run("count", {})->text(), ".");
}

TEST(Program, HasAnEnvironmentOfItsOwn) {
  const TemporaryRoot root;
  root.WriteProgram("show", "echo \"$PATH $LC_ALL $CLAVIGER_SECRET_OF_A_TEST\"");
  ::setenv("CLAVIGER_SECRET_OF_A_TEST", "seen", 1);
  EXPECT_EQ(root.host().Run("show", {})->text(), "/usr/sbin:/usr/bin:/sbin:/bin C.UTF-8 \n");
}

TEST(Program, ThatWritesWithoutEndIsStopped) {
  const TemporaryRoot root;
  root.WriteProgram("flood", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
  root.WriteProgram("complain", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx >&2; done");
  for (const char* name : {"flood", "complain"}) {
    const auto end = root.host().Run(name, {});
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code(), ErrorCode::kLimitExceeded);
  }
}

TEST(Program, ThatTakesTooLongIsStopped) {
  const TemporaryRoot root;
  root.WriteProgram("wait", "exec sleep 600");
  ProgramCall call;
  call.path = root.path() + "/usr/bin/wait";
  call.limit = std::chrono::milliseconds(50);
  const auto end = RunProgram(call);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), ErrorCode::kUnavailable);
}

TEST(Program, IsNotGivenMoreThanAPipeHolds) {
  const TemporaryRoot root;
  root.WriteProgram("cat", "exec cat");
  const Secret most = Secret::FromText(std::string(kMaxProgramInput, 'x'));
  EXPECT_EQ(root.host().Run("cat", {}, &most)->output.size(), kMaxProgramInput);
  const Secret more = Secret::FromText(std::string(kMaxProgramInput + 1, 'x'));
  EXPECT_EQ(root.host().Run("cat", {}, &more).error().code(), ErrorCode::kLimitExceeded);
}

TEST(Program, ThatEndsByASignalHasTheStatusOfAShell) {
  const TemporaryRoot root;
  root.WriteProgram("fall", "kill -TERM $$");
  const auto end = root.host().Run("fall", {});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, 128 + 15);
  EXPECT_EQ(end->Complaint(), "ended with status 143");
}

TEST(Program, ThatIsMissingIsNamed) {
  const TemporaryRoot root;
  const auto end = root.host().Run("nothing", {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(end.error().message().find("nothing"), std::string::npos);
}

}  // namespace
}  // namespace claviger::cli
