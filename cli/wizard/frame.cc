#include "cli/wizard/frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text_width.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kHeadLines = 3;     // title, steps, rule
constexpr std::size_t kMessageLines = 1;  // at least
constexpr std::size_t kMostMessageLines = 2;

std::vector<Line> KeyLines(const std::vector<KeyHint>& hints, std::size_t columns) {
  std::vector<Line> lines(1, Line{{" "}});
  std::size_t used = 1;
  for (const KeyHint& hint : hints) {
    const std::size_t width = DisplayWidth(hint.key) + DisplayWidth(hint.what) + 4;
    if (used + width > columns && used > 1) {
      lines.push_back({{" "}});
      used = 1;
    }
    lines.back().push_back({std::string(hint.key), Look::kBold});
    lines.back().push_back({fmt::format(" {}   ", hint.what)});
    used += width;
  }
  return lines;
}

std::vector<std::string> MessageLines(const Message& message, std::size_t columns) {
  std::vector<std::string> lines = WrapWords(message.text, columns - 2);
  if (lines.size() > kMostMessageLines) lines.resize(kMostMessageLines);
  return lines;
}

Line StepLine(const Frame& frame, const Glyphs& glyphs) {
  Line line = {{" "}};
  for (const Step step : frame.steps) {
    if (line.size() > 1) line.push_back({fmt::format(" {} ", glyphs.between), Look::kFaint});
    const bool here = step == frame.step;
    line.push_back({here ? fmt::format("[{}]", NameOf(step)) : std::string(NameOf(step)),
                    here ? Look::kBold : Look::kFaint});
  }
  return line;
}

std::string TitleLine(const Frame& frame, std::size_t columns, const Glyphs& glyphs) {
  std::string right;
  const auto here = std::find(frame.steps.begin(), frame.steps.end(), frame.step);
  if (here != frame.steps.end()) {
    right = fmt::format(" step {} of {} ", here - frame.steps.begin() + 1, frame.steps.size());
  }
  const std::string left = fmt::format(" New API key {} {}", glyphs.dot, frame.title);
  return Pad(left, columns - right.size(), glyphs.more) + right;
}

}  // namespace

Size BodyOf(const Frame& frame, const Size& size) {
  const std::size_t foot = std::max(MessageLines(frame.message, size.columns).size(), kMessageLines) + 1 +
                           KeyLines(frame.hints, size.columns).size();
  return {size.rows > kHeadLines + foot ? size.rows - kHeadLines - foot : 1, size.columns};
}

View Framed(const Frame& frame, View body, const Size& size, const Glyphs& glyphs) {
  const std::size_t rows = BodyOf(frame, size).rows;
  body = Fit(std::move(body), rows);
  View view;
  view.Add(TitleLine(frame, size.columns, glyphs), Look::kTitle);
  view.lines.push_back(StepLine(frame, glyphs));
  view.Add(Repeat(glyphs.rule, size.columns), Look::kFaint);
  if (body.cursor) view.cursor = Place{kHeadLines + body.cursor->row, body.cursor->column};
  for (Line& line : body.lines) view.lines.push_back(std::move(line));
  while (view.lines.size() < kHeadLines + rows) view.Add("");
  for (const std::string& line : MessageLines(frame.message, size.columns)) {
    view.Add(" " + line, frame.message.look);
  }
  view.Add(Repeat(glyphs.rule, size.columns), Look::kFaint);
  for (Line& line : KeyLines(frame.hints, size.columns)) view.lines.push_back(std::move(line));
  return view;
}

View TooSmall(const Size& size, const Size& least) {
  View view;
  view.AddWrapped(
      fmt::format("The terminal has {}x{}; this needs {}x{}. Make it larger: nothing is lost. Ctrl-C "
                  "leaves.",
                  size.columns, size.rows, least.columns, least.rows),
      0, std::max<std::size_t>(size.columns, 10));
  return view;
}

}  // namespace claviger::cli::wizard
