#include "daemon/store/key_order.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace claviger::store {
namespace {

constexpr std::size_t kMaxCursorBytes = 600;
constexpr char kTextMark = 'x';

// In the order of enum KeySort.
constexpr std::array<SortColumn, 6> kSortColumns = {{
    {"", false, false},
    {"k.name", true, false},
    {"k.owner", true, false},
    {"k.creator", true, false},
    {"k.expires", false, false},
    {"coalesce(u.last_used, 0)", false, true},
}};
static_assert(kSortColumns.size() == static_cast<std::size_t>(KeySort::kLastUsed) + 1);

// A cursor without a copy of its text.
struct Place {
  std::int64_t ref = 0;
  std::int64_t number = 0;
  std::string_view text;
};

// A value of the wrong kind is as none.
Place PlaceOf(const SortColumn& column, const KeyCursor& cursor) {
  Place place{cursor.ref, 0, {}};
  if (column.sql.empty()) return place;
  if (const auto* text = std::get_if<std::string>(&cursor.value); text != nullptr && column.text)
    place.text = *text;
  if (const auto* number = std::get_if<std::int64_t>(&cursor.value); number != nullptr && !column.text)
    place.number = *number;
  return place;
}

Place PlaceOf(const SortColumn& column, const Statement& row) {
  Place place{row.Int(0), 0, {}};
  if (column.sql.empty()) return place;
  if (column.text) {
    place.text = row.TextView(1);
  } else {
    place.number = row.Int(1);
  }
  return place;
}

unsigned char Fold(char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

// By bytes, ASCII letters in any case. As strcmp.
int CompareTexts(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const int difference = Fold(a[i]) - Fold(b[i]);
    if (difference != 0) return difference;
  }
  return a.size() < b.size() ? -1 : static_cast<int>(a.size() > b.size());
}

bool Before(bool descending, const Place& a, const Place& b) {
  const Place& first = descending ? b : a;
  const Place& second = descending ? a : b;
  if (first.number != second.number) return first.number < second.number;
  const int texts = CompareTexts(first.text, second.text);
  return texts != 0 ? texts < 0 : first.ref < second.ref;
}

// Only as std::to_string writes it.
std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(number) != text)
    return std::nullopt;
  return number;
}

std::optional<int> ParseDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> ParseHex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = ParseDigit(digits[i]);
    const auto low = ParseDigit(digits[i + 1]);
    if (!high || !low) return std::nullopt;
    text += static_cast<char>(*high << 4 | *low);
  }
  return text;
}

}  // namespace

std::string KeyCursor::ToString() const {
  const std::string place = std::to_string(ref) + ".";
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return place + std::to_string(std::get<std::int64_t>(value));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex = place + kTextMark;
  for (const char c : *text) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::optional<KeyCursor> KeyCursor::Parse(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (text.size() > kMaxCursorBytes || dot == std::string_view::npos) return std::nullopt;
  const auto ref = ParseNumber(text.substr(0, dot));
  if (!ref) return std::nullopt;
  const std::string_view value = text.substr(dot + 1);
  if (!value.empty() && value.front() == kTextMark) {
    auto words = ParseHex(value.substr(1));
    return words ? std::optional(KeyCursor{*ref, std::move(*words)}) : std::nullopt;
  }
  const auto number = ParseNumber(value);
  return number ? std::optional(KeyCursor{*ref, *number}) : std::nullopt;
}

const SortColumn& SortColumnOf(KeySort sort) { return kSortColumns[static_cast<std::size_t>(sort)]; }

bool ComesBefore(const KeyQuery& query, const KeyCursor& a, const KeyCursor& b) {
  const SortColumn& column = SortColumnOf(query.sort);
  return Before(query.descending, PlaceOf(column, a), PlaceOf(column, b));
}

void FirstPlaces::Offer(const Statement& row) {
  const SortColumn& column = SortColumnOf(query_.sort);
  const Place place = PlaceOf(column, row);
  if (query_.after && !Before(query_.descending, PlaceOf(column, *query_.after), place)) return;
  const auto before = [this](const KeyCursor& a, const KeyCursor& b) { return ComesBefore(query_, a, b); };
  if (heap_.size() == static_cast<std::size_t>(query_.limit)) {
    if (!Before(query_.descending, place, PlaceOf(column, heap_.front()))) return;
    std::pop_heap(heap_.begin(), heap_.end(), before);
    heap_.pop_back();
  }
  KeyCursor cursor{place.ref, place.number};
  if (column.text) cursor.value = std::string(place.text);
  heap_.push_back(std::move(cursor));
  std::push_heap(heap_.begin(), heap_.end(), before);
}

std::vector<KeyCursor> FirstPlaces::Take() {
  std::sort_heap(heap_.begin(), heap_.end(),
                 [this](const KeyCursor& a, const KeyCursor& b) { return ComesBefore(query_, a, b); });
  return std::exchange(heap_, {});
}

}  // namespace claviger::store
