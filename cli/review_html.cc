#include "cli/review_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstdint>

#include "cli/html.h"
#include "cli/json_view.h"
#include "cli/review_style.h"
#include "cli/review_text.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kOwnerBars = 20;
constexpr std::size_t kDateLength = 10;  // of "2026-12-24"

// A figure of the first line of the page.
struct Figure {
  std::string_view title;
  std::int64_t count;
};

std::string Cards(const boost::json::object& review) {
  const boost::json::object& states = ObjectOf(review, "states");
  const std::array figures = {
      Figure{"active", IntOf(states, "active")},         Figure{"pending", IntOf(states, "pending")},
      Figure{"paused", IntOf(states, "paused")},         Figure{"expired", IntOf(states, "expired")},
      Figure{"revoked", IntOf(states, "revoked")},       Figure{"without scopes", IntOf(review, "unscoped")},
      Figure{"never used", IntOf(review, "never_used")},
  };
  std::string text = "<ul class=\"cards\">\n";
  for (const Figure& figure : figures) {
    text += fmt::format("<li><b>{}</b> {}</li>\n", figure.count, Html(figure.title));
  }
  return text + "</ul>\n";
}

std::string KeyRow(const boost::json::object& key, bool details, UnixSeconds now) {
  const std::string used = Distance(TextOf(key, "last_used_at"), now);
  const std::string scopes = BoolOf(key, "unscoped") ? "unscoped" : ShownInt(key, "scopes");
  std::string row = "<tr>";
  const auto cell = [&row](std::string_view label, std::string_view content) {
    const bool text = label == "name" || label == "owner" || label == "detail";
    row += fmt::format("<td{} data-label=\"{}\">{}</td>", text ? " class=\"text\"" : "", label, content);
  };
  cell("key id", fmt::format("<code>{}</code>", Html(ShownText(key, "key_id"))));
  cell("name", Html(ShownText(key, "name")));
  cell("owner", Html(ShownText(key, "owner")));
  cell("state", Html(ShownText(key, "state")));
  cell("scopes", Html(scopes));
  cell("created", Html(Distance(TextOf(key, "created_at"), now)));
  cell("last used", Html(used.empty() ? "never" : used));
  cell("expires", Html(ShownText(key, "expires_at").substr(0, kDateLength)));
  if (details) cell("detail", Html(ShownText(key, "detail")));
  return row + "</tr>\n";
}

std::string KeyTable(const Finding& finding, UnixSeconds now) {
  const bool details = std::any_of(finding.keys.begin(), finding.keys.end(),
                                   [](const auto* key) { return !TextOf(*key, "detail").empty(); });
  std::string text = "<table class=\"keys\"><thead><tr>";
  for (const std::string_view title :
       {"key id", "name", "owner", "state", "scopes", "created", "last used", "expires"}) {
    text += fmt::format("<th scope=\"col\">{}</th>", title);
  }
  if (details) text += "<th scope=\"col\">detail</th>";
  text += "</tr></thead><tbody>\n";
  for (const boost::json::object* key : finding.keys) text += KeyRow(*key, details, now);
  return text + "</tbody></table>\n";
}

std::string FindingArticle(const Finding& finding, UnixSeconds now) {
  std::string text = fmt::format(
      "<article class=\"{}\" id=\"{}\"><h3>{}</h3>\n<p class=\"soft\">{}</p>\n<ul class=\"commands\">",
      finding.attention ? "attention" : "information", Html(finding.kind), Html(finding.title),
      Html(finding.reason));
  for (const std::string& command : finding.commands) {
    text += fmt::format("<li><code>{}</code></li>", Html(command));
  }
  text += "</ul>\n";
  if (!finding.keys.empty()) text += KeyTable(finding, now);
  const auto more = finding.count - static_cast<std::int64_t>(finding.keys.size());
  if (more > 0) text += fmt::format("<p class=\"soft\">and {} more</p>\n", more);
  return text + "</article>\n";
}

std::string Findings(const std::vector<Finding>& findings, bool attention, std::string_view title,
                     UnixSeconds now) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.attention == attention) text += FindingArticle(finding, now);
  }
  return text.empty() ? "" : fmt::format("<section><h2>{}</h2>\n{}</section>\n", title, text);
}

std::string SpanHint(const boost::json::object& span) {
  return fmt::format("{:.10} to {:.10}: {}", ShownText(span, "from"), ShownText(span, "until"),
                     CountOfKeys(IntOf(span, "keys")));
}

// The day on which it begins; what has no end, or no beginning, in sight is "later" or "earlier".
std::string DateLabel(const boost::json::object& span) {
  const auto from = ParseTime(TextOf(span, "from"));
  const auto until = ParseTime(TextOf(span, "until"));
  if (until && *until == kLatestTime) return "later";
  if (from && *from == kEarliestTime) return "earlier";
  return ShownText(span, "from").substr(0, kDateLength);
}

std::vector<Bar> SpanBars(const boost::json::object& review, std::string_view name) {
  std::vector<Bar> bars;
  for (const boost::json::object* span : ObjectsOf(ArrayOf(review, name))) {
    bars.push_back({DateLabel(*span), SpanHint(*span), {{IntOf(*span, "keys"), "plain"}}});
  }
  return bars;
}

std::vector<Bar> ActionBars(const boost::json::object& review) {
  const boost::json::object& actions = ObjectOf(review, "actions");
  std::vector<Bar> bars;
  const auto add = [&](std::string_view label, std::int64_t keys, std::string_view look) {
    bars.push_back({std::string(label), fmt::format("{}: {}", label, CountOfKeys(keys)), {{keys, look}}});
  };
  add("read", IntOf(actions, "read"), "plain");
  add("write", IntOf(actions, "write"), "plain");
  add("delete", IntOf(actions, "delete"), "bad");
  add("everything", IntOf(review, "unscoped"), "attention");
  return bars;
}

std::vector<Bar> OwnerBars(const boost::json::object& review) {
  std::vector<Bar> bars;
  for (const boost::json::object* owner : ObjectsOf(ArrayOf(review, "owners"))) {
    if (bars.size() == kOwnerBars) break;
    const std::int64_t keys = IntOf(*owner, "keys");
    const std::int64_t unscoped = std::min(IntOf(*owner, "unscoped"), keys);
    const std::int64_t deleting = std::min(IntOf(*owner, "with_delete"), keys - unscoped);
    bars.push_back(
        {ShownText(*owner, "owner"),
         fmt::format("{}, {} without scopes, {} that can delete", CountOfKeys(keys), unscoped, deleting),
         {{keys - unscoped - deleting, "plain"}, {deleting, "bad"}, {unscoped, "attention"}}});
  }
  return bars;
}

std::string Charts(const boost::json::object& review) {
  std::string text = "<section><h2>Keys that have not ended</h2>\n<div class=\"charts\">\n";
  text += ColumnChart("When they end", SpanBars(review, "expiries"));
  text += ColumnChart("When they were made", SpanBars(review, "ages"));
  std::vector<Bar> uses = SpanBars(review, "uses");
  const std::int64_t never = IntOf(review, "never_used");
  uses.insert(uses.begin(), {"never", "never used: " + CountOfKeys(never), {{never, "attention"}}});
  text += ColumnChart("When they were last used", uses);
  text += "<div class=\"panel\">" + BarTable("What they can do", ActionBars(review)) + "</div>\n";
  text += "<div class=\"panel\">" + BarTable("Who owns them", OwnerBars(review));
  text +=
      "<p class=\"soft legend\"><i class=\"plain\"></i>read or write<i class=\"bad\"></i>can delete"
      "<i class=\"attention\"></i>without scopes</p>";
  const std::size_t owners = ArrayOf(review, "owners").size();
  if (owners > kOwnerBars)
    text += fmt::format("<p class=\"soft\">and {} more owners</p>", owners - kOwnerBars);
  return text + "</div>\n</div></section>\n";
}

}  // namespace

std::string ReviewPage(const boost::json::object& review, const std::vector<Finding>& findings,
                       std::string_view host, UnixSeconds now) {
  const bool attention =
      std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.attention; });
  const std::string at = Html(ShownText(review, "at"));
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>API keys of {}, {}</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<header><h1>API keys of {}</h1>\n<p class=\"soft\">as they were at <time "
      "datetime=\"{}\">{}</time></p>\n"
      "<p class=\"verdict {}\">{}</p></header>\n",
      Html(host), at, kReviewStyle, Html(host), at, at, attention ? "attention" : "good",
      Conclusion(findings));
  text += "<main>\n" + Cards(review);
  text += Findings(findings, true, "What needs attention", now);
  text += Charts(review);
  text += Findings(findings, false, "For information", now);
  return text + "</main>\n</body>\n</html>\n";
}

}  // namespace claviger::cli
