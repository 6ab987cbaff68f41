// "label  value" lines with the values in one column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace claviger::cli {

class Fields {
 public:
  // `value` must be safe to show; an empty one is left out. It is broken at spaces where the terminal ends.
  void Add(std::string_view label, std::string_view value);
  // One line for each of `values`; left out if there is none.
  void AddList(std::string_view label, const std::vector<std::string>& values);

  // Each line begins with `indent` spaces.
  std::string Render(const Terminal& terminal, std::size_t indent = 0) const;

 private:
  struct Field {
    std::string label;
    std::vector<std::string> lines;
  };
  std::vector<Field> fields_;
};

}  // namespace claviger::cli
