#include "cli/wizard/text_field.h"

#include <algorithm>
#include <string_view>

#include "cli/text_width.h"

namespace claviger::cli::wizard {
namespace {

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t CharacterEnd(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  ++at;
  while (at < text.size() && Continues(text[at])) ++at;
  return at;
}

std::size_t CharacterBegin(std::string_view text, std::size_t at) {
  if (at == 0) return 0;
  --at;
  while (at > 0 && Continues(text[at])) --at;
  return at;
}

bool Combines(std::string_view text, std::size_t at) {
  return at < text.size() && DisplayWidth(text.substr(at, CharacterEnd(text, at) - at)) == 0;
}

}  // namespace

std::string TextField::Trimmed() const {
  const std::size_t begin = text_.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text_.substr(begin, text_.find_last_not_of(' ') + 1 - begin);
}

void TextField::Set(std::string text) {
  text_ = std::move(text);
  cursor_ = text_.size();
}

bool TextField::Handle(const Key& key) {
  switch (key.kind) {
    case KeyKind::kText:
    case KeyKind::kPaste:
      Insert(key.text);
      return true;
    case KeyKind::kLeft:
      cursor_ = Before();
      return true;
    case KeyKind::kRight:
      cursor_ = Behind();
      return true;
    case KeyKind::kHome:
      cursor_ = 0;
      return true;
    case KeyKind::kEnd:
      cursor_ = text_.size();
      return true;
    case KeyKind::kBackspace: {
      const std::size_t begin = Before();
      text_.erase(begin, cursor_ - begin);
      cursor_ = begin;
      return true;
    }
    case KeyKind::kDelete:
      text_.erase(cursor_, Behind() - cursor_);
      return true;
    case KeyKind::kClear:
      Set("");
      return true;
    default:
      return false;
  }
}

void TextField::Insert(const std::string& text) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const std::size_t end = CharacterEnd(text, bytes);
    if (text_.size() + end > limit_) break;
    bytes = end;
  }
  text_.insert(cursor_, text, 0, bytes);
  cursor_ += bytes;
}

std::size_t TextField::Before() const {
  std::size_t at = CharacterBegin(text_, cursor_);
  while (at > 0 && Combines(text_, at)) at = CharacterBegin(text_, at);
  return at;
}

std::size_t TextField::Behind() const {
  std::size_t at = CharacterEnd(text_, cursor_);
  while (Combines(text_, at)) at = CharacterEnd(text_, at);
  return at;
}

std::size_t TextField::FirstShown(std::size_t room) const {
  std::size_t first = 0;
  // One column stays for the cursor behind the last character.
  while (first < cursor_ && DisplayWidth(std::string_view(text_).substr(first, cursor_ - first)) + 1 > room) {
    first = CharacterEnd(text_, first);
  }
  return first;
}

std::string TextField::Draw(std::size_t width) const {
  const std::size_t room = width > 3 ? width - 2 : 1;
  const std::string_view rest = std::string_view(text_).substr(FirstShown(room));
  std::size_t end = 0;
  std::size_t columns = 0;
  while (end < rest.size()) {
    const std::size_t next = CharacterEnd(rest, end);
    const std::size_t wide = DisplayWidth(rest.substr(end, next - end));
    if (columns + wide > room) break;
    columns += wide;
    end = next;
  }
  return std::string("[").append(rest.substr(0, end)).append(room - columns, ' ').append("]");
}

std::size_t TextField::CursorColumn(std::size_t width) const {
  const std::size_t room = width > 3 ? width - 2 : 1;
  const std::size_t first = FirstShown(room);
  return 1 + DisplayWidth(std::string_view(text_).substr(first, cursor_ - first));
}

}  // namespace claviger::cli::wizard
