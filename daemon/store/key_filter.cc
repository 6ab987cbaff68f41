#include "daemon/store/key_filter.h"

#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "daemon/keys/scope.h"

namespace claviger::store {
namespace {

using keys::KeyState;
using Values = std::vector<SqlValue>;

// Where a condition looks: into the index `key_listing`, into the key's own row, or besides into its usage.
enum class Reads { kListing, kScopes, kUsage };

struct Condition {
  std::string_view sql;
  Reads reads;
  // Appends what is bound; false and nothing appended: the filter does not ask for this.
  bool (*bind)(const KeyFilter&, Values&);
};

bool BindText(const std::string& text, Values& values) {
  if (text.empty()) return false;
  values.emplace_back(text);
  return true;
}

bool BindTime(const std::optional<UnixSeconds>& time, Values& values) {
  if (!time) return false;
  values.emplace_back(*time);
  return true;
}

// As KeyRecord::StateAt(?): the bit of a key's state is looked up in the set of those that are asked for.
static_assert(static_cast<int>(KeyState::kPending) == 0 && static_cast<int>(KeyState::kActive) == 1 &&
              static_cast<int>(KeyState::kPaused) == 2 && static_cast<int>(KeyState::kExpired) == 3 &&
              static_cast<int>(KeyState::kRevoked) == 4);
constexpr std::string_view kStateSql =
    "(? >> CASE WHEN k.state = 3 THEN 4 WHEN k.state = 2 THEN 2 WHEN k.not_before > ? THEN 0 "
    "WHEN k.expires <= ? THEN 3 ELSE 1 END) & 1";

bool BindStates(const KeyFilter& filter, Values& values) {
  if (filter.states.empty()) return false;
  std::int64_t set = 0;
  for (const KeyState state : filter.states) set |= std::int64_t{1} << static_cast<int>(state);
  values.insert(values.end(), {set, filter.now, filter.now});
  return true;
}

// The wildcards of LIKE stand for themselves.
bool BindSearch(const KeyFilter& filter, Values& values) {
  if (filter.search.empty()) return false;
  std::string pattern = "%";
  for (const char c : filter.search) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  pattern += '%';
  values.insert(values.end(), 3, pattern);
  return true;
}

// As many as there are parameters for; a word that stands there twice does no harm.
constexpr int kMaxGrants = 5;

bool BindGrants(const KeyFilter& filter, Values& values) {
  if (filter.gives_scope.empty()) return false;
  std::vector<std::string> grants = keys::GrantsThatGive(filter.gives_scope);
  grants.resize(kMaxGrants, filter.gives_scope);
  values.insert(values.end(), grants.begin(), grants.end());
  return true;
}

// Scopes are separated by one space.
bool BindAction(const KeyFilter& filter, Values& values) {
  if (filter.holds_action.empty()) return false;
  values.emplace_back(" " + filter.holds_action + ":");
  return true;
}

constexpr Condition kConditions[] = {
    {"k.owner = ?", Reads::kListing, [](const KeyFilter& f, Values& v) { return BindText(f.owner, v); }},
    {"k.creator = ?", Reads::kListing, [](const KeyFilter& f, Values& v) { return BindText(f.creator, v); }},
    {"k.team = ?", Reads::kListing, [](const KeyFilter& f, Values& v) { return BindText(f.team, v); }},
    {"k.created >= ?", Reads::kListing,
     [](const KeyFilter& f, Values& v) { return BindTime(f.created.from, v); }},
    {"k.created < ?", Reads::kListing,
     [](const KeyFilter& f, Values& v) { return BindTime(f.created.until, v); }},
    {"k.expires >= ?", Reads::kListing,
     [](const KeyFilter& f, Values& v) { return BindTime(f.expires.from, v); }},
    {"k.expires < ?", Reads::kListing,
     [](const KeyFilter& f, Values& v) { return BindTime(f.expires.until, v); }},
    {"k.unscoped = ?", Reads::kListing,
     [](const KeyFilter& f, Values& v) {
       if (f.kind) v.emplace_back(std::int64_t{*f.kind == KeyKind::kUnscoped});
       return f.kind.has_value();
     }},
    {kStateSql, Reads::kListing, BindStates},
    {"(k.name LIKE ? ESCAPE '\\' OR k.owner LIKE ? ESCAPE '\\' OR k.creator LIKE ? ESCAPE '\\')",
     Reads::kListing, BindSearch},
    {"k.unscoped = 0 AND have_a_word(k.scopes, ?, ?, ?, ?, ?)", Reads::kScopes, BindGrants},
    {"k.unscoped = 0 AND instr(' ' || k.scopes, ?) > 0", Reads::kScopes, BindAction},
    {"u.last_used >= ?", Reads::kUsage,
     [](const KeyFilter& f, Values& v) { return BindTime(f.last_used.from, v); }},
    {"u.last_used < ?", Reads::kUsage,
     [](const KeyFilter& f, Values& v) { return BindTime(f.last_used.until, v); }},
    {"coalesce(u.last_used, k.created) < ?", Reads::kUsage,
     [](const KeyFilter& f, Values& v) { return BindTime(f.unused_since, v); }},
    {"(u.last_used IS NOT NULL) = ?", Reads::kUsage,
     [](const KeyFilter& f, Values& v) {
       if (f.used) v.emplace_back(std::int64_t{*f.used});
       return f.used.has_value();
     }},
};

std::string_view TakeWord(std::string_view& words) {
  const std::size_t end = std::min(words.find(' '), words.size());
  const std::string_view word = words.substr(0, end);
  words.remove_prefix(std::min(end + 1, words.size()));
  return word;
}

std::string_view TextOf(sqlite3_value* value) {
  const unsigned char* text = sqlite3_value_text(value);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// have_a_word(words, word...): whether one of the words is among `words`, which one space separates.
void HaveAWord(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
  std::array<std::string_view, kMaxGrants> wanted;
  for (int i = 0; i < kMaxGrants; ++i) wanted.at(static_cast<std::size_t>(i)) = TextOf(arguments[i + 1]);
  std::string_view words = TextOf(arguments[0]);
  while (!words.empty()) {
    const std::string_view word = TakeWord(words);
    if (std::find(wanted.begin(), wanted.end(), word) != wanted.end()) {
      return sqlite3_result_int(context, 1);
    }
  }
  sqlite3_result_int(context, 0);
}

Status CheckFilter(const KeyFilter& filter) {
  if (filter.search.size() > kMaxSearchBytes) {
    return Error(ErrorCode::kInvalidArgument, "a text to search for has at most " +
                                                  std::to_string(kMaxSearchBytes) + " bytes: shorten it");
  }
  for (const std::string* text : {&filter.search, &filter.owner, &filter.creator, &filter.team}) {
    if (text->find('\0') != std::string::npos) {
      return Error(ErrorCode::kInvalidArgument, "a filter holds a zero byte, which no key does: remove it");
    }
  }
  if (!filter.gives_scope.empty()) {
    if (const auto scope = keys::ParseScope(filter.gives_scope); !scope) return scope.error();
  }
  if (!filter.holds_action.empty() && !keys::ParseScopeAction(filter.holds_action)) {
    return Error(ErrorCode::kInvalidArgument, "there is no such action: it is one of read, write and delete");
  }
  return Ok();
}

}  // namespace

Result<FilterSql> MakeFilterSql(const KeyFilter& filter, const RefRange& range) {
  if (Status s = CheckFilter(filter); !s) return s.error();
  FilterSql sql{"k.ref BETWEEN ? AND ?", {range.first, range.last}};
  for (const Condition& condition : kConditions) {
    if (!condition.bind(filter, sql.values)) continue;
    sql.where.append(" AND ").append(condition.sql);
    sql.usage = sql.usage || condition.reads == Reads::kUsage;
    sql.listing = sql.listing && condition.reads != Reads::kScopes;
  }
  return sql;
}

Status AddFilterFunctions(Database& database) {
  if (sqlite3_create_function_v2(database.handle(), "have_a_word", kMaxGrants + 1,
                                 SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, HaveAWord, nullptr, nullptr,
                                 nullptr) != SQLITE_OK) {
    return database.LastError("adding an SQL function");
  }
  return Ok();
}

}  // namespace claviger::store
