#include "cli/review_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstddef>

#include "base/clock.h"
#include "base/text.h"
#include "cli/json_view.h"

namespace claviger::cli {
namespace {

// {id} and {owner}: of the first key, or the word for it if there are several; the others are periods.
struct Kind {
  std::string_view kind;
  bool attention;
  std::string_view what;
  std::string_view reason;
  std::string_view command;
  std::string_view other_command;  // "" if there is none
};

// Most urgent first.
constexpr std::array kKinds = {
    Kind{"ended_secret_presented", true, "a secret that was ended is still presented",
         "someone has not changed to the new secret, or the old one is in wrong hands",
         "claviger key show {id}", "claviger key rotate {id} --leaked"},
    Kind{"expired_presented", true, "presented although expired",
         "a service still relies on the key and is refused", "claviger key rotate {id}",
         "claviger key revoke {id}"},
    Kind{"policy", true, "not allowed by the policy any more",
         "the policy was tightened after they were made", "claviger policy check",
         "claviger policy check --deadline 30d"},
    Kind{"lost_scopes", true, "hold scopes that the catalogue does not have",
         "nothing can be asked of these scopes any more", "claviger key show {id}",
         "claviger key edit {id} --remove-scope SCOPE"},
    Kind{"owner_gone", true, "the owner is neither a user nor a group of this host",
         "nobody answers for the key", "claviger principal leave {owner}", ""},
    Kind{"unscoped", true, "full access", "keys without scopes can do everything",
         "claviger rotate plan --unscoped", ""},
    Kind{"expiring", true, "end within {expiring}", "who uses them needs the next secret before",
         "claviger key rotate {id}", ""},
    Kind{"unused", true, "not used for {unused}", "what nobody uses can only be stolen",
         "claviger key revoke --unused-for {unused} --dry-run", ""},
    Kind{"never_used", true, "never used since they were made, over {never} ago",
         "what nobody uses can only be stolen",
         "claviger key revoke --never-used --created-before {never} --dry-run", ""},
    Kind{"long_lived", false, "live longer than {lifetime}", "a stolen key is of use for as long",
         "claviger key edit {id} --expires WHEN", ""},
    Kind{"delete_scopes", false, "can delete", "what they delete may be gone for good",
         "claviger key list --action delete", ""},
    Kind{"same_scopes", false, "hold exactly the scopes of another key", "one of them may be enough",
         "claviger key show {id}", "claviger key revoke {id}"},
};

// What this version does not know is worth a look.
constexpr Kind kUnknownKind = {"", true, "", "", "claviger key show {id}", ""};

// As one word of a shell.
std::string ShellWord(const std::string& text) {
  const bool plain =
      !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
               c == '_' || c == '-' || c == '@';
      });
  if (plain) return text;
  std::string word = text.starts_with('-') ? "-- '" : "'";
  for (const char c : text) word.append(c == '\'' ? "'\\''" : std::string(1, c));
  return word + "'";
}

std::string FillIn(std::string_view text, const Finding& finding, const ReviewPeriods& periods) {
  if (text.empty()) return "";
  std::string id = "KEY_ID";
  std::string owner = "OWNER";
  if (finding.keys.size() == 1 && finding.count == 1) {
    id = ShownText(*finding.keys.front(), "key_id");
    owner = ShellWord(ShownText(*finding.keys.front(), "owner"));
  }
  return fmt::format(fmt::runtime(text), fmt::arg("id", id), fmt::arg("owner", owner),
                     fmt::arg("expiring", FormatDuration(periods.expiring_within)),
                     fmt::arg("unused", FormatDuration(periods.unused_for)),
                     fmt::arg("never", FormatDuration(periods.never_used_for)),
                     fmt::arg("lifetime", FormatDuration(periods.lifetime_over)));
}

std::size_t PlaceOf(std::string_view kind) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& row) { return row.kind == kind; });
  return static_cast<std::size_t>(found - kKinds.begin());
}

Finding Describe(const boost::json::object& object, const ReviewPeriods& periods) {
  Finding finding;
  finding.kind = TextOf(object, "kind");
  finding.count = IntOf(object, "count");
  finding.keys = ObjectsOf(ArrayOf(object, "keys"));
  const std::size_t place = PlaceOf(finding.kind);
  const Kind& kind = place == kKinds.size() ? kUnknownKind : kKinds.at(place);
  finding.attention = kind.attention;
  const std::string what =
      kind.what.empty() ? EscapeForDisplay(finding.kind) : FillIn(kind.what, finding, periods);
  finding.title = fmt::format("{}: {}", CountOfKeys(finding.count), what);
  finding.reason = kind.reason;
  for (const std::string_view command : {kind.command, kind.other_command}) {
    if (!command.empty()) finding.commands.push_back(FillIn(command, finding, periods));
  }
  return finding;
}

}  // namespace

std::string CountOfKeys(std::int64_t count) { return count == 1 ? "1 key" : fmt::format("{} keys", count); }

std::vector<Finding> FindingsOf(const boost::json::object& review, const ReviewPeriods& periods) {
  std::vector<Finding> findings;
  for (const boost::json::object* object : ObjectsOf(ArrayOf(review, "findings"))) {
    if (IntOf(*object, "count") > 0) findings.push_back(Describe(*object, periods));
  }
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::pair(!a.attention, PlaceOf(a.kind)) < std::pair(!b.attention, PlaceOf(b.kind));
  });
  return findings;
}

}  // namespace claviger::cli
