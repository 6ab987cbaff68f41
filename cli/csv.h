// Comma-separated values (RFC 4180) that a spreadsheet takes for text, never for a formula.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace claviger::cli {

// The cells as one line with its end (CR LF). Cells with commas, quotes or line ends stand in quotes; cells
// that begin with = + - @ or a tab, as formulas do, get a ' before.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace claviger::cli
