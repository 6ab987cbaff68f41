#include "daemon/api/leak_report.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace claviger::api {
namespace {

TEST(LeakReport, TheReasonNamesTheSource) {
  EXPECT_EQ(LeakReason(""), "leaked");
  EXPECT_EQ(LeakReason("ci.log:17"), "leaked: ci.log:17");
}

TEST(LeakReport, TheReasonIsCutToATextThatMayBeStored) {
  const std::string umlauts = [] {
    std::string text;
    while (text.size() < kMaxLeakSourceBytes - 2) text += "\u00e4";
    return text;
  }();
  for (const std::string& source : {std::string(kMaxLeakSourceBytes, 'x'), umlauts, "y" + umlauts,
                                    std::string(119, 'x') + " " + std::string(200, 'y'),
                                    std::string(117, 'x') + "   " + std::string(200, 'y')}) {
    const std::string reason = LeakReason(source);
    EXPECT_TRUE(CheckText("reason", reason)) << reason;
    EXPECT_GT(reason.size(), 120u);
    EXPECT_TRUE(("leaked: " + source).starts_with(reason));
  }
}

}  // namespace
}  // namespace claviger::api
