#include "cli/wizard/screen.h"

#define NCURSES_NOMACROS  // functions, not macros: they can be called by their qualified names
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "cli/text_width.h"
#include "cli/wizard/terminfo.h"

namespace claviger::cli::wizard {
namespace {

// Marks the begin and end of what is pasted (xterm's mode 2004); beyond the keys that ncurses knows.
constexpr int kPasteBegin = KEY_MAX + 1;
constexpr int kPasteEnd = KEY_MAX + 2;
constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";
constexpr std::size_t kMaxPasteBytes = 4096;
constexpr int kPastePause =
    1000;                         // milliseconds after which the end of what is pasted will not come any more
constexpr int kEscapePause = 50;  // milliseconds in which the rest of a key's sequence comes
// Keys that follow each other faster than this, without being waited for, were not typed.
constexpr std::chrono::milliseconds kFastestTyping{15};

constexpr char kControlH = 8;
constexpr char kControlL = 12;
constexpr char kControlU = 21;
constexpr char kEscape = 27;
constexpr char kRubout = 127;

enum Pair : short { kGoodPair = 1, kAttentionPair, kBadPair };

struct KeyName {
  int code;
  KeyKind kind;
};
constexpr std::array kKeys = {
    KeyName{KEY_ENTER, KeyKind::kEnter},  KeyName{KEY_BTAB, KeyKind::kBackTab},
    KeyName{KEY_UP, KeyKind::kUp},        KeyName{KEY_DOWN, KeyKind::kDown},
    KeyName{KEY_LEFT, KeyKind::kLeft},    KeyName{KEY_RIGHT, KeyKind::kRight},
    KeyName{KEY_HOME, KeyKind::kHome},    KeyName{KEY_END, KeyKind::kEnd},
    KeyName{KEY_PPAGE, KeyKind::kPageUp}, KeyName{KEY_NPAGE, KeyKind::kPageDown},
    KeyName{KEY_DC, KeyKind::kDelete},    KeyName{KEY_BACKSPACE, KeyKind::kBackspace},
    KeyName{KEY_F(1), KeyKind::kHelp},    KeyName{KEY_RESIZE, KeyKind::kRedraw},
};
constexpr std::array kControls = {
    KeyName{'\n', KeyKind::kEnter},        KeyName{'\r', KeyKind::kEnter},
    KeyName{'\t', KeyKind::kTab},          KeyName{kControlH, KeyKind::kBackspace},
    KeyName{kRubout, KeyKind::kBackspace}, KeyName{kControlU, KeyKind::kClear},
    KeyName{kEscape, KeyKind::kEscape},    KeyName{kControlL, KeyKind::kRedraw},
};

// What nearly all terminals send, also where the terminal's description does not say so.
struct Sequence {
  const char* bytes;
  int code;
};
constexpr std::array kSequences = {
    Sequence{"\x1b[A", KEY_UP},         Sequence{"\x1b[B", KEY_DOWN},     Sequence{"\x1b[C", KEY_RIGHT},
    Sequence{"\x1b[D", KEY_LEFT},       Sequence{"\x1bOA", KEY_UP},       Sequence{"\x1bOB", KEY_DOWN},
    Sequence{"\x1bOC", KEY_RIGHT},      Sequence{"\x1bOD", KEY_LEFT},     Sequence{"\x1b[H", KEY_HOME},
    Sequence{"\x1b[F", KEY_END},        Sequence{"\x1b[1~", KEY_HOME},    Sequence{"\x1b[4~", KEY_END},
    Sequence{"\x1b[5~", KEY_PPAGE},     Sequence{"\x1b[6~", KEY_NPAGE},   Sequence{"\x1b[3~", KEY_DC},
    Sequence{"\x1b[Z", KEY_BTAB},       Sequence{"\x1bOP", KEY_F(1)},     Sequence{"\x1b[11~", KEY_F(1)},
    Sequence{"\x1b[200~", kPasteBegin}, Sequence{"\x1b[201~", kPasteEnd},
};

void AppendUtf8(std::string& text, unsigned int c) {
  const auto put = [&](unsigned int byte) { text.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

// For a locale that has only ASCII: a question mark for each other character.
std::string InAscii(std::string_view text) {
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      ascii.push_back(c);
    } else if ((byte & 0xC0) != 0x80) {
      ascii.push_back('?');
    }
  }
  return ascii;
}

attr_t AttributesOf(Look look, bool color) {
  const auto colored = [&](Pair pair, attr_t attributes) {
    return color ? attributes | static_cast<attr_t>(COLOR_PAIR(pair)) : attributes;
  };
  switch (look) {
    case Look::kBold:
      return A_BOLD;
    case Look::kFaint:
      return color ? A_DIM : A_NORMAL;
    case Look::kGood:
      return colored(kGoodPair, A_NORMAL);
    case Look::kAttention:
      return colored(kAttentionPair, A_NORMAL);
    case Look::kBad:
      return colored(kBadPair, A_BOLD);
    case Look::kChosen:
      return A_REVERSE;
    case Look::kTitle:
      return A_REVERSE | A_BOLD;
    case Look::kPlain:
      break;
  }
  return A_NORMAL;
}

void ToTerminal(std::string_view sequence) {
  // A terminal that cannot be written to any more need not be told.
  static_cast<void>(!::write(STDOUT_FILENO, sequence.data(), sequence.size()));
}

// For ncurses to count columns as we do. True if text may be UTF-8.
bool TakeLocale(bool utf8) {
  std::setlocale(LC_CTYPE, utf8 ? "" : "C");
  if (utf8 && std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) {
    // The user's locale is not installed here.
    return std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
  }
  return utf8;
}

}  // namespace

struct Screen::Handle {
  SCREEN* screen;
  WINDOW* keys;  // never shown, so that reading does not draw
  bool color;
};

Screen::Screen(const Terminal& terminal, const Interruption& interruption)
    : interruption_(interruption), utf8_(TakeLocale(terminal.utf8)) {
  if (!IsDescribed()) return;
  ::use_tioctl(TRUE);  // the size that the terminal has, not what COLUMNS said once
  SCREEN* screen = ::newterm(nullptr, stdout, stdin);
  if (screen == nullptr) return;
  ::set_escdelay(kEscapePause);
  ::cbreak();
  ::noecho();
  ::nonl();
  ::curs_set(0);
  handle_ = std::make_unique<Handle>(Handle{screen, ::newpad(1, 1), false});
  ::keypad(handle_->keys, TRUE);
  ::nodelay(handle_->keys, TRUE);
  if (terminal.color && ::has_colors()) {
    ::start_color();
    ::use_default_colors();
    ::init_pair(kGoodPair, COLOR_GREEN, -1);
    ::init_pair(kAttentionPair, COLOR_YELLOW, -1);
    ::init_pair(kBadPair, COLOR_RED, -1);
    handle_->color = true;
  }
  for (const Sequence& sequence : kSequences) ::define_key(sequence.bytes, sequence.code);
  ToTerminal(kPasteOn);
}

Screen::~Screen() {
  if (handle_ == nullptr) return;
  Wipe();
  ToTerminal(kPasteOff);
  ::delwin(handle_->keys);
  ::endwin();
  ::delscreen(handle_->screen);
}

Size Screen::size() const {
  return {static_cast<std::size_t>(std::max(LINES, 0)), static_cast<std::size_t>(std::max(COLS, 0))};
}

void Screen::Show(const View& view) {
  ::erase();
  const int rows = std::min(static_cast<int>(view.lines.size()), LINES);
  for (int row = 0; row < rows; ++row) Put(row, view.lines[static_cast<std::size_t>(row)]);
  ::curs_set(view.cursor ? 1 : 0);
  if (view.cursor) ::move(static_cast<int>(view.cursor->row), static_cast<int>(view.cursor->column));
  ::refresh();
}

void Screen::Put(int row, const Line& line) {
  std::size_t used = 0;
  ::move(row, 0);
  for (const Span& span : line) {
    const std::string fitting = Shorten(span.text, static_cast<std::size_t>(COLS) - used, "");
    const std::string text = utf8_ ? fitting : InAscii(fitting);
    ::attrset(static_cast<int>(AttributesOf(span.look, handle_->color)));
    ::addnstr(text.data(), static_cast<int>(text.size()));
    used += std::min(DisplayWidth(text), static_cast<std::size_t>(COLS) - used);
  }
  ::attrset(A_NORMAL);
}

Key Screen::ReadUntil(std::optional<SteadyTime> end) {
  bool waited = false;
  for (;;) {
    wint_t character = 0;
    const int result = ::wget_wch(handle_->keys, &character);
    if (result != ERR) {
      const SteadyTime now = SteadyNow();
      const bool fast = !waited && now - last_read_ < kFastestTyping;
      last_read_ = now;
      Key key = Translate(result, character);
      if (key.kind == KeyKind::kText || key.kind == KeyKind::kEnter) key.burst = fast || MoreWaits();
      return key;
    }
    waited = true;
    int patience = -1;
    if (end) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - SteadyNow()).count();
      if (left <= 0) return Key{KeyKind::kNothing};
      patience = static_cast<int>(left);
    }
    if (interruption_.Wait(STDIN_FILENO, patience) == Interruption::Event::kEnd)
      return Key{KeyKind::kInterrupted};
  }
}

Key Screen::Translate(int result, unsigned int character) {
  const auto find = [&](const auto& names) {
    const auto* found = std::find_if(names.begin(), names.end(), [&](const KeyName& name) {
      return static_cast<unsigned int>(name.code) == character;
    });
    return found == names.end() ? Key{} : Key{found->kind};
  };
  if (result == KEY_CODE_YES) {
    return character == static_cast<unsigned int>(kPasteBegin) ? ReadPaste() : find(kKeys);
  }
  if (character < ' ' || character == static_cast<unsigned int>(kRubout)) {
    if (character == static_cast<unsigned int>(kControlL)) ::clearok(curscr, TRUE);
    if (character == static_cast<unsigned int>(kEscape) && SkipSequence()) return Key{};
    return find(kControls);
  }
  if (!utf8_ && character >= 0x80) return Key{};  // its encoding is not known
  Key key{KeyKind::kText};
  AppendUtf8(key.text, character);
  return key;
}

Key Screen::ReadPaste() {
  Key pasted{KeyKind::kPaste};
  for (;;) {
    wint_t character = 0;
    const int result = ::wget_wch(handle_->keys, &character);
    if (result == ERR) {
      if (interruption_.Wait(STDIN_FILENO, kPastePause) == Interruption::Event::kInput) continue;
      break;
    }
    if (result == KEY_CODE_YES && character == static_cast<unsigned int>(kPasteEnd)) break;
    if (result == KEY_CODE_YES || pasted.text.size() >= kMaxPasteBytes) continue;
    if (character == '\n' || character == '\r' || character == '\t') {
      pasted.text.push_back(' ');
    } else if (character >= ' ' && character != static_cast<unsigned int>(kRubout) &&
               (utf8_ || character < 0x80)) {
      AppendUtf8(pasted.text, character);
    }
  }
  // A line that was copied whole, with its end.
  while (!pasted.text.empty() && pasted.text.back() == ' ') pasted.text.pop_back();
  return pasted;
}

bool Screen::SkipSequence() {
  wint_t character = 0;
  if (::wget_wch(handle_->keys, &character) == ERR) return false;
  if (character != '[' && character != 'O') return true;  // Alt and a key
  // Its last character is a letter or "~" (ECMA-48, 5.4).
  while (::wget_wch(handle_->keys, &character) == OK && (character < '@' || character > '~')) {
  }
  return true;
}

bool Screen::MoreWaits() const {
  pollfd waiting{STDIN_FILENO, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

void Screen::DropInput() { ::flushinp(); }

void Screen::ShowSecret(const Place& place, std::string_view secret) {
  const int width = COLS - 2 * static_cast<int>(place.column);
  int row = static_cast<int>(place.row);
  int column = 0;
  for (const char c : secret) {
    if (column == width) {
      ++row;
      column = 0;
    }
    ::mvaddch(row, static_cast<int>(place.column) + column++,
              static_cast<chtype>(static_cast<unsigned char>(c)) | A_BOLD);
  }
  ::refresh();
}

void Screen::Wipe() {
  // Twice, since a blank cell may be cleared without being written.
  for (const char c : {'#', ' '}) {
    for (int row = 0; row < LINES; ++row) ::mvhline(row, 0, static_cast<chtype>(c), COLS);
    ::touchwin(stdscr);
    ::refresh();
  }
  ::clear();
  ::refresh();
}

}  // namespace claviger::cli::wizard
