#include "cli/review_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "cli/fields.h"
#include "cli/json_view.h"
#include "cli/key_words.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kKeyIndent = 4;
constexpr std::size_t kOwners = 8;
constexpr std::array<std::string_view, 5> kStates = {"active", "pending", "paused", "expired", "revoked"};

// The same terminal with the first `indent` columns taken.
Terminal Indented(const Terminal& terminal, std::size_t indent) {
  Terminal narrower = terminal;
  if (terminal.width != kUnlimitedWidth) narrower.width -= std::min(indent, terminal.width / 2);
  return narrower;
}

std::string IndentLines(std::string_view text, std::size_t indent) {
  std::string indented;
  while (!text.empty()) {
    const std::size_t end = text.find('\n') + 1;
    indented.append(indent, ' ').append(text.substr(0, end));
    text.remove_prefix(end);
  }
  return indented;
}

std::string UseOf(const boost::json::object& key, UnixSeconds now) {
  const std::string distance = Distance(TextOf(key, "last_used_at"), now);
  return distance.empty() ? "never used" : "used " + distance;
}

std::string EndOf(const boost::json::object& key, UnixSeconds now) {
  const std::string distance = Distance(TextOf(key, "expires_at"), now);
  return (distance.ends_with("ago") ? "ended " : "ends ") + distance;
}

// Without titles: each cell says what it is.
std::string KeyLines(const Finding& finding, std::size_t keys_each, const Terminal& terminal,
                     UnixSeconds now) {
  const Terminal narrower = Indented(terminal, kKeyIndent);
  Table table({{"", 0}, {"", 0, true}, {"", 3, true}, {"", 2}, {"", 1}, {"", 4, true}}, narrower);
  const std::size_t shown = std::min(keys_each, finding.keys.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const boost::json::object& key = *finding.keys[i];
    table.AddRow({{ShownText(key, "key_id")},
                  {ShownText(key, "name")},
                  {ShownText(key, "owner")},
                  {UseOf(key, now)},
                  {EndOf(key, now)},
                  {ShownText(key, "detail"), Style::kFaint}});
  }
  std::string lines = table.Render();
  lines.erase(0, lines.find('\n') + 1);
  if (finding.count > static_cast<std::int64_t>(shown)) {
    lines += fmt::format("and {} more\n", finding.count - static_cast<std::int64_t>(shown));
  }
  return IndentLines(lines, kKeyIndent);
}

std::string RenderFinding(const Finding& finding, std::size_t keys_each, const Terminal& terminal,
                          UnixSeconds now) {
  const std::string mark = finding.attention ? Styled("! ", Style::kAttention, terminal.color) : "  ";
  std::string text = fmt::format("\n{}{}\n", mark, Styled(finding.title, Style::kBold, terminal.color));
  std::string reason;
  for (const std::string& line : WrapWords(finding.reason, Indented(terminal, 2).width)) {
    if (!line.empty()) reason += line + "\n";
  }
  text += IndentLines(reason, 2);
  text += KeyLines(finding, keys_each, terminal, now);
  for (const std::string& command : finding.commands) text += "  -> " + command + "\n";
  return text;
}

// "12 active, 3 paused": what is not zero.
template <std::size_t kSize>
std::string Counts(const boost::json::object& counts, const std::array<std::string_view, kSize>& names) {
  std::string text;
  for (const std::string_view name : names) {
    const std::int64_t count = IntOf(counts, name);
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return text.empty() ? "none" : text;
}

std::string Owners(const boost::json::object& review) {
  const auto owners = ObjectsOf(ArrayOf(review, "owners"));
  std::string text;
  for (std::size_t i = 0; i < std::min(kOwners, owners.size()); ++i) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", ShownText(*owners[i], "owner"),
                        IntOf(*owners[i], "keys"));
  }
  return owners.size() <= kOwners ? text : text + fmt::format(", and {} more", owners.size() - kOwners);
}

// When keys end: "until 2026-12-01 3, until 2026-12-08 12, later 1"; stretches without any are left out.
std::string Ends(const boost::json::object& review) {
  std::string text;
  for (const boost::json::object* span : ObjectsOf(ArrayOf(review, "expiries"))) {
    const std::int64_t keys = IntOf(*span, "keys");
    if (keys == 0) continue;
    const auto until = ParseTime(TextOf(*span, "until"));
    const bool open = until && *until == kLatestTime;
    text += text.empty() ? "" : ", ";
    text += open ? fmt::format("later {}", keys)
                 : fmt::format("until {:.10} {}", ShownText(*span, "until"), keys);
  }
  return text;
}

std::string Totals(const boost::json::object& review, const Terminal& terminal) {
  Fields fields;
  fields.Add("keys", Counts(ObjectOf(review, "states"), kStates));
  fields.Add("scoped", ShownInt(review, "scoped"));
  fields.Add("unscoped", ShownInt(review, "unscoped"));
  fields.Add("never used", ShownInt(review, "never_used"));
  fields.Add("can", Counts(ObjectOf(review, "actions"), kActions));
  fields.Add("owners", Owners(review));
  fields.Add("end", Ends(review));
  return fmt::format("\n{}\n{}", Styled("Totals", Style::kBold, terminal.color), fields.Render(terminal, 2));
}

}  // namespace

std::string Conclusion(const std::vector<Finding>& findings) {
  const auto count = std::count_if(findings.begin(), findings.end(),
                                   [](const Finding& finding) { return finding.attention; });
  if (count == 0) return "nothing needs attention";
  return count == 1 ? "1 finding needs attention" : fmt::format("{} findings need attention", count);
}

std::string RenderReview(const boost::json::object& review, const std::vector<Finding>& findings,
                         std::size_t keys_each, const Terminal& terminal, UnixSeconds now) {
  std::string text = fmt::format("Review of {}: {}\n", ShownText(review, "at"), Conclusion(findings));
  for (const Finding& finding : findings) text += RenderFinding(finding, keys_each, terminal, now);
  return text + Totals(review, terminal);
}

}  // namespace claviger::cli
