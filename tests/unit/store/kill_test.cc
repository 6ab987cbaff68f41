#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "daemon/store/store_thread.h"
#include "tests/unit/store/sample.h"

namespace claviger::store {
namespace {

// In the child: writes keys `first`, `first` + 1, ... with a request row each, several in flight, and tells
// `acks` the number of each one that was acknowledged. Ends only by being killed.
[[noreturn]] void WriteForever(const std::string& path, std::uint32_t first, int acks) {
  StoreThread thread(path, {});
  if (!OpenAndWait(thread)) _exit(1);
  for (std::uint32_t number = first;; ++number) {
    Waiter waiter;
    const bool wait = number % 16 == 0;
    const Status submitted = thread.Submit(
        WorkKind::kWrite,
        [number](Tables& tables) -> Status {
          if (Status s = tables.keys.Insert(SampleRecord(number)); !s) return s;
          return tables.meta.RememberRequest("alice", std::to_string(number), SampleId(number), 1700000000);
        },
        [acks, number, wait, done = waiter.done()](const Status& status) {
          if (!status || write(acks, &number, sizeof(number)) != sizeof(number)) _exit(2);
          if (wait) done(status);
        });
    if (!submitted) _exit(3);
    if (wait && !waiter.Get()) _exit(4);
  }
}

// Kills the child after it has acknowledged `count` more keys; the number of the last acknowledged one.
std::uint32_t KillAfter(const std::string& path, std::uint32_t first, std::uint32_t count, useconds_t pause) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) WriteForever(path, first, ends[1]);
  close(ends[1]);
  std::uint32_t last = 0;
  std::uint32_t seen = 0;
  std::uint32_t number = 0;
  while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
    last = number;
    if (++seen == count) {
      usleep(pause);
      kill(child, SIGKILL);
    }
  }
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "exit " << WEXITSTATUS(status);
  return last;
}

TEST(KillTest, EveryAcknowledgedRowSurvivesAKilledProcessAndNoneIsThereByHalf) {
  const TempFolder folder;
  const std::string path = folder.File("db");
  std::mt19937 random(20240501);
  std::uniform_int_distribution<std::uint32_t> count(1, 60);
  std::uniform_int_distribution<useconds_t> pause(0, 1000);  // microseconds
  std::uint32_t stored = 0;                                  // keys 1 to `stored` are there
  for (int round = 0; round < 30; ++round) {
    const std::uint32_t last = KillAfter(path, stored + 1, count(random), pause(random));
    ASSERT_GT(last, stored);
    const std::unique_ptr<Database> database = OpenSample(path);
    ASSERT_NE(database, nullptr);
    const std::int64_t keys = QueryInt(*database, "SELECT count(*) FROM key");
    // They are committed in order, so that what is there must be all of them up to some number.
    ASSERT_GE(keys, last);
    EXPECT_EQ(QueryInt(*database, "SELECT count(*) FROM request"), keys);
    EXPECT_EQ(QueryInt(*database, "SELECT count(*) FROM key_generation"), keys);
    EXPECT_EQ(QueryInt(*database, "SELECT count(*) FROM key NATURAL JOIN (SELECT key_id FROM request)"),
              keys);
    stored = static_cast<std::uint32_t>(keys);
    Result<std::unique_ptr<KeyRepository>> repository = KeyRepository::Create(*database);
    ASSERT_TRUE(repository);
    EXPECT_EQ((*repository)->Find(SampleId(last)).value(), SampleRecord(last));
    EXPECT_EQ((*repository)->Find(SampleId(stored)).value(), SampleRecord(stored));
  }
}

}  // namespace
}  // namespace claviger::store
