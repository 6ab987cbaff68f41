#include "cli/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string Sentence(std::string_view act, const std::string& path, int errno_value) {
  const std::string what = fmt::format("{} {}", act, EscapeForDisplay(path));
  return ErrnoError(ErrorCode::kUnavailable, what, errno_value).message();
}

Failure CreateFailure(const std::string& path, int errno_value) {
  if (errno_value == EEXIST) {
    return {protocol::kExitFailure,
            fmt::format("{} exists already and is not overwritten; nothing was done", EscapeForDisplay(path)),
            "name another file, or remove that one if no key is in it"};
  }
  return {protocol::kExitFailure, Sentence("create", path, errno_value) + "; nothing was done", ""};
}

Failure WriteFailure(std::string_view act, const std::string& path, int errno_value) {
  return {protocol::kExitFailure, Sentence(act, path, errno_value), ""};
}

}  // namespace

Outcome<KeyFile> KeyFile::Create(const std::string& path) {
  UniqueFd folder(::open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return CreateFailure(path, errno);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR));
  if (!fd) return CreateFailure(path, errno);
  return KeyFile(path, std::move(folder), std::move(fd));
}

KeyFile::KeyFile(KeyFile&& other) noexcept
    : path_(std::move(other.path_)),
      folder_(std::move(other.folder_)),
      fd_(std::move(other.fd_)),
      kept_(std::exchange(other.kept_, true)) {}

KeyFile::~KeyFile() {
  if (!kept_) ::unlink(path_.c_str());
}

Outcome<void> KeyFile::Write(const Secret& key) {
  const std::string_view text = key.ExposeText();
  WipingBuffer line;
  line.reserve(text.size() + 1);
  line.insert(line.end(), text.begin(), text.end());
  line.push_back('\n');
  return WriteText(std::string_view(line.data(), line.size()));
}

Outcome<void> KeyFile::WriteText(std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_.get(), rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return WriteFailure("write", path_, errno);
    }
  }
  if (::fsync(fd_.get()) != 0) return WriteFailure("fsync", path_, errno);
  if (::fsync(folder_.get()) != 0) return WriteFailure("fsync the folder of", path_, errno);
  kept_ = true;
  return {};
}

}  // namespace claviger::cli
