#include "tests/bench/load_run.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kMaxReplyBytes = 1024 * 1024;
constexpr int kEventsPerWait = 256, kWaitMs = 100;

UniqueFd Connect(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) End("the socket's path is too long: " + path);
  path.copy(address.sun_path, path.size());
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    EndWithErrno("cannot connect to " + path);
  return fd;
}

double ProcessorSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string Shown(std::string_view reply) {
  std::string text;
  for (const char c : reply.substr(0, 240)) text.push_back(c >= ' ' && c <= '~' ? c : '.');
  return text;
}

}  // namespace

struct LoadRun::Connection {
  UniqueFd fd;
  std::size_t first = 0;     // request of the batch that is under way
  std::size_t upcoming = 0;  // the same of the batch after it, if that begins at a random place
  std::size_t count = 0;     // its requests; 0: none is under way
  std::size_t answered = 0;  // of them
  Clock::time_point started;
  std::string rest;  // of a reply that has come in part
};

LoadRun::LoadRun(const std::string& socket, std::size_t connections, bool blocking,
                 const RequestSet& requests, const Framing& framing, std::FILE* save)
    : requests_(requests),
      framing_(framing),
      save_(save),
      blocking_(blocking),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kMaxReplyBytes + kReadBytes, '\0') {
  if (!epoll_) EndWithErrno("cannot make an epoll");
  for (std::size_t i = 0; i < connections; ++i) {
    auto connection = std::make_unique<Connection>();
    connection->fd = Connect(socket);
    if (!blocking) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = connection.get();
      if (::fcntl(connection->fd.get(), F_SETFL, O_NONBLOCK) != 0 ||
          ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection->fd.get(), &event) != 0)
        EndWithErrno("cannot wait for a connection");
    }
    connections_.push_back(std::move(connection));
  }
}

LoadRun::~LoadRun() = default;

LoadResult LoadRun::Once(std::size_t depth) {
  once_ = true;
  next_ = 0;
  depth_ = depth;
  return Go();
}

LoadResult LoadRun::For(double seconds, std::size_t depth, std::uint64_t seed) {
  once_ = false;
  depth_ = depth;
  random_ = seed | 1;
  for (const auto& connection : connections_) connection->upcoming = RandomPlace();
  stop_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  return Go();
}

LoadResult LoadRun::Go() {
  result_ = {};
  result_.batches_ns.reserve(std::size_t{1} << 20);
  const double processor = ProcessorSeconds();
  const Clock::time_point began = now_ = Clock::now();
  busy_ = 0;
  for (const auto& connection : connections_) busy_ += SendNext(*connection);
  while (busy_ > 0) {
    if (blocking_) {
      Receive(*connections_.front());
      continue;
    }
    std::array<epoll_event, kEventsPerWait> events;
    const int ready = ::epoll_wait(epoll_.get(), events.data(), kEventsPerWait, kWaitMs);
    if (ready < 0 && errno != EINTR) EndWithErrno("cannot wait for replies");
    for (int i = 0; i < ready; ++i)
      Receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
  }
  result_.seconds = std::chrono::duration<double>(now_ - began).count();
  result_.processor_seconds = ProcessorSeconds() - processor;
  return std::move(result_);
}

// False if nothing is left to be asked.
bool LoadRun::NextBatch(Connection& connection) {
  connection.count = depth_;
  if (!once_) {
    if (now_ >= stop_) return false;
    connection.first = std::exchange(connection.upcoming, RandomPlace());
    return true;
  }
  connection.first = next_;
  connection.count = std::min(depth_, requests_.size() - next_);
  next_ += connection.count;
  return connection.count > 0;
}

std::size_t LoadRun::RandomPlace() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return static_cast<std::size_t>(random_ % requests_.size());
}

bool LoadRun::SendNext(Connection& connection) {
  if (!NextBatch(connection)) return false;
  connection.answered = 0;
  connection.started = now_;
  const std::string_view batch = requests_.Slice(connection.first, connection.count);
  const ssize_t sent = ::send(connection.fd.get(), batch.data(), batch.size(), MSG_NOSIGNAL);
  // All that was sent before is answered, so the socket is empty: a batch that does not fit never will.
  if (sent != static_cast<ssize_t>(batch.size())) {
    if (sent < 0) EndWithErrno("cannot send");
    End("a batch is larger than the socket takes at once; give a smaller depth");
  }
  // While the server is at work: of very many requests the next is in no cache, which is nothing of the
  // server's.
  if (!once_) requests_.Prefetch(connection.upcoming, depth_);
  return true;
}

void LoadRun::Receive(Connection& connection) {
  const std::size_t before = connection.rest.size();
  if (before > kMaxReplyBytes) End("a reply has more than a megabyte");
  connection.rest.copy(buffer_.data(), before);
  const ssize_t got = ::read(connection.fd.get(), buffer_.data() + before, kReadBytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) EndWithErrno("cannot read a reply");
  if (got == 0) End("the server closed a connection before it had answered");
  const std::string_view received(buffer_.data(), before + static_cast<std::size_t>(got));
  const std::size_t taken = TakeReplies(connection, received);
  connection.rest.assign(received.substr(taken));
  if (connection.answered < connection.count) return;
  if (!connection.rest.empty()) End("the server sent more replies than there were requests");
  FinishBatch(connection);
}

// Bytes of whole replies, each of which was right.
std::size_t LoadRun::TakeReplies(Connection& connection, std::string_view received) {
  std::size_t taken = 0;
  while (connection.answered < connection.count) {
    const std::string_view left = received.substr(taken);
    const std::size_t size = left.empty() ? 0 : framing_.ReplySize(left);
    if (size == 0) break;
    const std::size_t request = connection.first + connection.answered;
    if (!requests_.IsRight(request, left.substr(0, size))) {
      End("a wrong answer: expected " + Shown(requests_.Expected(request)) + " but got " +
          Shown(left.substr(0, size)));
    }
    if (save_ != nullptr && std::fwrite(left.data(), 1, size, save_) != size)
      EndWithErrno("cannot save a reply");
    taken += size;
    ++connection.answered;
  }
  return taken;
}

void LoadRun::FinishBatch(Connection& connection) {
  now_ = Clock::now();
  const auto took = std::chrono::nanoseconds(now_ - connection.started).count();
  result_.batches_ns.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took, UINT32_MAX)));
  result_.replies += connection.count;
  if (!SendNext(connection)) --busy_;
}

}  // namespace claviger::bench
