// A server for one connection that sends prepared bytes when a whole request has come.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace claviger::client {

// Listens at `path`, which fits sockaddr_un.
inline UniqueFd ListenAt(const std::string& path, int backlog = 4) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd.get(), backlog), 0);
  return fd;
}

class ScriptedServer {
 public:
  // `answers`: the bytes sent for each request in turn; after the last the connection is closed.
  ScriptedServer(const std::string& path, std::vector<std::string> answers)
      : listener_(ListenAt(path)), thread_([this, answers = std::move(answers)] { Serve(answers); }) {}
  ~ScriptedServer() { Finish(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // The requests that came, without their NULs. Ends the server.
  const std::vector<std::string>& Requests() {
    Finish();
    return requests_;
  }

 private:
  void Finish() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }

  void Serve(const std::vector<std::string>& answers) {
    const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    for (const std::string& answer : answers) {
      std::string request;
      for (char c = 0; ::recv(connection.get(), &c, 1, 0) == 1 && c != '\0';) request += c;
      requests_.push_back(request);
      ::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  UniqueFd listener_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// A folder of its own for each test.
class SocketFolder {
 public:
  SocketFolder() {
    std::string pattern = "/tmp/claviger-client-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~SocketFolder() {
    ::unlink(socket().c_str());
    ::rmdir(path_.c_str());
  }
  SocketFolder(const SocketFolder&) = delete;
  SocketFolder& operator=(const SocketFolder&) = delete;

  std::string path() const { return path_; }
  std::string socket() const { return path_ + "/socket"; }

 private:
  std::string path_;
};

// `text` with the NUL that ends a frame.
inline std::string Frame(std::string text) { return text + std::string(1, '\0'); }

}  // namespace claviger::client
