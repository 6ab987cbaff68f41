#include "cli/secret_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

// `what` names the source in failures.
Outcome<Secret> ReadToEnd(int fd, const std::string& what) {
  WipingBuffer text(kMaxSecretBytes + 1);
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(fd, text.data() + filled, text.size() - filled);
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return FailureOf(ErrnoError(ErrorCode::kUnavailable, "read " + what, errno));
    }
  }
  if (filled > kMaxSecretBytes) {
    return UsageFailure(
        fmt::format("{} has more than {} bytes; that is no key and no PIN", what, kMaxSecretBytes));
  }
  while (filled > 0 && (text[filled - 1] == '\n' || text[filled - 1] == '\r')) --filled;
  if (filled == 0) return UsageFailure(fmt::format("{} is empty", what));
  return Secret::FromText(std::string_view(text.data(), filled));
}

}  // namespace

Outcome<Secret> ReadStandardInput(const std::string& what) {
  auto secret = ReadToEnd(STDIN_FILENO, "standard input");
  if (secret || secret.error().exit_status != protocol::kExitUsage) return secret;
  return UsageFailure(secret.error().message, fmt::format("the {} is read from it", what));
}

Outcome<Secret> ReadPinFile(const std::string& path) {
  auto secret = ReadSecretFile(path, kMaxSecretBytes);
  if (!secret) return FailureOf(secret.error());
  if (secret->empty()) return UsageFailure(fmt::format("{} is empty", EscapeForDisplay(path)));
  return std::move(*secret);
}

Outcome<Secret> ReadKeyFile(Context& context, const std::string& path) {
  const std::string shown = EscapeForDisplay(path);
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    const ErrorCode code = errno == EACCES ? ErrorCode::kDenied : ErrorCode::kInvalidArgument;
    return FailureOf(ErrnoError(code, "open " + shown, errno));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    context.output().Note(
        fmt::format("warning: {} can be read by others; chmod 0600 makes it private", shown));
  }
  return ReadToEnd(fd.get(), shown);
}

}  // namespace claviger::cli
