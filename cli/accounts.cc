#include "cli/accounts.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <vector>

#include "base/text.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kFirstRoom = 4096;
constexpr std::size_t kMostRoom = std::size_t{4} << 20U;  // a group has all its members in its entry

// Calls `look_up` with more and more room until the entry fits.
template <class LookUp>
int WithRoom(const LookUp& look_up) {
  int failure = ERANGE;
  for (std::size_t size = kFirstRoom; failure == ERANGE && size <= kMostRoom; size *= 4) {
    std::vector<char> room(size);
    failure = look_up(room);
  }
  return failure;
}

// What getpwnam_r and getgrnam_r say of a name that does not exist, besides 0.
bool MeansNone(int failure) { return failure == ENOENT || failure == ESRCH; }

}  // namespace

std::string UserName(std::int64_t uid) {
  std::string name = fmt::format("uid {}", uid);
  if (uid < 0 || uid > std::numeric_limits<uid_t>::max()) return name;
  WithRoom([&](std::vector<char>& room) {
    passwd entry{};
    passwd* found = nullptr;
    const int failure = ::getpwuid_r(static_cast<uid_t>(uid), &entry, room.data(), room.size(), &found);
    if (found != nullptr) name = EscapeForDisplay(found->pw_name);
    return failure;
  });
  return name;
}

bool AccountExists(const std::string& name) {
  if (name.find('\0') != std::string::npos) return false;
  bool exists = false;
  const int user = WithRoom([&](std::vector<char>& room) {
    passwd entry{};
    passwd* found = nullptr;
    const int failure = ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
    exists = exists || found != nullptr;
    return failure;
  });
  if (exists) return true;
  const int group_failure = WithRoom([&](std::vector<char>& room) {
    group entry{};
    group* found = nullptr;
    const int failure = ::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
    exists = exists || found != nullptr;
    return failure;
  });
  const bool told = (user == 0 || MeansNone(user)) && (group_failure == 0 || MeansNone(group_failure));
  return exists || !told;
}

}  // namespace claviger::cli
