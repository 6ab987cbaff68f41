// One line of text being typed.
#pragma once

#include <cstddef>
#include <string>

#include "cli/wizard/key.h"
#include "cli/wizard/view.h"

namespace claviger::cli::wizard {

// Never longer than its limit; never with half a character. Thread-compatible.
class TextField {
 public:
  explicit TextField(std::size_t limit) : limit_(limit) {}

  const std::string& text() const { return text_; }
  // Without spaces at its ends.
  std::string Trimmed() const;
  // The cursor goes to the end.
  void Set(std::string text);
  // False if the key is none of the field's. What does not fit is left out.
  bool Handle(const Key& key);

  // "[text    ]" in `width` columns.
  std::string Draw(std::size_t width) const;
  // Where the cursor stands in what Draw returns.
  std::size_t CursorColumn(std::size_t width) const;

 private:
  void Insert(const std::string& text);
  // The ends of the character (with the marks that combine with it) before and behind the cursor.
  std::size_t Before() const;
  std::size_t Behind() const;
  // The first byte that is shown where `room` columns are.
  std::size_t FirstShown(std::size_t room) const;

  std::size_t limit_;  // bytes
  std::string text_;
  std::size_t cursor_ = 0;  // bytes
};

}  // namespace claviger::cli::wizard
