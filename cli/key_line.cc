#include "cli/key_line.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "base/text.h"
#include "cli/json_view.h"
#include "cli/key_words.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kSample = R"({"name": "report", "scopes": ["read:policies:admin"]})";

enum class MemberKind { kText, kTexts, kBegin, kEnd };
struct Member {
  std::string_view name;
  MemberKind kind;
};
constexpr std::array kMembers = {
    Member{"name", MemberKind::kText},        Member{"scopes", MemberKind::kTexts},
    Member{"bundles", MemberKind::kTexts},    Member{"expires", MemberKind::kEnd},
    Member{"not_before", MemberKind::kBegin}, Member{"owner", MemberKind::kText},
    Member{"team", MemberKind::kText},        Member{"description", MemberKind::kText},
    Member{"replaces", MemberKind::kText},    Member{"unscoped_reason", MemberKind::kText},
};

template <class... Values>
Error Wrong(fmt::format_string<Values...> text, Values&&... values) {
  return Error(ErrorCode::kInvalidArgument, fmt::format(text, std::forward<Values>(values)...));
}

Error Unknown(std::string_view name) {
  const std::string shown = EscapeForDisplay(name);
  if (name == "expires_at" || name == "lifetime") {
    return Wrong(R"("{}" is not taken here; write "expires": "30d", a date or a time)", shown);
  }
  if (name == "request_id") return Wrong(R"("{}" is not taken here; claviger makes it itself)", shown);
  std::vector<std::string_view> names;
  for (const Member& member : kMembers) names.push_back(member.name);
  const std::string_view nearest = NearestOf(name, names);
  if (!nearest.empty()) return Wrong(R"("{}" is not known; did you mean "{}")", shown, nearest);
  return Wrong(R"("{}" is not known; a key has {})", shown, fmt::join(names, ", "));
}

Status AddTexts(std::string_view name, simdjson::dom::element value, boost::json::object& parameters) {
  const Error no_list = Wrong(R"("{}" must be a list of texts, such as ["{}"])", name,
                              name == "bundles" ? "read-only" : "read:policies:admin");
  simdjson::dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return no_list;
  boost::json::array texts;
  for (const simdjson::dom::element element : list) {
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS) return no_list;
    texts.emplace_back(text);
  }
  parameters[name] = std::move(texts);
  return Ok();
}

Status AddTime(const Member& member, std::string_view text, UnixSeconds now,
               boost::json::object& parameters) {
  const bool end = member.kind == MemberKind::kEnd;
  const auto when = ReadWhen(member.name, text, end ? DateMeans::kEnd : DateMeans::kBegin, now);
  if (!when) {
    // It begins with the dashes of an option.
    return Wrong("{}; {}", std::string_view(when.error().message).substr(2), when.error().hint);
  }
  if (end && IsDuration(text)) {
    parameters["lifetime"] = *ParseDuration(text);  // by the daemon's clock, which may be another
  } else {
    parameters[end ? "expires_at" : "not_before"] = FormatTime(*when);
  }
  return Ok();
}

Status AddMember(std::string_view name, simdjson::dom::element value, UnixSeconds now,
                 boost::json::object& parameters) {
  const auto* const member =
      std::find_if(kMembers.begin(), kMembers.end(), [&](const Member& known) { return known.name == name; });
  if (member == kMembers.end()) return Unknown(name);
  if (member->kind == MemberKind::kTexts) return AddTexts(member->name, value, parameters);
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return Wrong(R"("{}" must be a text in quotes)", member->name);
  }
  if (member->kind != MemberKind::kText) return AddTime(*member, text, now, parameters);
  parameters[member->name] = text;
  return Ok();
}

// What the daemon would refuse whatever its policy is.
Status CheckWhole(const boost::json::object& parameters) {
  if (!parameters.contains("name")) return Wrong(R"("name" is missing; write {})", kSample);
  for (const char* name : {"name", "owner", "unscoped_reason"}) {
    if (!parameters.contains(name)) continue;
    if (Status fine = CheckText(name, TextOf(parameters, name)); !fine) return fine;
  }
  if (Status fine = CheckOptionalText("team", TextOf(parameters, "team")); !fine) return fine;
  const std::string replaced = TextOf(parameters, "replaces");
  if (parameters.contains("replaces") && replaced.size() != kKeyIdLength) {
    return Wrong("replaces: is no key id; claviger key list shows them");
  }
  const bool scoped = !ArrayOf(parameters, "scopes").empty() || !ArrayOf(parameters, "bundles").empty();
  const bool unscoped = parameters.contains("unscoped_reason");
  if (scoped && unscoped) return Wrong(R"("unscoped_reason" and scopes exclude each other; leave one out)");
  if (scoped || unscoped) return Ok();
  return Wrong(R"(no scopes are given, so the key could do nothing; add "scopes": ["read:policies:admin"])");
}

std::vector<std::string> NamesOf(const boost::json::object& reply, std::string_view list) {
  std::vector<std::string> names;
  for (const boost::json::object* entry : ObjectsOf(ArrayOf(reply, list))) {
    names.push_back(TextOf(*entry, "name"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status CheckNames(const boost::json::object& parameters, std::string_view field,
                  const std::vector<std::string>& known, std::string_view command) {
  for (const boost::json::value& value : ArrayOf(parameters, field)) {
    const std::string_view name = value.get_string();
    if (name.find('*') != std::string_view::npos) continue;
    if (std::binary_search(known.begin(), known.end(), name)) continue;
    const std::string shown = EscapeForDisplay(name);
    const std::string_view nearest =
        NearestOf(name, std::vector<std::string_view>(known.begin(), known.end()));
    if (nearest.empty()) {
      return Wrong(R"({}: "{}" is not in the catalogue; {} shows what is)", field, shown, command);
    }
    return Wrong(R"({}: "{}" is not in the catalogue; did you mean "{}")", field, shown, nearest);
  }
  return Ok();
}

}  // namespace

struct KeyLineReader::Parser {
  simdjson::dom::parser json;
};

KeyLineReader::KeyLineReader() : parser_(std::make_unique<Parser>()) {}
KeyLineReader::~KeyLineReader() = default;

Result<boost::json::object> KeyLineReader::Read(std::string_view text, UnixSeconds now) {
  simdjson::dom::element document;
  const auto failed = parser_->json.parse(text.data(), text.size()).get(document);
  if (failed == simdjson::UTF8_ERROR) return Wrong("is not UTF-8 text");
  if (failed != simdjson::SUCCESS) return Wrong("is not JSON; write {}", kSample);
  simdjson::dom::object members;
  if (document.get_object().get(members) != simdjson::SUCCESS) {
    return Wrong("is not an object; write {}", kSample);
  }
  boost::json::object parameters;
  std::vector<std::string_view> met;
  for (const auto& [name, value] : members) {
    if (std::find(met.begin(), met.end(), name) != met.end()) {
      return Wrong(R"("{}" is given twice; leave one out)", EscapeForDisplay(name));
    }
    met.push_back(name);
    if (const Status added = AddMember(name, value, now, parameters); !added) return added.error();
  }
  if (const Status fine = CheckWhole(parameters); !fine) return fine.error();
  return parameters;
}

Outcome<CatalogueNames> CatalogueNames::Ask(Context& context) {
  const auto scopes = context.daemon().Admin("ListScopes");
  if (!scopes) return scopes.error();
  const auto bundles = context.daemon().Admin("ListBundles");
  if (!bundles) return bundles.error();
  CatalogueNames names;
  names.scopes_ = NamesOf(scopes->parameters, "scopes");
  names.bundles_ = NamesOf(bundles->parameters, "bundles");
  return names;
}

Status CatalogueNames::Check(const boost::json::object& parameters) const {
  if (Status fine = CheckNames(parameters, "scopes", scopes_, "claviger scope list"); !fine) return fine;
  return CheckNames(parameters, "bundles", bundles_, "claviger bundle list");
}

}  // namespace claviger::cli
