#include "cli/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace claviger::cli {
namespace {

constexpr int kBarWidth = 1000;  // of the longest bar, in units of its own picture

// Of the column chart, in units of its picture.
constexpr double kChartWidth = 360;
constexpr double kPlotHeight = 120;
constexpr double kLeft = 30;         // before the first column, for its label
constexpr double kTop = 16;          // above the highest column, for its total
constexpr double kLabelHeight = 62;  // below, for labels that stand askew
constexpr double kGapShare = 0.25;   // of the room of a column
constexpr double kWidestColumn = 48;

std::int64_t Highest(const std::vector<Bar>& bars) {
  std::int64_t highest = 1;
  for (const Bar& bar : bars) highest = std::max(highest, bar.total());
  return highest;
}

std::string BarPicture(const Bar& bar, std::int64_t highest) {
  std::string text = fmt::format(
      "<svg class=\"bar\" viewBox=\"0 0 {} 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
      kBarWidth);
  double x = 0;
  for (const BarPart& part : bar.parts) {
    if (part.value <= 0) continue;
    const double width = kBarWidth * static_cast<double>(part.value) / static_cast<double>(highest);
    text += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"10\"/>", part.look,
                        x, width);
    x += width;
  }
  return text + "</svg>";
}

// Its parts on top of each other, the first at the bottom.
std::string BarColumn(const Bar& bar, std::int64_t highest, double middle, double width) {
  const double bottom = kTop + kPlotHeight;
  double y = bottom;
  std::string text = fmt::format("<g><title>{}</title>", Html(bar.hint));
  for (const BarPart& part : bar.parts) {
    if (part.value <= 0) continue;
    const double height =
        std::max(1.0, kPlotHeight * static_cast<double>(part.value) / static_cast<double>(highest));
    y -= height;
    text += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
                        part.look, middle - width / 2, y, width, height);
  }
  if (bar.total() > 0) {
    text +=
        fmt::format("<text class=\"total\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", middle, y - 4, bar.total());
  }
  text +=
      fmt::format("<text class=\"label\" transform=\"translate({:.1f},{:.1f}) rotate(-55)\">{}</text></g>",
                  middle + 3, bottom + 12, Html(bar.label));
  return text;
}

}  // namespace

std::string Html(std::string_view text) {
  std::string safe;
  for (const char c : EscapeForDisplay(text)) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '"') {
      safe += "&quot;";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::int64_t Bar::total() const {
  std::int64_t sum = 0;
  for (const BarPart& part : parts) sum += std::max<std::int64_t>(part.value, 0);
  return sum;
}

std::string BarTable(std::string_view title, const std::vector<Bar>& bars) {
  std::string text = fmt::format("<table class=\"bars\"><caption>{}</caption>\n", Html(title));
  const std::int64_t highest = Highest(bars);
  for (const Bar& bar : bars) {
    text += fmt::format(
        "<tr title=\"{}\"><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td></tr>\n",
        Html(bar.hint), Html(bar.label), BarPicture(bar, highest), bar.total());
  }
  return text + "</table>\n";
}

std::string ColumnChart(std::string_view title, const std::vector<Bar>& bars) {
  const double room = (kChartWidth - kLeft) / static_cast<double>(std::max<std::size_t>(bars.size(), 1));
  const double width = std::min(room * (1 - kGapShare), kWidestColumn);
  const std::int64_t highest = Highest(bars);
  std::string text = fmt::format(
      "<figure><figcaption>{}</figcaption>\n"
      "<svg class=\"columns\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">\n",
      Html(title), Html(title), kChartWidth, kTop + kPlotHeight + kLabelHeight);
  double middle = kLeft + room / 2;
  for (const Bar& bar : bars) {
    text += BarColumn(bar, highest, middle, width) + "\n";
    middle += room;
  }
  const double bottom = kTop + kPlotHeight;
  return text +
         fmt::format("<line class=\"axis\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n</svg></figure>\n",
                     kLeft, bottom, kChartWidth, bottom);
}

}  // namespace claviger::cli
