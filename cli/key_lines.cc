#include "cli/key_lines.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kReadPieceBytes = std::size_t{256} * 1024;

// FNV-1a. It need not be strong: two lines with one sum are told apart by their order.
std::uint64_t SumOf(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325U;
  for (const char c : text) {
    sum ^= static_cast<unsigned char>(c);
    sum *= 0x100000001b3U;
  }
  return sum;
}

Failure TooMuch(std::string message) {
  return {protocol::kExitFailure, std::move(message) + "; nothing was issued",
          "split the file, and give each part an output file of its own"};
}

Failure CannotRead(std::string_view act, const std::string& name, int errno_value) {
  const std::string what = fmt::format("{} {}", act, name);
  return {protocol::kExitFailure, ErrnoError(ErrorCode::kUnavailable, what, errno_value).message()};
}

}  // namespace

Outcome<KeyLines> KeyLines::Read(const std::string& path) {
  KeyLines input;
  input.name_ = path == "-" ? "standard input" : EscapeForDisplay(path);
  UniqueFd opened;
  if (path != "-") {
    opened = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) return CannotRead("open", input.name_, errno);
  }
  if (const auto filled = input.Fill(opened ? opened.get() : STDIN_FILENO); !filled) return filled.error();
  if (const auto split = input.Split(); !split) return split.error();
  return input;
}

Outcome<void> KeyLines::Fill(int fd) {
  for (;;) {
    const std::size_t before = content_.size();
    content_.resize(before + kReadPieceBytes);
    const ssize_t got = ::read(fd, content_.data() + before, kReadPieceBytes);
    const int failure = errno;
    content_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return {};
    if (got < 0 && failure != EINTR) {
      return CannotRead("read", name_, failure);
    }
    if (content_.size() > kMaxKeyFileBytes) {
      return TooMuch(fmt::format("{} has more than {} bytes", name_, kMaxKeyFileBytes));
    }
  }
}

Outcome<void> KeyLines::Split() {
  std::string_view rest(content_.data(), content_.size());
  std::unordered_map<std::uint64_t, std::size_t> seen;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    if (number > kMaxKeyLines) {
      return TooMuch(fmt::format("{} has more than {} lines", name_, kMaxKeyLines));
    }
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (end > kMaxKeyLineBytes) {
      return TooMuch(fmt::format("line {} of {} has more than {} bytes", number, name_, kMaxKeyLineBytes));
    }
    const std::string_view text = Trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty()) continue;
    const std::uint64_t sum = SumOf(text);
    lines_.push_back({number, text, fmt::format("{:016x}-{}", sum, ++seen[sum])});
  }
  if (!lines_.empty()) return {};
  return Failure{protocol::kExitFailure, name_ + " names no key",
                 R"(write one on each line: {"name": "report", "scopes": ["read:policies:admin"]})"};
}

}  // namespace claviger::cli
