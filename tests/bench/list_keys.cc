// How long lists and walks over many keys take, on a real encrypted database.
//
//     list_keys [KEYS] [FOLDER]        100000 keys in a folder of its own under TMPDIR, removed at the end
//
// Prints, for each list or walk, the processor time of all steps together and of the longest one: right after
// the database was opened (cold) and again (warm).
#include <fmt/core.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "daemon/store/connection.h"
#include "tests/bench/ending.h"

namespace claviger::store {
namespace {

constexpr UnixSeconds kNow = 1800000000;
constexpr std::int64_t kDay = 86400;

using bench::Need;

std::unique_ptr<Connection> Open(const std::string& path) {
  return Need(
      Connection::Open(path, Secret(std::vector<std::uint8_t>(kDatabaseKeyBytes, std::uint8_t{0x5a}))));
}

// Makes keys as a large organization might have them.
class Population {
 public:
  keys::KeyRecord Next() {
    keys::KeyRecord record;
    record.created = kNow - 700 * kDay + static_cast<std::int64_t>(made_) * 500;
    record.id = keys::KeyId::Make(record.created);
    record.name = fmt::format("{} {} {}", Pick(kWords), Pick(kWords), made_);
    if (Chance(50)) record.description = std::string(Below(120), 'd');
    record.owner = fmt::format("svc-{}-{}", Pick(kWords), Below(200));
    record.creator = fmt::format("admin{}", Below(20));
    record.team = fmt::format("team-{}", Below(30));
    record.not_before = record.created + (Chance(1) ? 900 * kDay : 0);
    record.expires = record.created + static_cast<std::int64_t>(1 + Below(900)) * kDay;
    record.unscoped = Chance(2);
    if (record.unscoped) {
      record.unscoped_reason = "migrated from the old system";
    } else {
      AddScopes(record);
    }
    if (Chance(5)) record.state = keys::RecordState::kPaused;
    if (Chance(20)) {
      record.state = keys::RecordState::kRevoked;
      record.revoked_at = record.created + kDay;
      record.end_reason = "no longer needed";
    }
    AddGenerations(record);
    record.mac.fill(0xab);
    ++made_;
    return record;
  }

  UsageIncrement UsageOf(const keys::KeyRecord& record) {
    UsageIncrement increment;
    increment.id = record.id;
    const std::size_t callers = Chance(1) ? 50 : 1 + Below(2);
    for (std::size_t i = 0; i < callers; ++i) {
      increment.uses.push_back(
          {record.current().number,
           {1000 + static_cast<std::uint32_t>(i), fmt::format("{}.service", Pick(kWords))},
           0,
           record.created + static_cast<std::int64_t>(Below(100)) * kDay,
           static_cast<std::int64_t>(Below(100000))});
    }
    if (Chance(30)) {
      increment.denials = 3;
      increment.last_denied = record.created + 101 * kDay;
      increment.last_denial = keys::VerdictCode::kExpired;
    }
    return increment;
  }

  bool Chance(int percent) { return Below(100) < static_cast<std::size_t>(percent); }

 private:
  static constexpr std::array kWords = {"billing", "nightly", "export",  "gateway", "search", "mail",
                                        "backup",  "monitor", "reports", "deploy",  "ledger", "intake"};

  std::size_t Below(std::size_t limit) { return random_() % limit; }
  const char* Pick(const std::array<const char*, 12>& words) { return words.at(Below(words.size())); }

  void AddScopes(keys::KeyRecord& record) {
    static constexpr std::array kActions = {"read", "read", "write", "delete"};
    for (std::size_t scopes = 1 + Below(20); scopes > 0; --scopes) {
      record.scopes.push_back(fmt::format("{}:{}-{}:admin", kActions.at(Below(4)), Pick(kWords), Below(10)));
    }
    std::sort(record.scopes.begin(), record.scopes.end());
    record.scopes.erase(std::unique(record.scopes.begin(), record.scopes.end()), record.scopes.end());
  }

  void AddGenerations(keys::KeyRecord& record) {
    keys::Generation generation;
    generation.number = 1;
    generation.created = record.created;
    generation.verifier.fill(0x11);
    if (Chance(20)) {
      generation.ends = record.created + 3 * kDay;
      record.generations.push_back(generation);
      generation.ends.reset();
      generation.number = 2;
    }
    record.generations.push_back(generation);
  }

  std::mt19937 random_{1};
  std::size_t made_ = 0;
};

void Fill(const std::string& path, std::int64_t keys) {
  const std::unique_ptr<Connection> connection = Open(path);
  Tables& tables = connection->tables();
  Population population;
  for (std::int64_t made = 0; made < keys;) {
    Need(connection->transaction().Begin());
    for (const std::int64_t until = std::min(keys, made + 1000); made < until; ++made) {
      const keys::KeyRecord record = population.Next();
      Need(tables.keys.Insert(record));
      if (population.Chance(70)) Need(tables.usage.Add(population.UsageOf(record)));
    }
    Need(connection->transaction().Commit());
  }
}

double ResidentMegabytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

// Milliseconds of processor time that this thread has used: what an idle host takes, since reading comes from
// the page cache and does not wait.
double Processor() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Timing {
  double total = 0;    // ms
  double longest = 0;  // ms
  std::size_t found = 0;

  void Add(double step) {
    total += step;
    longest = std::max(longest, step);
  }
};

// One step; how many keys it gave. True in `done` ends the walk.
using Step = std::function<std::size_t(KeyRepository&, const RefRange&, bool& done)>;

Timing Walk(KeyRepository& keys, std::int64_t size, bool descending, const Step& step) {
  Timing timing;
  bool done = false;
  const std::int64_t last = Need(keys.LastRef());
  const std::int64_t steps = (last + size - 1) / size;
  for (std::int64_t i = 0; i < steps && !done; ++i) {
    const std::int64_t first = (descending ? steps - 1 - i : i) * size + 1;
    const double begin = Processor();
    timing.found += step(keys, {first, first + size - 1}, done);
    timing.Add(Processor() - begin);
  }
  return timing;
}

// The first page of 50, as a daemon makes it: parts merged, then the records of the page read.
Timing FirstPage(KeyRepository& keys, const KeyQuery& query) {
  std::vector<KeyCursor> best;
  const auto limit = static_cast<std::size_t>(query.limit);
  Timing timing =
      Walk(keys, KeyRepository::kScanStep, query.descending,
           [&](KeyRepository& from, const RefRange& range, bool& done) {
             std::vector<KeyCursor> part = Need(from.Search(query, range));
             best.insert(best.end(), part.begin(), part.end());
             std::sort(best.begin(), best.end(),
                       [&query](const KeyCursor& a, const KeyCursor& b) { return ComesBefore(query, a, b); });
             best.resize(std::min(best.size(), limit));
             done = query.sort == KeySort::kCreated && best.size() == limit;
             return std::size_t{0};
           });
  std::vector<std::int64_t> refs;
  for (const KeyCursor& cursor : best) refs.push_back(cursor.ref);
  const double begin = Processor();
  timing.found = Need(keys.Read(refs)).size();
  timing.Add(Processor() - begin);
  return timing;
}

struct Case {
  std::string name;
  std::function<Timing(KeyRepository&)> run;
};

std::vector<Case> SortCases() {
  const std::pair<const char*, KeySort> sorts[] = {
      {"created", KeySort::kCreated}, {"name", KeySort::kName},       {"owner", KeySort::kOwner},
      {"creator", KeySort::kCreator}, {"expires", KeySort::kExpires}, {"last used", KeySort::kLastUsed}};
  std::vector<Case> cases;
  for (const auto& [name, sort] : sorts) {
    for (const bool descending : {false, true}) {
      KeyQuery query;
      query.sort = sort;
      query.descending = descending;
      query.limit = 51;
      cases.push_back({fmt::format("page by {}{}", name, descending ? ", descending" : ""),
                       [query](KeyRepository& keys) { return FirstPage(keys, query); }});
    }
  }
  return cases;
}

// Sorted by name, so that all keys are looked at.
Case FilterCase(const char* name, const std::function<void(KeyFilter&)>& set) {
  KeyQuery query;
  query.sort = KeySort::kName;
  query.limit = 51;
  query.filter.now = kNow;
  set(query.filter);
  return {fmt::format("page by name: {}", name),
          [query](KeyRepository& keys) { return FirstPage(keys, query); }};
}

std::vector<Case> FilterCases() {
  return {
      FilterCase("state active", [](KeyFilter& f) { f.states = {keys::KeyState::kActive}; }),
      FilterCase("search \"ledger 99\"", [](KeyFilter& f) { f.search = "ledger 99"; }),
      FilterCase("search \"zzz\"", [](KeyFilter& f) { f.search = "zzz"; }),
      FilterCase("owner", [](KeyFilter& f) { f.owner = "svc-mail-7"; }),
      FilterCase("creator", [](KeyFilter& f) { f.creator = "admin7"; }),
      FilterCase("team", [](KeyFilter& f) { f.team = "team-7"; }),
      FilterCase("unscoped", [](KeyFilter& f) { f.kind = KeyKind::kUnscoped; }),
      FilterCase("created",
                 [](KeyFilter& f) {
                   f.created = {kNow - 300 * kDay, kNow - 200 * kDay};
                 }),
      FilterCase("expires",
                 [](KeyFilter& f) {
                   f.expires = {kNow, kNow + 30 * kDay};
                 }),
      FilterCase("last used", [](KeyFilter& f) { f.last_used.until = kNow - 90 * kDay; }),
      FilterCase("unused since", [](KeyFilter& f) { f.unused_since = kNow - 90 * kDay; }),
      FilterCase("never used", [](KeyFilter& f) { f.used = false; }),
      FilterCase("gives scope", [](KeyFilter& f) { f.gives_scope = "read:mail-3:admin"; }),
      FilterCase("holds delete", [](KeyFilter& f) { f.holds_action = "delete"; }),
  };
}

std::vector<Case> WalkCases() {
  KeyFilter text;
  text.search = "ledger 99";
  KeyFilter all;
  all.now = kNow;
  return {
      {"count all",
       [all](KeyRepository& keys) {
         return Walk(keys, KeyRepository::kScanStep, false,
                     [&all](KeyRepository& from, const RefRange& range, bool&) {
                       return static_cast<std::size_t>(Need(from.CountMatches(all, range)));
                     });
       }},
      {"count a search",
       [text](KeyRepository& keys) {
         return Walk(keys, KeyRepository::kScanStep, false,
                     [&text](KeyRepository& from, const RefRange& range, bool&) {
                       return static_cast<std::size_t>(Need(from.CountMatches(text, range)));
                     });
       }},
      {"summaries of all",
       [all](KeyRepository& keys) {
         return Walk(keys, KeyRepository::kWalkStep, false,
                     [&all](KeyRepository& from, const RefRange& range, bool&) {
                       return Need(from.Summaries(all, range)).size();
                     });
       }},
  };
}

void Measure(const std::string& path, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const std::unique_ptr<Connection> connection = Open(path);
    const Timing cold = one.run(connection->tables().keys);
    const Timing warm = one.run(connection->tables().keys);
    fmt::print("{:<36} {:>8} {:>10.1f} {:>10.1f} {:>10.1f} {:>10.1f}\n", one.name, warm.found, cold.total,
               cold.longest, warm.total, warm.longest);
  }
}

void MeasureMemory(const std::string& path) {
  const std::unique_ptr<Connection> connection = Open(path);
  WalkCases().back().run(connection->tables().keys);
  const double before = ResidentMegabytes();
  connection->database().ReleaseMemory();
  fmt::print("resident after a walk {:.1f} MB, when its memory is released {:.1f} MB\n", before,
             ResidentMegabytes());
}

int Main(int count, char** arguments) {
  const std::int64_t keys = count > 1 ? std::strtoll(arguments[1], nullptr, 10) : 100000;
  std::string folder =
      ((count > 2 ? std::filesystem::path(arguments[2]) : std::filesystem::temp_directory_path()) /
       "claviger-list-XXXXXX")
          .string();
  if (keys < 1 || mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "usage: list_keys [KEYS] [FOLDER]\n");
    return 2;
  }
  const std::string path = folder + "/keys.db";
  const double begin = Processor();
  Fill(path, keys);
  fmt::print("filled in {:.0f} ms\n", Processor() - begin);
  fmt::print("{} keys, {:.1f} MB, resident {:.1f} MB\n", keys,
             static_cast<double>(std::filesystem::file_size(path)) / 1e6, ResidentMegabytes());
  fmt::print("{:<36} {:>8} {:>10} {:>10} {:>10} {:>10}\n", "ms", "keys", "cold", "longest", "warm",
             "longest");
  Measure(path, SortCases());
  Measure(path, FilterCases());
  Measure(path, WalkCases());
  MeasureMemory(path);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace claviger::store

int main(int count, char** arguments) { return claviger::store::Main(count, arguments); }
