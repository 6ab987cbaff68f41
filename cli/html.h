// Pieces of a page for a browser.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::cli {

// For the content of an element and for an attribute in double quotes. `text` must be safe to show.
std::string Html(std::string_view text);

// A part of a bar or column.
struct BarPart {
  std::int64_t value = 0;
  std::string_view look;  // class of the stylesheet: "plain", "attention" or "bad"
};

// One bar, with its label and what is told when it is pointed at.
struct Bar {
  std::string label;
  std::string hint;
  std::vector<BarPart> parts;

  std::int64_t total() const;
};

// A table with a bar in each row: label, bar, total. `title` is its caption.
std::string BarTable(std::string_view title, const std::vector<Bar>& bars);
// Columns side by side in their order, with their totals above and labels below. `title` is its caption.
std::string ColumnChart(std::string_view title, const std::vector<Bar>& bars);

}  // namespace claviger::cli
