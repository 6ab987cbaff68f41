#include "protocol/error_names.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "protocol/interfaces.h"

namespace claviger::protocol {
namespace {

constexpr std::array kAllCodes = {
    ErrorCode::kInvalidArgument, ErrorCode::kDenied,      ErrorCode::kNotFound,
    ErrorCode::kConflict,        ErrorCode::kBusy,        ErrorCode::kUnavailable,
    ErrorCode::kLimitExceeded,   ErrorCode::kUnsupported, ErrorCode::kCorrupt,
    ErrorCode::kConfiguration,   ErrorCode::kInternal};

// Whether the interface of `name` describes this error.
bool IsDescribed(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  for (const auto& interface : Interfaces()) {
    if (interface.name == name.substr(0, dot)) {
      return interface.text.find("\nerror " + std::string(name.substr(dot + 1)) + " (") !=
             std::string_view::npos;
    }
  }
  return false;
}

TEST(ErrorNames, HaveARowForEachCode) {
  for (const ErrorCode code : kAllCodes) EXPECT_EQ(NameOf(code).code, code) << ErrorCodeName(code);
}

TEST(ErrorNames, AreDescribedInTheirInterfaces) {
  for (const ErrorName& row : ErrorNames()) EXPECT_TRUE(IsDescribed(row.wire_name)) << row.wire_name;
}

TEST(ErrorNames, CoverEveryErrorOfTheInterfaces) {
  std::size_t errors = 0;
  for (const auto& interface : Interfaces()) {
    for (std::size_t at = 0; (at = interface.text.find("\nerror ", at)) != std::string_view::npos;) {
      at += std::string_view("\nerror ").size();
      const std::string name = std::string(interface.name) + "." +
                               std::string(interface.text.substr(at, interface.text.find(' ', at) - at));
      bool listed = false;
      for (const ErrorName& row : ErrorNames()) listed = listed || row.wire_name == name;
      EXPECT_TRUE(listed) << name;
      ++errors;
    }
  }
  EXPECT_GT(errors, 10U);
}

TEST(ErrorNames, GiveTheDocumentedExitStatus) {
  EXPECT_EQ(NameOf(ErrorCode::kInvalidArgument).exit_status, kExitFailure);
  EXPECT_EQ(NameOf(ErrorCode::kDenied).exit_status, kExitDenied);
  EXPECT_EQ(NameOf(ErrorCode::kNotFound).exit_status, kExitNotValid);
  EXPECT_EQ(NameOf(ErrorCode::kBusy).exit_status, kExitTryLater);
  EXPECT_EQ(NameOf(ErrorCode::kUnavailable).exit_status, kExitTryLater);
  EXPECT_EQ(NameOf(ErrorCode::kConfiguration).exit_status, kExitConfiguration);
  EXPECT_EQ(NameOf(ErrorCode::kInternal).exit_status, kExitFailure);
}

TEST(ErrorNames, AreReadBackByClients) {
  EXPECT_EQ(CodeOfWireName("io.claviger.Admin.KeyNotFound"), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOfWireName("io.claviger.Admin.Refused"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOfWireName("io.claviger.Admin.Conflict"), ErrorCode::kConflict);
  EXPECT_EQ(CodeOfWireName("org.varlink.service.PermissionDenied"), ErrorCode::kDenied);
  EXPECT_EQ(CodeOfWireName("com.example.Unknown"), ErrorCode::kInternal);
  EXPECT_EQ(CodeOfWireName(""), ErrorCode::kInternal);
}

}  // namespace
}  // namespace claviger::protocol
