#include "cli/repetition.h"

#include <algorithm>
#include <array>

namespace claviger::cli {
namespace {

constexpr std::array<std::string_view, 23> kHarmless = {
    "Verify",          "WhoAmI",      "PreviewKey", "ListKeys",       "CountKeys",    "GetKey",
    "GetReview",       "GetPolicy",   "ListScopes", "CheckPolicy",    "ListBundles",  "GetScope",
    "ListAudit",       "GetStatus",   "Diagnose",   "GetTokenStatus", "ListBackups",  "PlanRestore",
    "CheckpointAudit", "VerifyAudit", "Reload",     "SetLogLevel",    "GetStatistics"};

}  // namespace

bool MayBeRepeated(std::string_view method, const boost::json::object& parameters) {
  return std::find(kHarmless.begin(), kHarmless.end(), method) != kHarmless.end() ||
         parameters.contains("request_id");
}

}  // namespace claviger::cli
