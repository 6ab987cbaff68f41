#include "daemon/accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace claviger {
namespace {

constexpr std::size_t kLargestEntry = 1024 * 1024;  // a group with tens of thousands of members

// Calls `lookup(name, entry, buffer, size, result)` with a buffer that grows until the entry fits.
template <class Entry, class Lookup>
Result<std::optional<Entry>> Find(const std::string& name, const char* what, Lookup lookup) {
  for (std::size_t size = 4096; size <= kLargestEntry; size *= 2) {
    std::vector<char> buffer(size);
    Entry entry;
    Entry* found = nullptr;
    int error = 0;
    do {
      error = lookup(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    } while (error == EINTR);
    if (error == ERANGE) continue;
    if (found != nullptr) return std::optional<Entry>(entry);
    // POSIX lets these stand for "no such entry" too.
    if (error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM) {
      return std::optional<Entry>();
    }
    return ErrnoError(ErrorCode::kUnavailable, what, error);
  }
  return ErrnoError(ErrorCode::kUnavailable, what, ERANGE);
}

class Host final : public Accounts {
 public:
  Result<std::optional<uid_t>> FindUser(const std::string& name) const override {
    const auto entry = Find<passwd>(name, "look up a user", getpwnam_r);
    if (!entry) return entry.error();
    return *entry ? std::optional<uid_t>((*entry)->pw_uid) : std::nullopt;
  }
  Result<std::optional<gid_t>> FindGroup(const std::string& name) const override {
    const auto entry = Find<group>(name, "look up a group", getgrnam_r);
    if (!entry) return entry.error();
    return *entry ? std::optional<gid_t>((*entry)->gr_gid) : std::nullopt;
  }
};

}  // namespace

const Accounts& HostAccounts() {
  static const Host host;
  return host;
}

}  // namespace claviger
