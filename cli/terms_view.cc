#include "cli/terms_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "cli/json_view.h"
#include "cli/key_words.h"
#include "cli/style.h"
#include "cli/text_width.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMostNamed = 6;  // resources, or keys, in one sentence
constexpr std::size_t kSentenceWidth = 78;

// "a", "a and b", "a, b and c"; more than kMostNamed: "a, b, c, d, e, f and 4 more".
std::string Enumerate(const std::vector<std::string>& words, std::string_view last = "and") {
  const std::size_t named = words.size() > kMostNamed ? kMostNamed : words.size();
  std::string text;
  for (std::size_t i = 0; i < named; ++i) {
    const bool final = i + 1 == named && named == words.size();
    if (i > 0) text += final ? fmt::format(" {} ", last) : ", ";
    text += words[i];
  }
  if (named < words.size()) text += fmt::format(" {} {} more", last, words.size() - named);
  return text;
}

// What a scope without its action opens: "policies:admin" is "policies of admin", "*:admin" is "everything of
// admin", "*" is "everything".
std::string Resource(std::string_view rest) {
  const std::size_t colon = rest.find(':');
  const std::string_view resource = rest.substr(0, colon);
  std::string name = resource == "*" ? "everything" : std::string(resource);
  if (colon == std::string_view::npos) return name;
  const std::string_view domain = rest.substr(colon + 1);
  return domain == "*" ? name + " everywhere" : fmt::format("{} of {}", name, domain);
}

// "domains of admin", "policies of admin" as "domains and policies of admin"; such groups one after the
// other.
std::string Resources(const std::vector<std::string>& rests) {
  std::vector<std::string> ends;  // in the order in which they first appear
  std::map<std::string, std::vector<std::string>> by_end;
  for (const std::string& rest : rests) {
    const std::string whole = Resource(rest);
    const std::size_t space = std::min(whole.find(' '), whole.size());
    const std::string end = whole.substr(space);
    auto& names = by_end[end];
    if (names.empty()) ends.push_back(end);
    names.push_back(whole.substr(0, space));
  }
  std::vector<std::string> groups;
  groups.reserve(ends.size());
  for (const std::string& end : ends) groups.push_back(Enumerate(by_end[end]) + end);
  if (groups.size() == 1) return groups.front();
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i > 0) text += i + 1 == groups.size() ? ", and " : ", ";
    text += groups[i];
  }
  return text;
}

}  // namespace

Fields TermsFields(const boost::json::object& terms, UnixSeconds now) {
  Fields fields;
  fields.Add("name", ShownText(terms, "name"));
  fields.Add("description", ShownText(terms, "description"));
  fields.Add("owner", ShownText(terms, "owner"));
  fields.Add("team", ShownText(terms, "team"));
  fields.Add("creator", ShownText(terms, "creator"));
  fields.Add("replaces", ShownText(terms, "replaces"));
  const std::string not_before = ShownText(terms, "not_before");
  const auto begin = ParseTime(not_before);
  if (begin && *begin > now) fields.Add("valid from", ShowTime(not_before, now));
  fields.Add("expires", ShowTime(ShownText(terms, "expires_at"), now));
  fields.AddList("bundles", ShownList(terms, "bundles"));
  if (BoolOf(terms, "unscoped")) {
    fields.Add("scopes", "unscoped: full access");
    fields.Add("reason", ShownText(terms, "unscoped_reason"));
  } else {
    fields.AddList("scopes", ShownList(terms, "scopes"));
  }
  return fields;
}

std::string AbilitySentence(const boost::json::object& terms) {
  if (BoolOf(terms, "unscoped")) {
    return "It can read, write and delete everything, in every service that asks Claviger, and whatever is "
           "added later. There is nothing that it cannot do.";
  }
  std::map<std::string, std::vector<std::string>, std::less<>> by_action;
  for (const std::string& scope : ShownList(terms, "scopes")) {
    const std::size_t colon = scope.find(':');
    const bool whole = colon == std::string::npos;  // the pattern "read:*" has none that could be missing
    by_action[scope.substr(0, colon)].push_back(whole ? "*" : scope.substr(colon + 1));
  }
  std::string can;
  std::vector<std::string> cannot;
  for (const std::string_view action : kActions) {
    const auto found = by_action.find(action);
    if (found == by_action.end()) {
      cannot.emplace_back(action);
    } else {
      can += fmt::format("{} {} {}", can.empty() ? "It can" : "; it can", action, Resources(found->second));
    }
  }
  std::string sentence = (can.empty() ? "It can do nothing" : can) + ".";
  if (!cannot.empty()) sentence += fmt::format(" It cannot {} anything.", Enumerate(cannot, "or"));
  return sentence;
}

std::vector<std::string> WarningLines(const boost::json::object& preview) {
  std::vector<std::string> lines;
  for (const boost::json::object* warning : ObjectsOf(ArrayOf(preview, "warnings"))) {
    lines.push_back(ShownText(*warning, "message"));
  }
  const auto same = ShownList(preview, "same_scopes");
  if (!same.empty()) lines.push_back("the same scopes: " + Enumerate(same));
  return lines;
}

std::string ReviewPage(const boost::json::object& preview, UnixSeconds now, const Terminal& terminal) {
  const boost::json::object& terms = ObjectOf(preview, "terms");
  const std::size_t width = std::min(terminal.width, kSentenceWidth);
  std::string page = TermsFields(terms, now).Render(terminal, 2);
  page.push_back('\n');
  for (const std::string& line : WrapWords(AbilitySentence(terms), width)) page.append(line).push_back('\n');
  const auto warnings = WarningLines(preview);
  if (!warnings.empty()) page.push_back('\n');
  for (const std::string& warning : warnings) {
    bool first = true;
    for (const std::string& line : WrapWords(warning, width - std::min<std::size_t>(width, 9))) {
      page += first ? Styled("warning:", Style::kAttention, terminal.color) + " " : std::string(9, ' ');
      page.append(line).push_back('\n');
      first = false;
    }
  }
  return page;
}

}  // namespace claviger::cli
