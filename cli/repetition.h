// Which calls can be made again when it is not known whether they were carried out.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

namespace claviger::cli {

// Whether a second call of `method` ("ListKeys") has no effect and no answer that the first would not have
// had alone: reads, verifications, and what carries a request id.
bool MayBeRepeated(std::string_view method, const boost::json::object& parameters);

}  // namespace claviger::cli
