#include "daemon/api/control_group.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>

namespace claviger::api {
namespace {

constexpr const char* kHierarchy = "/sys/fs/cgroup";

}  // namespace

std::string ControlGroupOf(std::string_view unit, std::string_view group_of_process) {
  std::size_t begin = 0;
  while (begin < group_of_process.size() && group_of_process[begin] == '/') {
    const std::size_t end = std::min(group_of_process.find('/', begin + 1), group_of_process.size());
    std::string_view name = group_of_process.substr(begin + 1, end - begin - 1);
    if (name == "..") return {};  // outside of what can be seen from here
    if (name != unit && name.starts_with('_')) name.remove_prefix(1);  // systemd's escape
    if (name == unit) return std::string(group_of_process.substr(0, end));
    begin = end;
  }
  return {};
}

bool HasControlGroups() {
  struct statfs status {};
  return ::statfs(kHierarchy, &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC;
}

bool ControlGroupExists(const std::string& group) {
  if (!HasControlGroups()) return true;
  struct stat status {};
  return ::stat((kHierarchy + group).c_str(), &status) == 0 || errno != ENOENT;
}

}  // namespace claviger::api
