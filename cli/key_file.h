// A file for a key string that is about to be issued.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "base/unique_fd.h"
#include "cli/failure.h"

namespace claviger::cli {

// Made before the key is, so that no key is issued for a file that cannot be. Move-only. Unless Write() has
// succeeded, the file is removed again when this goes.
class KeyFile {
 public:
  // A new, empty file that only its owner can read (0600). A failure if `path` exists already, even as a
  // link, or cannot be made.
  static Outcome<KeyFile> Create(const std::string& path);

  KeyFile(KeyFile&& other) noexcept;
  KeyFile& operator=(KeyFile&&) = delete;
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  ~KeyFile();

  // The key string and a line's end, durably: file and folder are synced. At most once. A failure if it could
  // not be written; the file goes then.
  Outcome<void> Write(const Secret& key);
  // The same of any text, as it is.
  Outcome<void> WriteText(std::string_view text);
  const std::string& path() const { return path_; }

 private:
  KeyFile(std::string path, UniqueFd folder, UniqueFd fd)
      : path_(std::move(path)), folder_(std::move(folder)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd folder_;
  UniqueFd fd_;
  bool kept_ = false;
};

}  // namespace claviger::cli
