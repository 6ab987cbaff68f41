#include "cli/figure_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace claviger::cli {
namespace {

struct Unit {
  double size;
  std::string_view name;
};

// In the largest unit of which it is at least one, with one digit behind the point below 10.
template <std::size_t kUnits>
std::string InUnits(double value, const std::array<Unit, kUnits>& units) {
  const Unit* unit = &units.front();
  for (const Unit& larger : units) {
    // 999.6 of a unit would be rounded to 1000 of it.
    if (value >= larger.size * 0.9995) unit = &larger;
  }
  const double count = value / unit->size;
  // Rounded first, so that 9.96 is "10" and not "10.0".
  return count < 9.95 ? fmt::format("{:.1f} {}", count, unit->name)
                      : fmt::format("{:.0f} {}", count, unit->name);
}

}  // namespace

std::string ShowCount(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string CountedKeys(std::int64_t count) { return count == 1 ? "1 key" : fmt::format("{} keys", count); }

std::string ShowRate(std::int64_t count, double seconds) {
  if (seconds <= 0) return kNoFigure;
  const double rate = static_cast<double>(count) / seconds;
  if (count == 0) return "0";
  if (rate < 9.95) return fmt::format("{:.{}f}", rate, rate < 0.095 ? 2 : 1);
  return ShowCount(std::llround(rate));
}

std::string ShowDuration(std::optional<std::chrono::nanoseconds> duration) {
  static constexpr std::array kUnits = {Unit{1, "ns"}, Unit{1e3, "us"}, Unit{1e6, "ms"}, Unit{1e9, "s"}};
  if (!duration) return kNoFigure;
  const auto nanoseconds = static_cast<double>(duration->count());
  if (nanoseconds < 1) return "0 us";
  return InUnits(nanoseconds, kUnits);
}

std::string ShowPart(std::optional<double> part) {
  if (!part) return kNoFigure;
  const double percent = std::floor(*part * 1000) / 10;
  return fmt::format("{:.{}f} %", percent, percent >= 100 || percent <= 0 ? 0 : 1);
}

std::string ShowBytes(std::int64_t bytes) {
  static constexpr std::array kUnits = {Unit{1024.0, "KiB"}, Unit{1048576.0, "MiB"},
                                        Unit{1073741824.0, "GiB"}};
  return bytes <= 0 ? kNoFigure : InUnits(static_cast<double>(bytes), kUnits);
}

}  // namespace claviger::cli
