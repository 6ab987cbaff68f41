// An act on record (io.claviger.Admin.AuditRecord) for people.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace claviger::cli {

// "claviger[4711] of a.service", as far as it is known; "clavigerd" for what the daemon did by itself.
std::string ProcessOf(const boost::json::object& record);
// The name that the key has after the act, or had before it.
std::string NameOfKey(const boost::json::object& record);

}  // namespace claviger::cli
