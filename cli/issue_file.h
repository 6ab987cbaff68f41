// Where the keys of `key create --from` go: a file that says which of them are there already, or standard
// output.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/secret.h"
#include "base/unique_fd.h"
#include "cli/failure.h"
#include "cli/key_lines.h"

namespace claviger::cli {

// A larger one is not taken up again.
inline constexpr std::size_t kMaxIssueFileBytes = std::size_t{256} * 1024 * 1024;
// For so long, in seconds, a file can be taken up again: a day less than the daemon remembers request ids.
inline constexpr std::int64_t kIssueFileLife = std::int64_t{29} * 86400;

// The file has a head, with a salt of its own, and then a line of JSON for each key. Movable;
// thread-compatible.
class IssueFile {
 public:
  // A new file (0600), or one that an earlier run left behind, without what that run could not finish. It is
  // locked as long as this lives. A failure if it is neither; if others can use it, or do; if it was begun by
  // another user or more than kIssueFileLife ago.
  static Outcome<IssueFile> Open(const std::string& path, UnixSeconds now);
  // Nothing is there already, and nothing can be taken up again.
  static IssueFile ToStandardOutput();

  // Makes request ids that no other file's run makes.
  const std::string& salt() const { return salt_; }
  // By KeyLine::id, the numbers of the lines whose keys were in the file when it was opened.
  const std::map<std::string, std::size_t, std::less<>>& held() const { return held_; }
  // How messages call it: safe to show.
  const std::string& name() const { return name_; }

  void Add(const KeyLine& line, std::string_view key_name, std::string_view key_id, const Secret& key);
  // Writes what was added since the last time, durably where that can be. After a failure nothing more can
  // be written.
  Outcome<void> Save();
  // Whether nothing is in the file of what a failed Save() was to write. Of standard output nobody can tell
  // what its reader took; it counts as nothing.
  bool undone() const { return undone_; }

 private:
  IssueFile(std::string name, int fd) : name_(std::move(name)), writing_(fd) {}

  Outcome<void> Begin(const std::string& path, UnixSeconds now);
  Outcome<void> TakeUp(UnixSeconds now);
  Outcome<void> ReadHead(std::string_view head, UnixSeconds now);
  // Of the text behind the head.
  Outcome<void> ReadKeys(std::string_view text);

  std::string name_;
  int writing_;
  UniqueFd fd_;
  std::string salt_;
  std::map<std::string, std::size_t, std::less<>> held_;
  WipingBuffer added_;
  off_t size_ = 0;  // of what is whole
  bool undone_ = true;
};

}  // namespace claviger::cli
