// What tests of the cache's snapshot start from: a host with a token in software and a clock that can be set.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/file.h"
#include "daemon/api/cache_snapshot.h"
#include "daemon/api/verify_reply.h"
#include "tests/unit/keys/sample_records.h"
#include "tests/unit/keys/software_token.h"

namespace claviger::api {

using keys::KeyRecord;
using keys::kTestNow;
using std::chrono::minutes;
using std::chrono::seconds;

class SetTime final : public TimeSource {
 public:
  UnixSeconds Wall() const override { return wall; }
  std::int64_t Boottime() const override { return boottime; }
  std::atomic<UnixSeconds> wall{kTestNow};
  std::atomic<std::int64_t> boottime{5000};
};

// What a daemon has of this.
struct Host {
  explicit Host(const SetTime& time, std::size_t capacity = 100000)
      : cache(capacity), profiles(ProfileText), clock(time), snapshot(PartsWith(time), Log()) {}

  CacheSnapshot::Parts PartsWith(const SetTime& time) { return {cache, profiles, proof_key, time, clock}; }
  CacheSnapshot::Log Log() {
    return [this](Severity, const std::string& line) { lines.push_back(line); };
  }
  keys::KeyEntryPtr Put(const KeyRecord& record) {
    const auto entry = keys::KeyEntry::Make(record, profiles.Of(record, live->catalogue));
    cache.Put(entry);
    return entry;
  }
  // With a proof of "secret <name>" for the current generation.
  keys::KeyEntryPtr PutProved(const KeyRecord& record, seconds life = minutes(5)) {
    const auto entry = Put(record);
    entry->HoldProof(record.current().number, proof_key.Prove("secret " + record.name), SteadyNow() + life);
    return entry;
  }
  bool Knows(const KeyRecord& record, SteadyTime now = SteadyNow()) {
    const auto entry = cache.Find(record.id);
    return entry && entry->ProvedGeneration(proof_key.Prove("secret " + record.name), now);
  }

  std::vector<std::string> lines;
  const LiveSettingsPtr live = [] {
    LiveSettings settings;
    settings.catalogue = keys::SampleCatalogue();
    return std::make_shared<const LiveSettings>(std::move(settings));
  }();
  keys::KeyCache cache;
  keys::KeyProfiles profiles;
  keys::ProofKey proof_key;
  GuardedClock clock;
  CacheSnapshot snapshot;
};

inline KeyRecord RecordOf(std::uint32_t number) {
  KeyRecord record = keys::SampleRecord();
  for (std::size_t i = 0; i < 4; ++i) record.id.bytes[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  record.name = "key " + std::to_string(number);
  record.mac.fill(static_cast<std::uint8_t>(number));
  return record;
}

class CacheSnapshotTest : public ::testing::Test {
 protected:
  CacheSnapshotTest() {
    std::string folder = "/tmp/claviger-snapshot-XXXXXX";
    folder_ = ::mkdtemp(folder.data());
  }
  ~CacheSnapshotTest() override {
    CacheSnapshot::Discard(Path());
    ::rmdir(folder_.c_str());
  }

  std::string Path() const { return folder_ + "/cache.snapshot"; }
  CacheSnapshot::Place Place() { return {Path(), token_, "0123456789abcdef0123456789abcdef"}; }
  static StoreMoment Moment() {
    StoreMoment moment{7, 12, {}};
    moment.newest_act.fill(3);
    return moment;
  }
  // A host that leaves `records`, all proved.
  void Leave(const std::vector<KeyRecord>& records) {
    Host host(time_);
    for (const KeyRecord& record : records) host.PutProved(record);
    const auto written = host.snapshot.Write(Place(), Moment(), *host.live);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(*written, records.size());
  }
  // Expects that what lies there is not used by a host that starts now, and why.
  void ExpectIgnored(const CacheSnapshot::Place& place, const StoreMoment& moment, const std::string& why) {
    Host host(time_);
    EXPECT_FALSE(host.snapshot.Claim(place, moment, host.live));
    ASSERT_EQ(host.lines.size(), 1U);
    EXPECT_NE(host.lines[0].find(why), std::string::npos) << host.lines[0];
    host.snapshot.StartLoading();
    EXPECT_EQ(host.cache.size(), 0U);
    EXPECT_FALSE(Exists(Path()));
  }

  std::string folder_;
  SetTime time_;
  keys::SoftwareToken token_{1};
};

// The log line is what tells that the loading is over, so the vector is read only by who waits for it.
class Loaded {
 public:
  explicit Loaded(const SetTime& time, std::size_t capacity = 100000)
      : host(time, capacity),
        snapshot_(host.PartsWith(time), [this](Severity severity, const std::string& line) {
          severity_ = severity;
          line_ = line;
          done_ = true;
        }) {}
  bool Claim(const CacheSnapshot::Place& place, const StoreMoment& moment,
             const LiveSettingsPtr& live = nullptr) {
    return snapshot_.Claim(place, moment, live ? live : host.live);
  }
  void Start() { snapshot_.StartLoading(); }
  // The line that it ends with.
  const std::string& Line() {
    while (!done_) std::this_thread::yield();
    return line_;
  }
  Severity severity() {
    Line();
    return severity_;
  }

  Host host;

 private:
  Severity severity_ = Severity::kError;
  std::string line_;
  std::atomic<bool> done_{false};
  CacheSnapshot snapshot_;
};

}  // namespace claviger::api
