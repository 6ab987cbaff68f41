// claviger-token: the process that holds the PKCS#11 module, so that nothing in it can take clavigerd along.
// Started by clavigerd with one end of a socket pair; ends when the other end is closed.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "hsm/uri.h"
#include "hsm/worker/worker.h"

namespace {

constexpr int kExitUsage = 64;
constexpr int kExitBadRequest = 76;
// A module whose C_Finalize hangs is not waited for any longer.
constexpr unsigned kFinaliseSeconds = 5;

struct Arguments {
  std::string module, uri;
  int socket = -1;
};

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i], value = argv[i + 1];
    if (name == "--module") {
      arguments.module = value;
    } else if (name == "--uri") {
      arguments.uri = value;
    } else if (name == "--fd") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), arguments.socket);
      if (error != std::errc() || end != value.data() + value.size()) return false;
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && !arguments.module.empty() && !arguments.uri.empty() &&
         arguments.socket > STDERR_FILENO;
}

// No core, no ptrace by other processes of the same user, no descriptor but the socket, no end by a signal
// that is meant for clavigerd: the worker may be in C_Login, where some modules lose their token when they
// are killed.
bool Harden(int socket) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_core{0, 0};
  const auto first = static_cast<unsigned>(STDERR_FILENO + 1), own = static_cast<unsigned>(socket);
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &no_core) == 0 &&
         fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 && (own == first || close_range(first, own - 1, 0) == 0) &&
         close_range(own + 1, ~0U, 0) == 0;
}

int Fail(int status, const char* message) {
  std::fprintf(stderr, "claviger-token: %s\n", message);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    return Fail(kExitUsage,
                "is started by clavigerd; usage: claviger-token --module PATH --uri URI --fd NUMBER");
  }
  if (!Harden(arguments.socket)) return Fail(kExitUsage, "the descriptor of --fd is not open");
  auto uri = claviger::hsm::TokenUri::Parse(arguments.uri);
  if (!uri) return Fail(kExitUsage, uri.error().message().c_str());

  claviger::hsm::Worker worker(arguments.module, std::move(*uri));
  const bool in_order = worker.Serve(arguments.socket);
  alarm(kFinaliseSeconds);
  worker.Finish();
  // Not exit: destructors of foreign libraries crash when they run in the wrong order.
  _exit(in_order ? 0 : kExitBadRequest);
}
