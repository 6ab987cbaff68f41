// What is stored or configured as the JSON objects of io.claviger.Admin.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/authorization.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/record.h"
#include "daemon/store/usage_repository.h"

namespace claviger::api {

// Type Key. Neither verifiers nor MACs are in it. Without `usage`: never presented.
boost::json::object KeyJson(const keys::KeyRecord& record, const std::optional<store::Usage>& usage,
                            UnixSeconds now, const boost::json::storage_ptr& storage = {});
// The record for the audit log: Key without usage, with the members of `more` behind it, as text.
std::string KeyAuditText(const keys::KeyRecord& record, UnixSeconds now,
                         const boost::json::object& more = {});
// Type Terms: the key as `creator` would issue it.
boost::json::object TermsJson(const keys::KeyTerms& terms, std::string_view creator);
// Type Caller.
boost::json::object CallerJson(const store::CallerUse& use);
// Type AskedScope.
boost::json::object AskedScopeJson(const store::AskedScope& asked);
// Type Bundle.
boost::json::object BundleJson(const keys::ScopeBundle& bundle);
// Type CatalogueFile.
boost::json::object CatalogueFileJson(const keys::CatalogueFile& file);
// Type Ceiling.
boost::json::object CeilingJson(const keys::Ceiling& ceiling);
// Type Scope.
boost::json::object ScopeJson(const keys::CatalogueScope& scope);
// Type AuditRecord.
boost::json::object AuditJson(const audit::AuditRecord& record);

}  // namespace claviger::api
