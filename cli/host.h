// This host's files and programs, as `setup` and `doctor` see them.
#pragma once

#include <sys/stat.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "cli/program.h"

namespace claviger::cli {

// Thread-compatible.
class Host {
 public:
  // Every path and program is looked for under `root`, which a test sets; "" is this host itself.
  explicit Host(std::string root = "") : root_(std::move(root)) {}

  std::string Path(std::string_view path) const { return root_ + std::string(path); }
  // nullopt if there is nothing at `path`, or nothing that this user may see.
  std::optional<struct stat> Look(std::string_view path) const;
  bool Has(std::string_view path) const { return Look(path).has_value(); }
  // The names in a folder, sorted, without "." and "..". kNotFound, kDenied or kUnavailable.
  Result<std::vector<std::string>> Names(std::string_view folder) const;
  // At most `limit` bytes; errors as claviger::ReadFile.
  Result<std::string> Read(std::string_view path, std::size_t limit) const;

  // Whether systemd runs as this host's first process.
  bool HasSystemd() const { return Has("/run/systemd/system"); }

  // Runs the program `name` of /usr/sbin or /usr/bin; kNotFound, with its name, if neither has it.
  Result<ProgramEnd> Run(std::string_view name, std::vector<std::string> arguments,
                         const Secret* input = nullptr) const;

 private:
  std::string root_;
};

}  // namespace claviger::cli
