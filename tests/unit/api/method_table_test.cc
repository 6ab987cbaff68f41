#include "daemon/api/method_table.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "protocol/interfaces.h"

namespace claviger::api {
namespace {

// "interface.Method" for each method that the interface files describe.
std::set<std::string> DescribedMethods() {
  std::set<std::string> names;
  for (const auto& interface : protocol::Interfaces()) {
    std::istringstream lines{std::string(interface.text)};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("method ")) {
        names.insert(std::string(interface.name) + "." + line.substr(7, line.find('(') - 7));
      }
    }
  }
  return names;
}

TEST(MethodTable, HasExactlyTheMethodsThatTheInterfacesDescribe) {
  std::set<std::string> handled;
  for (const Method& method : Methods()) handled.insert(std::string(method.name));
  EXPECT_EQ(handled.size(), Methods().size());
  EXPECT_EQ(handled, DescribedMethods());
}

TEST(MethodTable, OffersNoAdminMethodOnTheVerifyFace) {
  for (const Method& method : Methods()) {
    const bool is_admin = method.name.starts_with("io.claviger.Admin.");
    EXPECT_EQ(FindMethod(method.name, protocol::Face::kVerify) == nullptr, is_admin) << method.name;
    EXPECT_EQ(FindMethod(method.name, protocol::Face::kAdmin), &method) << method.name;
  }
}

TEST(MethodTable, LetsNoOneButNamedRolesCallAnAdminMethod) {
  for (const Method& method : Methods()) {
    if (method.name.starts_with("io.claviger.Admin.")) {
      EXPECT_FALSE(method.allowed.empty()) << method.name;
      EXPECT_FALSE(method.allowed.Has(keys::Role::kVerifier)) << method.name;
    }
  }
}

const Method* AdminMethod(const std::string& name) {
  return FindMethod("io.claviger.Admin." + name, protocol::Face::kAdmin);
}

// To hand in a secret that leaked is not to change what keys may do: whoever holds it may end it.
TEST(MethodTable, LetsAnAuditorChangeNothingButReportALeak) {
  for (const char* name : {"CreateKey", "PreviewKey", "EditKey", "RotateKey", "RevokeKey", "RevokeKeys",
                           "PauseKeys", "ResumeKeys", "PurgeKeys", "AnnounceExpiries", "ReloadCatalogue",
                           "Reload", "SetLogLevel", "InitialiseToken", "Unlock", "Lock"}) {
    const Method* method = AdminMethod(name);
    ASSERT_NE(method, nullptr) << name;
    EXPECT_FALSE(method->allowed.Has(keys::Role::kAuditor)) << name;
  }
  EXPECT_TRUE(AdminMethod("ReportLeak")->allowed.Has(keys::Role::kAuditor));
}

TEST(MethodTable, LetsAnIssuerNeitherPurgeNorTouchTokenCatalogueOrAudit) {
  for (const char* name :
       {"PurgeKeys", "AnnounceExpiries", "ReloadCatalogue", "ListAudit", "GetReview", "CheckPolicy", "Reload",
        "SetLogLevel", "InitialiseToken", "Unlock", "Lock", "Diagnose"}) {
    const Method* method = AdminMethod(name);
    ASSERT_NE(method, nullptr) << name;
    EXPECT_FALSE(method->allowed.Has(keys::Role::kIssuer)) << name;
  }
}

TEST(MethodTable, KnowsNoMethodThatIsAPrefixOrAContinuation) {
  for (const char* name : {"", ".", "io.claviger.Verify", "io.claviger.Verify.", "io.claviger.Verify.Verif",
                           "io.claviger.Verify.VerifyX", "IO.claviger.Verify.Verify"}) {
    EXPECT_EQ(FindMethod(name, protocol::Face::kAdmin), nullptr) << name;
  }
}

}  // namespace
}  // namespace claviger::api
