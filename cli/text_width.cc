#include "cli/text_width.h"

#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <memory>
#include <type_traits>

namespace claviger::cli {
namespace {

// The C library's tables for UTF-8, whatever the user's locale says; null if it has none.
locale_t Utf8Locale() {
  static const locale_t kLocale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return kLocale;
}

// While it lives, this thread's wide-character functions know UTF-8.
class LocaleScope {
 public:
  LocaleScope() : before_(Utf8Locale() == nullptr ? nullptr : ::uselocale(Utf8Locale())) {}
  ~LocaleScope() {
    if (before_ != nullptr) ::uselocale(before_);
  }
  LocaleScope(const LocaleScope&) = delete;
  LocaleScope& operator=(const LocaleScope&) = delete;

 private:
  locale_t before_;
};

struct Step {
  std::size_t bytes;
  std::size_t columns;
};

// The first character of `text`, which is not empty.
Step FirstCharacter(std::string_view text) {
  if (static_cast<unsigned char>(text.front()) < 0x80) return {1, 1};
  std::mbstate_t state{};
  wchar_t character = 0;
  const std::size_t bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, 1};
  const int columns = ::wcwidth(character);
  return {bytes, columns < 0 ? 1U : static_cast<std::size_t>(columns)};
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  const LocaleScope scope;
  std::size_t width = 0;
  while (!text.empty()) {
    const Step step = FirstCharacter(text);
    width += step.columns;
    text.remove_prefix(step.bytes);
  }
  return width;
}

std::string Shorten(std::string_view text, std::size_t width, std::string_view mark) {
  if (DisplayWidth(text) <= width) return std::string(text);
  const LocaleScope scope;
  std::size_t columns = 1;  // the mark's
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Step step = FirstCharacter(text.substr(bytes));
    if (columns + step.columns > width) break;
    columns += step.columns;
    bytes += step.bytes;
  }
  return std::string(text.substr(0, bytes)).append(mark);
}

std::vector<std::string> WrapWords(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    const std::size_t word_columns = DisplayWidth(word);
    if (columns > 0 && word_columns + 1 > width - std::min(width, columns)) {
      lines.emplace_back();
      columns = 0;
    }
    if (columns > 0) {
      lines.back().push_back(' ');
      ++columns;
    }
    lines.back().append(word);
    columns += word_columns;
  }
  return lines;
}

}  // namespace claviger::cli
