#include "daemon/notice_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace claviger {
namespace {

using testing::HasSubstr;

class NoticeProcessTest : public testing::Test {
 protected:
  NoticeProcessTest() {
    std::string pattern = testing::TempDir() + "process-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~NoticeProcessTest() override { std::filesystem::remove_all(folder_); }

  // A shell script, whose $1 is the test's folder.
  NoticeProcess StartScript(const std::string& script, std::string_view input = "") {
    auto process = NoticeProcess::Start({"/bin/sh", "-c", script, "sh", folder_}, input);
    EXPECT_TRUE(process) << process.error().message();
    return std::move(*process);
  }
  // Until it has ended.
  static void Await(NoticeProcess& process) {
    while (true) {
      std::array<pollfd, 2> waits = {pollfd{process.pidfd(), POLLIN, 0}, pollfd{process.output(), POLLIN, 0}};
      ASSERT_GT(poll(waits.data(), waits.size(), 30'000), 0) << "it does not end";
      if (process.output() >= 0 && waits[1].revents != 0) process.ReadOutput();
      if (waits[0].revents == 0) continue;
      EXPECT_TRUE(process.Reap());
      return;
    }
  }
  std::string FileText(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void AwaitFile(const std::string& name) const {
    while (FileText(name).empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::string folder_;
};

TEST_F(NoticeProcessTest, ReadsItsWholeInput) {
  const std::string input(300'000, 'x');
  NoticeProcess process = StartScript("cat > $1/got", input);
  Await(process);
  EXPECT_TRUE(process.succeeded());
  EXPECT_EQ(FileText("got"), input);
}

TEST_F(NoticeProcessTest, NeedNotReadItsInput) {
  NoticeProcess process = StartScript("exit 0", std::string(300'000, 'x'));
  Await(process);
  EXPECT_TRUE(process.succeeded());
}

TEST_F(NoticeProcessTest, GetsItsArgumentsAsTheyAreWithoutAShell) {
  auto process = NoticeProcess::Start(
      {"/bin/sh", "-c", "printf '%s|' \"$@\" > $0/got", folder_, "a b", "", "$HOME", "*"}, "");
  ASSERT_TRUE(process);
  Await(*process);
  EXPECT_EQ(FileText("got"), "a b||$HOME|*|");
}

TEST_F(NoticeProcessTest, HasAnEnvironmentOfPathAndLangAloneAndStartsInTheRoot) {
  ASSERT_EQ(setenv("CLAVIGER_TEST_VARIABLE", "x", 1), 0);
  NoticeProcess process = StartScript("tr '\\0' '\\n' < /proc/$$/environ > $1/got; pwd >> $1/got");
  Await(process);
  EXPECT_EQ(FileText("got"),
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nLANG=C.UTF-8\n/\n");
}

TEST_F(NoticeProcessTest, InheritsNoDescriptor) {
  UniqueFd open(::fcntl(STDERR_FILENO, F_DUPFD, 100));  // not close-on-exec
  ASSERT_GE(open.get(), 100);
  NoticeProcess process = StartScript("exec ls /proc/self/fd > $1/got");
  Await(process);
  EXPECT_EQ(FileText("got"), "0\n1\n2\n3\n");  // the last is the folder that ls reads
}

TEST_F(NoticeProcessTest, HasNoSignalBlockedOrIgnored) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &all, &before), 0);
  const auto pipe_before = std::signal(SIGPIPE, SIG_IGN);
  NoticeProcess process = StartScript("grep -E 'SigBlk|SigIgn' /proc/self/status > $1/got");
  std::signal(SIGPIPE, pipe_before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  Await(process);
  std::istringstream lines(FileText("got"));
  std::string name;
  for (std::uint64_t signals = 0; lines >> name >> std::hex >> signals;) {
    constexpr std::uint64_t kOfTheLibrary = std::uint64_t{3} << 31;  // 32 and 33, which no program uses
    EXPECT_EQ(signals & ~kOfTheLibrary, 0u) << name;
  }
  EXPECT_EQ(name, "SigIgn:");
}

TEST_F(NoticeProcessTest, TellsWithWhichStatusItFailedAndItsFirstLine) {
  NoticeProcess process = StartScript("echo 'no such host' >&2; echo more >&2; exit 3");
  Await(process);
  EXPECT_FALSE(process.succeeded());
  EXPECT_EQ(process.Ending(), "exited with status 3 and said: no such host");
}

TEST_F(NoticeProcessTest, IsHeardNoLongerThanItsLimit) {
  NoticeProcess process = StartScript("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1");
  Await(process);
  EXPECT_EQ(process.Ending(),
            "exited with status 1 and said: " + std::string(NoticeProcess::kMaxOutput, 'x'));
}

TEST_F(NoticeProcessTest, IsEndedWithItsWholeGroup) {
  NoticeProcess process = StartScript("sleep 1000 & echo $! > $1/child; wait");
  AwaitFile("child");
  process.Terminate();
  Await(process);
  EXPECT_FALSE(process.succeeded());
  EXPECT_EQ(process.Ending(), "was killed by signal 15");
  const pid_t child = std::stoi(FileText("child"));
  for (int i = 0; i < 1000 && kill(child, 0) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::ifstream status("/proc/" + std::to_string(child) + "/stat");
  std::stringstream text;
  text << status.rdbuf();
  EXPECT_TRUE(text.str().empty() || text.str().find(") Z ") != std::string::npos) << text.str();
}

TEST_F(NoticeProcessTest, IsKilledWhenItIgnoresTheRequestToEnd) {
  NoticeProcess process = StartScript("trap '' TERM; echo ready > $1/ready; while :; do sleep 0.1; done");
  AwaitFile("ready");
  process.Terminate();
  EXPECT_FALSE(process.Reap());
  process.Kill();
  Await(process);
  EXPECT_EQ(process.Ending(), "was killed by signal 9");
}

TEST_F(NoticeProcessTest, IsKilledWhenNobodyWaitsForIt) {
  {
    NoticeProcess process = StartScript("echo $$ > $1/pid; exec sleep 1000");
    AwaitFile("pid");
  }
  EXPECT_NE(kill(std::stoi(FileText("pid")), 0), 0);
}

TEST_F(NoticeProcessTest, IsRefusedIfItCannotBeExecuted) {
  const auto missing = NoticeProcess::Start({folder_ + "/missing"}, "");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kConfiguration);
  EXPECT_EQ(missing.error().message(), "cannot be executed: No such file or directory");
  std::ofstream(folder_ + "/text") << "no program";
  const auto no_program = NoticeProcess::Start({folder_ + "/text"}, "");
  ASSERT_FALSE(no_program);
  EXPECT_THAT(no_program.error().message(), HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace claviger
