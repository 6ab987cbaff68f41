// A host of its own: a folder with the files and programs that a test puts there.
#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "cli/host.h"

namespace claviger::cli {

class TemporaryRoot {
 public:
  TemporaryRoot() {
    std::string pattern = std::filesystem::temp_directory_path() / "claviger-host-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  TemporaryRoot(const TemporaryRoot&) = delete;
  TemporaryRoot& operator=(const TemporaryRoot&) = delete;
  ~TemporaryRoot() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  Host host() const { return Host(path_); }

  void Write(const std::string& path, const std::string& text, mode_t mode = 0644) const {
    const std::filesystem::path file = path_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::trunc) << text;
    ::chmod(file.c_str(), mode);
  }
  // A program of /usr/bin that does what `script` says.
  void WriteProgram(const std::string& name, const std::string& script) const {
    Write("/usr/bin/" + name, "#!/bin/sh\n" + script + "\n", 0755);
  }
  std::string Read(const std::string& path) const {
    std::ifstream file(path_ + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  std::string path_;
};

}  // namespace claviger::cli
