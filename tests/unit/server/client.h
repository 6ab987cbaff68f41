// A blocking client and a place for sockets, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace claviger::server {

// A private directory that goes with it.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ~ScratchDirectory();
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

// Waits at most a minute for anything, which only a defect makes it wait for.
class Client {
 public:
  // Not connected yet.
  Client();
  explicit Client(const std::string& path);

  bool Connect(const std::string& path);
  int fd() const { return fd_.get(); }

  // All of `bytes`; false if the server has closed.
  bool Send(std::string_view bytes);
  // Each with a NUL behind it.
  bool SendFrames(const std::vector<std::string>& frames);
  // As much as goes without waiting.
  std::size_t SendWithoutWaiting(std::string_view bytes);
  void EndSending();

  // The next frame without its NUL, or "<end>" if the server closed first.
  std::string Receive();
  std::vector<std::string> Receive(std::size_t frames);
  // One call, one reply.
  std::string Ask(std::string_view frame);
  // Reads all that still comes. True if the server closed.
  bool ReadToEnd();

 private:
  bool Fill();

  UniqueFd fd_;
  std::string received_;
};

}  // namespace claviger::server
