// A server of toy dispatchers on sockets of its own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/server/server.h"
#include "tests/unit/server/client.h"
#include "tests/unit/server/toy_dispatcher.h"

namespace claviger::server {

class ServerFixture : public testing::Test {
 protected:
  void StartServer(ServerSettings settings = {}) {
    if (settings.loops == 0) settings.loops = 1;
    std::vector<Listening> sockets;
    for (const auto& [path, face] :
         {std::pair{verify_path_, protocol::Face::kVerify}, std::pair{admin_path_, protocol::Face::kAdmin}}) {
      auto socket = Bind(path, face, 0600);
      ASSERT_TRUE(socket) << socket.error().message();
      sockets.push_back(std::move(*socket));
    }
    auto server = Server::Start(std::move(sockets), settings,
                                [this] { return std::make_unique<ToyDispatcher>(desk_, dispatchers_++); });
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }

  // Until `condition` holds; the test's own time limit ends a wait that is in vain.
  static void WaitFor(const std::function<bool()>& condition) {
    while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  ScratchDirectory directory_;
  const std::string verify_path_ = directory_ / "verify";
  const std::string admin_path_ = directory_ / "admin";
  ToyDesk desk_;
  std::size_t dispatchers_ = 0;
  std::unique_ptr<Server> server_;
};

}  // namespace claviger::server
