#include "daemon/journal.h"

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <pthread.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/text.h"

namespace claviger {
namespace {

using api::Event;
using api::EventKind;

// syslog(3)
std::string_view PriorityOf(api::Severity severity) {
  switch (severity) {
    case api::Severity::kInfo:
      return "6";
    case api::Severity::kWarning:
      return "4";
    case api::Severity::kError:
      return "3";
  }
  return "6";
}

std::string Field(std::string_view name, std::string_view value) {
  std::string field(name);
  field += '=';
  field += EscapeForDisplay(value.substr(0, Journal::kMaxValueBytes));
  return field;
}

// How many entries of one kind the present window has seen.
struct Window {
  SteadyTime ends{};
  int entries = 0;
};

Event LeftOut(int count, std::string_view what, std::string_view why) {
  std::string text = std::to_string(count) + " entries";
  if (!what.empty()) text += " of the kind " + std::string(what);
  return Event(api::kEventLeftOut, text + " were left out: " + std::string(why))
      .With("COUNT", std::to_string(count))
      .With("KIND", std::string(what));
}

}  // namespace

class Journal::Impl {
 public:
  Impl(Writer writer, Filter wanted) : writer_(std::move(writer)), wanted_(std::move(wanted)) {}

  void Post(Event event) EXCLUDES(mutex_);
  void Run() EXCLUDES(mutex_);
  // Waits until all has been written, or kDrain is over.
  void Finish() EXCLUDES(mutex_);

 private:
  // The next entry, once there is one. False at the end.
  bool Take(std::optional<Event>& event) EXCLUDES(mutex_);
  // What was left out in windows that are over by `now`, and by the queue.
  std::vector<Event> TakeLeftOut(SteadyTime now) REQUIRES(mutex_);
  std::optional<SteadyTime> NextWindowEnd() const REQUIRES(mutex_);

  const Writer writer_;
  const Filter wanted_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Event> queue_ GUARDED_BY(mutex_);
  std::map<const EventKind*, Window> windows_ GUARDED_BY(mutex_);
  int overflowed_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;
};

void Journal::Impl::Post(Event event) {
  if (!wanted_(event.severity)) return;
  const SteadyTime now = SteadyNow();
  {
    const MutexLock lock(mutex_);
    for (Event& told : TakeLeftOut(now)) queue_.push_back(std::move(told));
    Window& window = windows_[event.kind];
    if (now >= window.ends) window = Window{now + api::kEventWindow, 0};
    if (++window.entries > event.kind->burst) return;
    if (queue_.size() >= kMaxQueued) {
      ++overflowed_;
      return;
    }
    queue_.push_back(std::move(event));
  }
  changed_.NotifyAll();
}

std::vector<Event> Journal::Impl::TakeLeftOut(SteadyTime now) {
  std::vector<Event> told;
  for (auto entry = windows_.begin(); entry != windows_.end();) {
    const auto& [kind, window] = *entry;
    if (now < window.ends) {
      ++entry;
      continue;
    }
    if (window.entries > kind->burst)
      told.push_back(LeftOut(window.entries - kind->burst, kind->name, "too many at once"));
    entry = windows_.erase(entry);
  }
  if (overflowed_ > 0 && queue_.size() < kMaxQueued / 2) {
    told.push_back(LeftOut(std::exchange(overflowed_, 0), "", "the journal did not take them in time"));
  }
  return told;
}

std::optional<SteadyTime> Journal::Impl::NextWindowEnd() const {
  std::optional<SteadyTime> next;
  for (const auto& [kind, window] : windows_) {
    if (window.entries > kind->burst && (!next || window.ends < *next)) next = window.ends;
  }
  return next;
}

bool Journal::Impl::Take(std::optional<Event>& event) {
  event.reset();
  const MutexLock lock(mutex_);
  while (queue_.empty()) {
    // At the end, windows need not be waited for.
    for (Event& told : TakeLeftOut(stopping_ ? SteadyTime::max() : SteadyNow()))
      queue_.push_back(std::move(told));
    if (!queue_.empty()) break;
    if (stopping_) {
      ended_ = true;
      changed_.NotifyAll();
      return false;
    }
    if (const auto next = NextWindowEnd()) {
      changed_.WaitUntil(mutex_, *next);
    } else {
      changed_.Wait(mutex_);
    }
  }
  event = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

void Journal::Impl::Run() {
  ::pthread_setname_np(::pthread_self(), "journal");
  std::optional<Event> event;
  while (Take(event)) {
    writer_(JournalFields(*event));
  }
}

void Journal::Impl::Finish() {
  const SteadyTime deadline = SteadyNow() + kDrain;
  const MutexLock lock(mutex_);
  stopping_ = true;
  changed_.NotifyAll();
  while (!ended_ && changed_.WaitUntil(mutex_, deadline)) {
  }
}

Journal::Journal(Writer writer, Filter wanted)
    : impl_(std::make_shared<Impl>(std::move(writer), std::move(wanted))) {
  // Never joined: it may be stuck in the writer when the daemon ends.
  std::thread([impl = impl_] { impl->Run(); }).detach();
}

Journal::~Journal() { impl_->Finish(); }

void Journal::Post(Event event) { impl_->Post(std::move(event)); }

std::vector<std::string> JournalFields(const Event& event) {
  std::vector<std::string> fields = {
      Field("MESSAGE", event.message), Field("PRIORITY", PriorityOf(event.severity)),
      "SYSLOG_IDENTIFIER=clavigerd", Field("MESSAGE_ID", event.kind->message_id),
      Field("CLAVIGER_EVENT", event.kind->name)};
  for (const api::EventField& field : event.fields) fields.push_back(Field(field.name, field.value));
  return fields;
}

void WriteToJournal(const std::vector<std::string>& fields) {
  std::vector<iovec> parts;
  parts.reserve(fields.size());
  // iovec is not const, but nothing is written through it.
  for (const std::string& field : fields) parts.push_back({const_cast<char*>(field.data()), field.size()});
  (void)::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

}  // namespace claviger
