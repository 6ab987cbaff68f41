#include "daemon/store/store_thread.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "daemon/store/commit_group.h"
#include "daemon/store/connection.h"

namespace claviger::store {
namespace {

// Few enough that a read which comes in the middle does not wait long, enough that a sync costs each little.
constexpr std::size_t kMaxGroup = 128;
constexpr auto kReopenPause = std::chrono::milliseconds(500);
// How long after work the memory that it took may be kept.
constexpr auto kReleasePause = std::chrono::seconds(60);
// A rest takes so many times as long as the unhurried work before it.
constexpr int kRest = 3;

enum class ItemKind { kWork, kUnhurried, kApart, kOpen, kClose, kAsk };

struct Item {
  ItemKind kind = ItemKind::kWork;
  WorkItem work;  // kOpen: `work` is what runs when it is open; kClose, kAsk: only `done` is set
  Secret key;     // kOpen
};

Error Stopped() { return Error(ErrorCode::kUnavailable, "the daemon is ending: try again when it runs"); }

}  // namespace

class StoreThread::Impl {
 public:
  Impl(std::string path, Hooks hooks)
      : path_(std::move(path)), hooks_(std::move(hooks)), thread_([this] { Run(); }) {}
  ~Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status SubmitWork(Item item) EXCLUDES(mutex_);
  // Of works of this kind that are submitted.
  WaitCounter& CounterOf(WorkKind kind) { return kind == WorkKind::kRead ? reads_ : writes_; }
  void SubmitControl(Item item) EXCLUDES(mutex_);
  Status SubmitUnhurried(Item item) EXCLUDES(mutex_);
  // Before destruction.
  void FinishAndJoin() EXCLUDES(mutex_);
  bool is_open() const { return open_.load(std::memory_order_acquire); }

 private:
  void Run() EXCLUDES(mutex_);
  // One control item, or the works that form the next group. Empty: something is due, or (false) the end.
  bool Take(std::vector<Item>& items) EXCLUDES(mutex_);
  bool UnhurriedIsDue() const REQUIRES(mutex_);
  // When something is to be done though nothing is queued; absent: never.
  std::optional<SteadyTime> NextDue() const REQUIRES(mutex_);
  void RunOpen(Item& item);
  void RunClose(Item& item);
  void RunApart(Item& item);
  void RunWorks(std::vector<Item>& items);
  Status FinishOpening(Connection& connection, WorkItem& opened);
  void CloseConnection();
  void ReopenIfDue();
  void ReleaseIfDue();
  bool reopening() const { return connection_ == nullptr && !key_.empty(); }
  Error NotOpen() const;

  const std::string path_;
  const Hooks hooks_;
  std::atomic<bool> open_{false};
  WaitCounter reads_;
  WaitCounter writes_;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Item> queue_ GUARDED_BY(mutex_);
  std::size_t queued_works_ GUARDED_BY(mutex_) = 0;
  std::deque<Item> unhurried_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;

  // The store thread's own.
  std::unique_ptr<Connection> connection_;
  Secret key_;  // empty = closed
  SteadyTime reopen_at_{};
  std::optional<SteadyTime> release_at_;  // absent: no work since
  SteadyTime rested_at_{};                // until then no unhurried work
  std::string failure_;                   // why the database had to be reopened, or could not be

  std::thread thread_;  // last: it uses all of the above
};

void StoreThread::Impl::FinishAndJoin() {
  if (!thread_.joinable()) return;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyOne();
  thread_.join();
}

Status StoreThread::Impl::SubmitWork(Item item) {
  {
    const MutexLock lock(mutex_);
    if (stopping_) return Stopped();
    if (queued_works_ >= kMaxQueuedWork) {
      return Error(ErrorCode::kBusy, "too many requests wait for the database: try again later");
    }
    CounterOf(item.work.kind).Begin();
    queue_.push_back(std::move(item));
    ++queued_works_;
  }
  changed_.NotifyOne();
  return Ok();
}

void StoreThread::Impl::SubmitControl(Item item) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(item));
      changed_.NotifyOne();
      return;
    }
  }
  item.work.done(Stopped());
}

Status StoreThread::Impl::SubmitUnhurried(Item item) {
  {
    const MutexLock lock(mutex_);
    if (stopping_) return Stopped();
    unhurried_.push_back(std::move(item));
  }
  changed_.NotifyOne();
  return Ok();
}

void StoreThread::Impl::Run() {
  pthread_setname_np(pthread_self(), "claviger-store");
  std::vector<Item> items;
  while (Take(items)) {
    ReopenIfDue();
    ReleaseIfDue();
    if (items.empty()) continue;
    switch (items.front().kind) {
      case ItemKind::kOpen:
        RunOpen(items.front());
        break;
      case ItemKind::kClose:
        RunClose(items.front());
        break;
      case ItemKind::kApart:
        RunApart(items.front());
        break;
      case ItemKind::kAsk:
        items.front().work.done(Ok());
        break;
      case ItemKind::kWork:
        RunWorks(items);
        break;
      case ItemKind::kUnhurried: {
        const SteadyTime begun = SteadyNow();
        RunWorks(items);
        rested_at_ = SteadyNow() + kRest * (SteadyNow() - begun);
        break;
      }
    }
  }
  CloseConnection();
}

bool StoreThread::Impl::Take(std::vector<Item>& items) {
  items.clear();
  const MutexLock lock(mutex_);
  while (queue_.empty() && !UnhurriedIsDue()) {
    if (stopping_) return false;
    const std::optional<SteadyTime> due = NextDue();
    if (!due) {
      changed_.Wait(mutex_);
    } else if (!changed_.WaitUntil(mutex_, *due) && !UnhurriedIsDue()) {
      return true;
    }
  }
  if (UnhurriedIsDue()) {
    items.push_back(std::move(unhurried_.front()));
    unhurried_.pop_front();
    return true;
  }
  do {
    if (queue_.front().kind == ItemKind::kWork) --queued_works_;
    items.push_back(std::move(queue_.front()));
    queue_.pop_front();
  } while (items.back().kind == ItemKind::kWork && items.size() < kMaxGroup && !queue_.empty() &&
           queue_.front().kind == ItemKind::kWork);
  return true;
}

bool StoreThread::Impl::UnhurriedIsDue() const {
  return !unhurried_.empty() && (stopping_ || SteadyNow() >= rested_at_);
}

std::optional<SteadyTime> StoreThread::Impl::NextDue() const {
  std::optional<SteadyTime> due = reopening() ? reopen_at_ : release_at_;
  if (!unhurried_.empty()) due = std::min(due.value_or(rested_at_), rested_at_);
  return due;
}

void StoreThread::Impl::RunOpen(Item& item) {
  if (connection_ != nullptr) return item.work.done(Ok());
  Result<std::unique_ptr<Connection>> connection = Connection::Open(path_, item.key);
  if (!connection) return item.work.done(connection.error());
  if (Status s = FinishOpening(**connection, item.work); !s) return item.work.done(s);
  connection_ = std::move(*connection);
  key_ = std::move(item.key);
  open_.store(true, std::memory_order_release);
  item.work.done(Ok());
}

Status StoreThread::Impl::FinishOpening(Connection& connection, WorkItem& opened) {
  if (!opened.work) return Ok();
  Status outcome = Ok();
  WorkItem item{WorkKind::kWrite, std::move(opened.work),
                [&outcome](const Status& status) { outcome = status; }};
  CommitGroup group(connection, hooks_);
  group.Run(std::span(&item, 1));
  group.Answer();
  return outcome;
}

void StoreThread::Impl::RunClose(Item& item) {
  CloseConnection();
  key_ = Secret();
  failure_.clear();
  item.work.done(Ok());
}

void StoreThread::Impl::RunApart(Item& item) {
  if (connection_ == nullptr) return item.work.done(NotOpen());
  if (!release_at_) release_at_ = SteadyNow() + kReleasePause;
  item.work.done(item.work.work(connection_->tables()));
}

void StoreThread::Impl::CloseConnection() {
  if (connection_ == nullptr) return;
  open_.store(false, std::memory_order_release);
  if (hooks_.rolled_back) hooks_.rolled_back();
  connection_.reset();
}

void StoreThread::Impl::RunWorks(std::vector<Item>& items) {
  std::vector<WorkItem> works;
  works.reserve(items.size());
  for (Item& item : items) works.push_back(std::move(item.work));
  std::stable_partition(works.begin(), works.end(),
                        [](const WorkItem& work) { return work.kind == WorkKind::kRead; });
  std::span<WorkItem> rest(works);
  if (!release_at_) release_at_ = SteadyNow() + kReleasePause;
  while (!rest.empty()) {
    if (connection_ == nullptr) {
      rest.front().done(NotOpen());
      rest = rest.subspan(1);
      continue;
    }
    CommitGroup group(*connection_, hooks_);
    rest = rest.subspan(group.Run(rest));
    if (!group.connection_lost()) {
      group.Answer();
      continue;
    }
    open_.store(false, std::memory_order_release);
    group.Answer();
    connection_.reset();
    failure_ = "the storage failed";
    reopen_at_ = SteadyNow();
    ReopenIfDue();
  }
}

void StoreThread::Impl::ReopenIfDue() {
  if (!reopening() || SteadyNow() < reopen_at_) return;
  Result<std::unique_ptr<Connection>> connection = Connection::Open(path_, key_);
  if (!connection) {
    failure_ = connection.error().message();
    reopen_at_ = SteadyNow() + kReopenPause;
    return;
  }
  connection_ = std::move(*connection);
  failure_.clear();
  open_.store(true, std::memory_order_release);
}

void StoreThread::Impl::ReleaseIfDue() {
  if (!release_at_ || SteadyNow() < *release_at_) return;
  release_at_.reset();
  if (connection_ != nullptr) connection_->database().ReleaseMemory();
}

Error StoreThread::Impl::NotOpen() const {
  if (key_.empty()) return Error(ErrorCode::kUnavailable, "the database is closed: unlock the token first");
  return Error(ErrorCode::kUnavailable, "the database is being opened anew after a failure: " + failure_);
}

StoreThread::StoreThread(std::string path, Hooks hooks)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(hooks))) {}

// The thread ends while the object is whole: what it still runs may call Submit.
StoreThread::~StoreThread() { impl_->FinishAndJoin(); }

void StoreThread::Stop() { impl_->FinishAndJoin(); }

void StoreThread::Open(Secret key, std::function<Status(Tables&)> opened, Done done) {
  impl_->SubmitControl(
      {ItemKind::kOpen, {WorkKind::kWrite, std::move(opened), std::move(done)}, std::move(key)});
}

void StoreThread::Close(Done done) {
  impl_->SubmitControl({ItemKind::kClose, {WorkKind::kWrite, {}, std::move(done)}, Secret()});
}

void StoreThread::SubmitApart(Work work, Done done) {
  impl_->SubmitControl({ItemKind::kApart, {WorkKind::kRead, std::move(work), std::move(done)}, Secret()});
}

void StoreThread::Ask(std::function<void()> answer) {
  impl_->SubmitControl({ItemKind::kAsk,
                        {WorkKind::kRead, {}, [answer = std::move(answer)](const Status&) { answer(); }},
                        Secret()});
}

bool StoreThread::is_open() const { return impl_->is_open(); }

Status StoreThread::Submit(WorkKind kind, Work work, Done done) {
  auto counted = [&counter = impl_->CounterOf(kind), asked = SteadyNow(),
                  done = std::move(done)](const Status& status) {
    counter.End(SteadyNow() - asked);
    done(status);
  };
  return impl_->SubmitWork({ItemKind::kWork, {kind, std::move(work), std::move(counted)}, Secret()});
}

Status StoreThread::SubmitUnhurried(WorkKind kind, Work work, Done done) {
  return impl_->SubmitUnhurried({ItemKind::kUnhurried, {kind, std::move(work), std::move(done)}, Secret()});
}

const WaitCounter& StoreThread::reads() const { return impl_->CounterOf(WorkKind::kRead); }
const WaitCounter& StoreThread::writes() const { return impl_->CounterOf(WorkKind::kWrite); }

}  // namespace claviger::store
