// The control group of a unit, by whose end the end of the unit is seen.
#pragma once

#include <string>
#include <string_view>

namespace claviger::api {

// The part of a process's group ("/system.slice/app.service/worker") that is `unit`'s own
// ("/system.slice/app.service"); "" if the process is not in a group of that unit.
std::string ControlGroupOf(std::string_view unit, std::string_view group_of_process);

// Whether this host has the unified hierarchy of control groups, without which nothing can be seen.
bool HasControlGroups();
// Whether the unit still has processes, or did so a moment ago: systemd removes the group with the last. True
// if that cannot be told.
bool ControlGroupExists(const std::string& group);

}  // namespace claviger::api
