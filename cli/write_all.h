// Writing to a descriptor until all is written.
#pragma once

#include <string_view>

namespace claviger::cli {

// 0, or the errno of the write that failed; what came before it is written.
int WriteAll(int fd, std::string_view text);

}  // namespace claviger::cli
