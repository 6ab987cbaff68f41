// clavigerd: reads its settings, takes its sockets, starts token, store and loops, and serves until it is
// told to stop.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/api/authority.h"
#include "daemon/api/loop_dispatcher.h"
#include "daemon/command_line.h"
#include "daemon/config.h"
#include "daemon/journal.h"
#include "daemon/live_settings_loader.h"
#include "daemon/log.h"
#include "daemon/notifier.h"
#include "daemon/reload.h"
#include "daemon/server/server.h"
#include "daemon/service_status.h"
#include "daemon/sockets.h"
#include "daemon/supervisor.h"
#include "daemon/traffic_report.h"
#include "daemon/vital_parts.h"
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
  ServiceStatus::TellFailure(error);
  std::fprintf(stderr, "clavigerd: %s\n", error.message().c_str());
  return protocol::NameOf(error.code()).exit_status;
}

int Serve(const CommandLine& command, const Config& config, api::LiveSettingsPtr live) {
  SetLogLevel(config.log_level);
  auto signals = Signals::Take();  // before any thread is started
  if (!signals) return Fail(signals.error());
  auto sockets = TakeSockets(config);
  if (!sockets) return Fail(sockets.error());
  std::optional<Journal> journal;  // outlives the authority
  api::AuthoritySettings settings = AuthoritySettingsOf(config, std::move(live));
  if (LogGoesToJournal()) {
    journal.emplace(WriteToJournal, Logs);
    settings.journal = [&](api::Event event) { journal->Post(std::move(event)); };
  }
  auto authority = api::Authority::Start(std::move(settings), SystemTime(), LogLine);
  if (!authority) return Fail(authority.error());
  Reloader reloader(command.config_path, config, **authority);
  (*authority)->SetControls(reloader.Controls());
  ServiceStatus status(**authority);
  status.TellStarting();
  AwaitToken(*signals, **authority);
  (*authority)->BeginServing();
  server::ServerSettings server_settings;
  server_settings.loops = config.loops;
  server_settings.busy_poll = config.busy_poll;
  auto server = server::Server::Start(std::move(*sockets), server_settings,
                                      [&] { return std::make_unique<api::LoopDispatcher>(**authority); });
  if (!server) return Fail(server.error());
  (*authority)->SetConnectionCount([&] { return static_cast<std::int64_t>((*server)->counters().open); });

  const auto notifier = Notifier::Start(**authority);
  if (!notifier) return Fail(notifier.error());

  auto watchdog = StartWatchdog(**authority, **server);
  if (!watchdog) return Fail(watchdog.error());

  TrafficReport traffic(**server, **authority);
  status.TellReady();
  LogLine(api::Authority::Severity::kInfo, "serving");
  Supervise(*signals, (*authority)->tasks(),
            {.reload = [&] { (void)reloader.Reload(api::Authority::Self()); },
             .tend =
                 [&] {
                   (*authority)->Tend();
                   traffic.Tell();
                 },
             .settle = [&] { status.Update(); }});
  status.TellStopping();
  watchdog->reset();
  (*server)->StopAccepting();
  (*authority)->tasks().RunAll();  // what was asked before is answered
  (*authority)->SetConnectionCount({});
  (*server)->Stop();
  (*authority)->KeepCache();
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
  return Serve(*command, *config, std::move(*live));
}
