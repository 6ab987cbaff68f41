// A key that was pressed, as pages understand it.
#pragma once

#include <string>

namespace claviger::cli::wizard {

enum class KeyKind {
  kText,   // one character
  kPaste,  // pasted text, its line ends made spaces
  kEnter,
  kTab,
  kBackTab,
  kEscape,
  kUp,
  kDown,
  kLeft,
  kRight,
  kHome,
  kEnd,
  kPageUp,
  kPageDown,
  kBackspace,
  kDelete,
  kClear,  // Ctrl-U
  kHelp,
  kRedraw,       // the terminal has another size, or asks for it
  kNothing,      // none came in time
  kInterrupted,  // a signal to end has come
};

struct Key {
  KeyKind kind = KeyKind::kRedraw;
  std::string text = {};  // UTF-8; of kText and kPaste
  // More came at once behind it: it was pasted into a terminal that does not say so.
  bool burst = false;

  bool Is(char c) const { return kind == KeyKind::kText && text.size() == 1 && text.front() == c; }
};

}  // namespace claviger::cli::wizard
