#include "daemon/api/control_group.h"

#include <gtest/gtest.h>

namespace claviger::api {
namespace {

TEST(ControlGroup, IsTheUnitsOwnPartOfTheProcesss) {
  EXPECT_EQ(ControlGroupOf("app.service", "/system.slice/app.service"), "/system.slice/app.service");
  EXPECT_EQ(ControlGroupOf("app.service", "/system.slice/app.service/.control"), "/system.slice/app.service");
  EXPECT_EQ(ControlGroupOf("w@1.service", "/system.slice/system-w.slice/w@1.service"),
            "/system.slice/system-w.slice/w@1.service");
}

TEST(ControlGroup, IsFoundUnderTheNameThatSystemdEscapes) {
  EXPECT_EQ(ControlGroupOf("cpu.service", "/system.slice/_cpu.service"), "/system.slice/_cpu.service");
}

TEST(ControlGroup, IsNotToldForProcessesOfOtherUnits) {
  EXPECT_EQ(ControlGroupOf("app.service", ""), "");
  EXPECT_EQ(ControlGroupOf("app.service", "/"), "");
  EXPECT_EQ(ControlGroupOf("app.service", "/system.slice/other.service"), "");
  EXPECT_EQ(ControlGroupOf("app.service", "/system.slice/app.service.d"), "");
  EXPECT_EQ(ControlGroupOf("app.service", "/../system.slice/app.service"), "");
  EXPECT_EQ(ControlGroupOf("app.service", "app.service"), "");
}

TEST(ControlGroup, ThatIsNotThereIsSeenWhereTheHierarchyIsUnified) {
  EXPECT_EQ(ControlGroupExists("/no/such/group-of.service"), !HasControlGroups());
  EXPECT_TRUE(ControlGroupExists("/"));
}

}  // namespace
}  // namespace claviger::api
