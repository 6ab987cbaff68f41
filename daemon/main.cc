// clavigerd: reads its settings, takes its sockets, starts token, store and loops, and serves until it is
// told to stop.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "daemon/api/authority.h"
#include "daemon/api/loop_dispatcher.h"
#include "daemon/command_line.h"
#include "daemon/config.h"
#include "daemon/live_settings_loader.h"
#include "daemon/log.h"
#include "daemon/notifier.h"
#include "daemon/reload.h"
#include "daemon/server/server.h"
#include "daemon/sockets.h"
#include "daemon/supervisor.h"
#include "daemon/traffic_report.h"
#include "protocol/error_names.h"

namespace {

using namespace claviger;

// Nothing that this process holds may reach a file: no core, no ptrace by its own user, private new files.
void ProtectProcess() {
  ::umask(077);
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

int Fail(const Error& error) {
  std::fprintf(stderr, "clavigerd: %s\n", error.message().c_str());
  return protocol::NameOf(error.code()).exit_status;
}

int Serve(const CommandLine& command, Config config, api::LiveSettingsPtr live) {
  SetLogLevel(config.log_level);
  auto signals = Signals::Take();  // before any thread is started
  if (!signals) return Fail(signals.error());
  auto sockets = TakeSockets(config);
  if (!sockets) return Fail(sockets.error());
  auto authority = api::Authority::Start(AuthoritySettingsOf(config, std::move(live)), SystemTime(), LogLine);
  if (!authority) return Fail(authority.error());
  server::ServerSettings server_settings;
  server_settings.loops = config.loops;
  auto server = server::Server::Start(std::move(*sockets), server_settings,
                                      [&] { return std::make_unique<api::LoopDispatcher>(**authority); });
  if (!server) return Fail(server.error());
  (*authority)->SetConnectionCount([&] { return static_cast<std::int64_t>((*server)->counters().open); });

  const auto notifier = Notifier::Start(**authority);
  if (!notifier) return Fail(notifier.error());

  TrafficReport traffic(**server);
  Reloader reloader(command.config_path, std::move(config), **authority);
  (*authority)->SetCatalogueSource([&] { return reloader.ReadCatalogue(); });
  ::sd_notify(0, "READY=1");
  LogLine(api::Authority::Severity::kInfo, "serving");
  Supervise(
      *signals, (*authority)->tasks(), [&] { reloader.Reload(); },
      [&] {
        (*authority)->Tend();
        traffic.Tell();
      });
  ::sd_notify(0, "STOPPING=1");
  (*authority)->SetConnectionCount({});
  (*server)->Stop();
  return protocol::kExitOk;
}

}  // namespace

int main(int argc, char** argv) {
  const auto command = ParseCommandLine(argc, argv);
  if (!command) {
    std::fprintf(stderr, "clavigerd: %s; see clavigerd --help\n", command.error().message().c_str());
    return protocol::kExitUsage;
  }
  if (command->show_help) return std::fputs(HelpText().c_str(), stdout) < 0;
  if (command->show_version) return std::puts("clavigerd " CLAVIGER_VERSION) < 0;
  ProtectProcess();
  auto config = LoadConfig(command->config_path);
  if (!config) return Fail(config.error());
  auto live = LoadLiveSettings(*config);
  if (!live) return Fail(live.error());
  if (command->check_only)
    return std::printf("%s: all settings are valid\n", command->config_path.c_str()) < 0;
  return Serve(*command, std::move(*config), std::move(*live));
}
