// Many connections verify in a loop while keys are revoked, and look for a verification that began after a
// revocation was acknowledged and was valid all the same.
//
//   revocation_race VERIFY_SOCKET ADMIN_SOCKET CONNECTIONS VERIFICATIONS
//
// Prints one line of counts; exits 0 only if every verdict was `valid` or `revoked`, both were seen, and none
// was late.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr int kKeys = 3000;
constexpr int kWindow = 24;  // verifications go to keys at most this far from the one that is being revoked
constexpr int kCreateDepth = 50;
constexpr std::size_t kKeyIdAt = 4, kKeyIdLength = 17;

struct Key {
  std::string text;
  std::atomic<bool> acknowledged{false};
};

struct Counts {
  std::atomic<std::int64_t> valid{0}, revoked{0}, late{0}, unavailable{0}, other{0};
  std::int64_t sum() const { return valid + revoked + late + unavailable + other; }
};

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(2);
}

class Connection {
 public:
  explicit Connection(const char* path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Die(path);
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Send(const std::string& frame) {
    for (std::size_t done = 0; done < frame.size();) {
      const ssize_t n = ::send(fd_, frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
      if (n <= 0) Die("send");
      done += static_cast<std::size_t>(n);
    }
  }
  std::string Receive() {
    while (true) {
      if (const auto end = received_.find('\0'); end != std::string::npos) {
        std::string frame = received_.substr(0, end);
        received_.erase(0, end + 1);
        return frame;
      }
      char buffer[16384];
      const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) Die("recv");
      received_.append(buffer, static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;
  std::string received_;
};

std::string Frame(std::string_view method, const std::string& parameters) {
  return "{\"method\":\"" + std::string(method) + "\",\"parameters\":" + parameters + "}" + '\0';
}

void CreateKeys(Connection& admin, std::deque<Key>& keys) {
  const std::string create = Frame("io.claviger.Admin.CreateKey",
                                   R"({"name":"race","scopes":["read:policies:admin"],"lifetime":86400})");
  for (int made = 0; made < kKeys; made += kCreateDepth) {
    for (int i = 0; i < kCreateDepth; ++i) admin.Send(create);
    for (int i = 0; i < kCreateDepth; ++i) {
      const std::string reply = admin.Receive();
      const auto at = reply.find("\"key\":\"");
      if (at == std::string::npos) {
        std::fprintf(stderr, "create: %s\n", reply.c_str());
        std::exit(2);
      }
      keys.emplace_back().text = reply.substr(at + 7, reply.find('"', at + 7) - at - 7);
    }
  }
}

void VerifyInALoop(const char* socket, std::deque<Key>& keys, const std::atomic<int>& cursor,
                   const std::atomic<bool>& stop, unsigned seed, Counts& counts) {
  Connection connection(socket);
  std::minstd_rand random(seed);
  while (!stop.load()) {
    const int offset = static_cast<int>(random() % (2 * kWindow)) - kWindow;
    Key& key = keys[static_cast<std::size_t>(std::clamp(cursor.load() + offset, 0, kKeys - 1))];
    const bool acknowledged_before = key.acknowledged.load();
    connection.Send(Frame("io.claviger.Verify.Verify", "{\"key\":\"" + key.text + "\"}"));
    const std::string reply = connection.Receive();
    if (reply.find("\"valid\":true") != std::string::npos) {
      ++(acknowledged_before ? counts.late : counts.valid);
    } else if (reply.find("\"code\":\"revoked\"") != std::string::npos) {
      ++counts.revoked;
    } else if (reply.find("\"code\":\"unavailable\"") != std::string::npos) {
      ++counts.unavailable;
    } else {
      if (++counts.other == 1) std::fprintf(stderr, "unexpected: %s\n", reply.c_str());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const int connections = std::atoi(argv[3]);
  const std::int64_t wanted = std::atoll(argv[4]);
  std::deque<Key> keys;
  Connection admin(argv[2]);
  CreateKeys(admin, keys);

  Counts counts;
  std::atomic<int> cursor{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i) {
    threads.emplace_back(VerifyInALoop, argv[1], std::ref(keys), std::cref(cursor), std::cref(stop),
                         static_cast<unsigned>(i + 1), std::ref(counts));
  }
  // One revocation for each share of the verifications, so that both go on to the end.
  for (int i = 0; i < kKeys; ++i) {
    while (counts.sum() < wanted * i / kKeys) std::this_thread::sleep_for(std::chrono::microseconds(200));
    Key& key = keys[static_cast<std::size_t>(i)];
    admin.Send(Frame("io.claviger.Admin.RevokeKey",
                     "{\"key_id\":\"" + key.text.substr(kKeyIdAt, kKeyIdLength) + "\"}"));
    if (admin.Receive().find("\"error\"") != std::string::npos) Die("revoke");
    key.acknowledged.store(true);
    cursor.store(i);
  }
  while (counts.sum() < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  stop.store(true);
  for (auto& thread : threads) thread.join();
  const auto print = [](const char* name, std::int64_t count) {
    std::printf("%s=%lld ", name, static_cast<long long>(count));
  };
  print("verifications", counts.sum());
  print("valid", counts.valid);
  print("revoked", counts.revoked);
  print("late", counts.late);
  print("unavailable", counts.unavailable);
  print("other", counts.other);
  std::puts("");
  return counts.late == 0 && counts.other == 0 && counts.valid > 0 && counts.revoked > 0 ? 0 : 1;
}
