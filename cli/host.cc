#include "cli/host.h"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/file.h"

namespace claviger::cli {

std::optional<struct stat> Host::Look(std::string_view path) const {
  struct stat status {};
  if (::stat(Path(path).c_str(), &status) != 0) return std::nullopt;
  return status;
}

Result<std::vector<std::string>> Host::Names(std::string_view folder) const {
  const std::string path = Path(folder);
  struct Close {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  const std::unique_ptr<DIR, Close> open(::opendir(path.c_str()));
  if (!open) {
    const ErrorCode code = errno == ENOENT   ? ErrorCode::kNotFound
                           : errno == EACCES ? ErrorCode::kDenied
                                             : ErrorCode::kUnavailable;
    return ErrnoError(code, "open " + path, errno);
  }
  std::vector<std::string> names;
  for (const dirent* entry = ::readdir(open.get()); entry != nullptr; entry = ::readdir(open.get())) {
    std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> Host::Read(std::string_view path, std::size_t limit) const {
  return ReadFile(Path(path), limit);
}

Result<ProgramEnd> Host::Run(std::string_view name, std::vector<std::string> arguments,
                             const Secret* input) const {
  for (const std::string_view folder : {"/usr/sbin/", "/usr/bin/"}) {
    ProgramCall call;
    call.path = Path(std::string(folder).append(name));
    struct stat status {};
    if (::stat(call.path.c_str(), &status) != 0) continue;
    call.arguments = std::move(arguments);
    call.input = input;
    return RunProgram(call);
  }
  return Error(ErrorCode::kNotFound, fmt::format("the program {} is not installed", name));
}

}  // namespace claviger::cli
