// Records as the JSON objects of io.claviger.Admin.
#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "base/clock.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/record.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

// Type Key. Neither verifiers nor MACs are in it. Without `usage`: never presented.
boost::json::object KeyJson(const keys::KeyRecord& record, const std::optional<store::Usage>& usage,
                            UnixSeconds now);
// The record for the audit log: Key without usage, as text.
std::string KeyAuditText(const keys::KeyRecord& record, UnixSeconds now);
// Type Scope.
boost::json::object ScopeJson(const keys::CatalogueScope& scope);
// Type AuditRecord.
boost::json::object AuditJson(const audit::AuditRecord& record);

}  // namespace claviger::api
