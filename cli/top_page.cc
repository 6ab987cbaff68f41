#include "cli/top_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "cli/accounts.h"
#include "cli/figure_text.h"
#include "cli/text_width.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

using wizard::Line;
using wizard::Look;
using wizard::Pad;
using wizard::Size;
using wizard::Span;
using wizard::View;

constexpr std::size_t kGap = 3;     // between columns of text
constexpr std::size_t kWide = 110;  // columns from which a key has its id and its name
constexpr std::size_t kKeyIdColumns = 17;
constexpr std::size_t kRateColumns = 10;
constexpr std::size_t kVerdictLines = 2;

std::string Right(std::string_view text, std::size_t width) {
  const std::size_t used = DisplayWidth(text);
  return std::string(width - std::min(width, used), ' ') + std::string(text);
}

void AddTitle(View& view, const TopPage& page, const Size& size) {
  std::string left = " claviger top   " + page.host;
  std::string right = page.live ? fmt::format("every {}", page.interval) : "";
  if (page.now) {
    left += fmt::format("   up {}", RoughDuration(page.now->elapsed / 1'000'000'000));
    right += (right.empty() ? "" : "   ") + page.now->now;
  }
  right += " ";
  const std::size_t room = size.columns - std::min(size.columns, DisplayWidth(right));
  view.lines.push_back({{Pad(left, room, page.more) + right, Look::kTitle}});
}

// What an operator must know before any figure; an empty line if there is nothing.
void AddState(View& view, const TopPage& page) {
  if (!page.problem.empty()) {
    view.Add(page.problem, Look::kBad);
  } else if (page.now && !page.now->serving) {
    view.Add(fmt::format("not serving: verifications are answered with unavailable; the token is {}",
                         page.now->token_state),
             Look::kBad);
  } else {
    view.Add("");
  }
}

Look LookOf(std::string_view code, std::int64_t count) {
  if (count == 0) return Look::kFaint;
  if (code == "valid") return Look::kGood;
  return code == "unavailable" ? Look::kBad : Look::kAttention;
}

// The codes that were ever answered, with how often each second; in at most kVerdictLines.
void AddVerdicts(View& view, const TopPage& page, const Size& size) {
  std::vector<Line> lines(1);
  std::size_t used = 0;
  for (std::size_t i = 0; page.now && i < page.now->verdicts.size(); ++i) {
    const auto& [code, ever] = page.now->verdicts[i];
    if (ever == 0 && code != "valid") continue;
    const bool known = page.since && i < page.since->verdicts.size();
    const std::int64_t count = known ? page.since->verdicts[i].second : 0;
    const std::string rate = known ? ShowRate(count, page.since->seconds()) : kNoFigure;
    const std::string text = fmt::format("{} {}", code, rate);
    if (used != 0 && used + kGap + DisplayWidth(text) > size.columns) {
      if (lines.size() == kVerdictLines) break;
      lines.emplace_back();
      used = 0;
    }
    lines.back().push_back({std::string(used == 0 ? 2 : kGap, ' '), Look::kPlain});
    lines.back().push_back({text, LookOf(code, count)});
    used += (used == 0 ? 2 : kGap) + DisplayWidth(text);
  }
  for (Line& line : lines) view.lines.push_back(std::move(line));
}

void AddVerifications(View& view, const TopPage& page, const Size& size) {
  const bool known = page.since.has_value();
  const std::string rate = known ? ShowRate(page.since->verifications(), page.since->seconds()) : kNoFigure;
  const std::string part = ShowPart(known ? page.since->from_memory_part() : std::nullopt);
  view.lines.push_back({{"Verifications", Look::kBold},
                        {"   "},
                        {rate, Look::kBold},
                        {" per second   keys found in memory: "},
                        {part, Look::kBold}});
  AddVerdicts(view, page, size);
}

void AddDurations(View& view, const TopPage& page) {
  constexpr std::size_t kLabelColumns = 25;
  constexpr std::array<std::size_t, 5> kColumns = {11, 11, 11, 13, 9};
  constexpr std::array<double, 3> kParts = {0.5, 0.99, 0.999};
  const auto row = [&](std::string_view label, const std::array<std::string, 5>& cells) {
    std::string text = Pad(label, kLabelColumns, page.more);
    for (std::size_t i = 0; i < cells.size(); ++i) text += Right(cells.at(i), kColumns.at(i));
    return text;
  };
  view.Add(row("Time taken", {"per second", "50% within", "99% within", "99.9% within", "waiting"}),
           Look::kBold);
  for (const FigureRow& figure : kFigureRows) {
    std::array<std::string, 5> cells;
    cells.fill(kNoFigure);
    if (page.since) {
      const DurationHistogram& durations = (*page.since).*figure.durations;
      cells[0] = ShowRate(static_cast<std::int64_t>(durations.count()), page.since->seconds());
      for (std::size_t i = 0; i < kParts.size(); ++i)
        cells.at(i + 1) = ShowDuration(durations.Percentile(kParts.at(i)));
    }
    if (figure.waiting == nullptr) {
      cells[4].clear();
    } else if (page.now) {
      cells[4] = ShowCount((*page.now).*figure.waiting);
    }
    view.Add(row(fmt::format("  {}", figure.label), cells));
  }
}

void AddResources(View& view, const TopPage& page) {
  const auto count = [&](std::int64_t Figures::*member) {
    return page.now ? ShowCount((*page.now).*member) : kNoFigure;
  };
  view.lines.push_back(
      {{"Keys in memory ", Look::kBold},
       {fmt::format("{} of at most {}", count(&Figures::cached_keys), count(&Figures::cache_capacity))},
       {"   Memory ", Look::kBold},
       {page.now ? ShowBytes(page.now->memory) : kNoFigure},
       {"   Connections ", Look::kBold},
       {count(&Figures::connections)}});
}

// How a key or a caller is called where there is one column for it.
std::string TitleOf(const BusyRow& row, bool ids) {
  if (!row.key_id.empty()) return ids || row.name.empty() ? row.key_id : row.name;
  return row.name.empty() ? UserName(row.uid) : row.name;
}

std::vector<BusyRow> Sorted(std::vector<BusyRow> rows, BusySort sort, bool ids) {
  // By what the daemon sorts by where it does not matter, so that rows do not jump.
  std::stable_sort(rows.begin(), rows.end(), [&](const BusyRow& a, const BusyRow& b) {
    switch (sort) {
      case BusySort::kDenials:
        return a.denied > b.denied;
      case BusySort::kName:
        return TitleOf(a, ids) < TitleOf(b, ids);
      case BusySort::kVerifications:
        break;
    }
    return a.valid + a.denied > b.valid + b.denied;
  });
  return rows;
}

// One half of the lower part.
struct Half {
  std::string_view title;
  std::size_t width;
  bool wide;  // keys by id and name
  bool ids;   // else by id alone
};

// Titles, and a row for each of the busiest.
std::vector<Line> Busiest(const Half& half, const std::vector<BusyRow>& rows, double seconds,
                          const TopPage& page) {
  const std::size_t name_width = half.width - 2 * kRateColumns;
  std::vector<Line> lines = {{{Pad(half.title, name_width, page.more) + Right("valid/s", kRateColumns) +
                                   Right("denied/s", kRateColumns),
                               Look::kBold}}};
  for (const BusyRow& row : Sorted(rows, page.sort, half.ids)) {
    std::string name = "  ";
    if (half.wide && !row.key_id.empty()) {
      name += row.key_id + "  " + Pad(row.name, name_width - kKeyIdColumns - 4, page.more);
    } else {
      name += Pad(TitleOf(row, half.ids), name_width - 2, page.more);
    }
    lines.push_back({{name + Right(ShowRate(row.valid, seconds), kRateColumns)},
                     {Right(ShowRate(row.denied, seconds), kRateColumns),
                      row.denied > 0 ? Look::kAttention : Look::kFaint}});
  }
  if (rows.empty()) lines.push_back({{Pad(fmt::format("  {}", kNoFigure), half.width, page.more)}});
  return lines;
}

void AddBusiest(View& view, const TopPage& page, const Size& size, std::size_t rows) {
  if (rows < 2) return;
  const bool wide = size.columns >= kWide;
  const std::size_t left_width = (size.columns - kGap) * (wide ? 60 : 52) / 100;
  const std::size_t right_width = size.columns - kGap - left_width;
  const Figures none;
  const Figures& figures = page.now ? *page.now : none;
  const double seconds = static_cast<double>(figures.busiest_over) / 1e9;
  const auto left =
      Busiest({"Busiest keys", left_width, wide, page.ids}, figures.busiest_keys, seconds, page);
  const auto right =
      Busiest({"Busiest callers", right_width, wide, false}, figures.busiest_callers, seconds, page);
  for (std::size_t i = 0; i < std::min(rows, std::max(left.size(), right.size())); ++i) {
    Line line = i < left.size() ? left[i] : Line{{std::string(left_width, ' ')}};
    if (i < right.size()) {
      line.push_back({std::string(kGap, ' ')});
      line.insert(line.end(), right[i].begin(), right[i].end());
    }
    view.lines.push_back(std::move(line));
  }
}

void AddHelp(View& view, const Size& size) {
  const std::size_t width = std::min<std::size_t>(size.columns, 100);
  for (
      const std::string_view text :
      {"All figures are of the time since the page was last drawn, those of the busiest of the daemon's last "
       "two seconds or so; - means that nothing happened of which there could be a figure.",
       "answered at once: by what is in memory. The time is from when the daemon was woken until the answers "
       "had left, so it holds the answers to all calls that came together.",
       "answered after a wait: the key's record or the proof of its secret was not in memory, so database "
       "or token were asked. The time is from the reading of the call.",
       "50% within, 99% within: so many took at most this long, to a sixteenth. waiting: how many have been "
       "asked and not been answered now.",
       "Busiest: keys and services by verifications with the right secret, at most 20 of each."}) {
    view.AddWrapped(text, 2, width);
    view.Add("");
  }
}

Line Hints(const TopPage& page) {
  Line line;
  const auto hint = [&](std::string_view key, std::string_view what, bool chosen) {
    line.push_back({fmt::format(" {} ", key), Look::kChosen});
    line.push_back({fmt::format(" {}  ", what), chosen ? Look::kBold : Look::kPlain});
  };
  if (page.help) {
    hint("any key", "back", false);
    return line;
  }
  hint("q", "quit", false);
  line.push_back({"busiest: "});
  hint("v", "verified", page.sort == BusySort::kVerifications);
  hint("d", "denied", page.sort == BusySort::kDenials);
  hint("n", "by name", page.sort == BusySort::kName);
  hint("i", "ids", page.ids);
  hint("?", "help", false);
  return line;
}

}  // namespace

View DrawTop(const TopPage& page, const Size& size) {
  View view;
  AddTitle(view, page, size);
  AddState(view, page);
  const std::size_t last = size.rows - (page.live ? 1 : 0);
  if (page.help) {
    AddHelp(view, size);
  } else {
    AddVerifications(view, page, size);
    view.Add("");
    AddDurations(view, page);
    view.Add("");
    AddResources(view, page);
    view.Add("");
    AddBusiest(view, page, size, last - std::min(last, view.lines.size()));
  }
  view.lines.resize(page.live ? last : std::min(last, view.lines.size()));
  if (page.live) view.lines.push_back(Hints(page));
  return view;
}

}  // namespace claviger::cli
