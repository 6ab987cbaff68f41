// What the tests of the store and of the audit log work on: a folder that goes away, a key, records.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "daemon/keys/record.h"
#include "daemon/store/database.h"
#include "daemon/store/statement.h"
#include "daemon/store/store_thread.h"

namespace claviger::store {

class TempFolder {
 public:
  TempFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "claviger-store-XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~TempFolder() {
    if (!path_.empty()) std::filesystem::remove_all(path_);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline Secret SampleKey(std::uint8_t fill = 0x5a) {
  return Secret(std::vector<std::uint8_t>(kDatabaseKeyBytes, fill));
}

// Opens or fails the test: for tests that are about something else.
inline std::unique_ptr<Database> OpenSample(const std::string& path) {
  Result<std::unique_ptr<Database>> database = Database::Open(path, SampleKey());
  if (!database) {
    ADD_FAILURE() << database.error().message();
    return nullptr;
  }
  return std::move(*database);
}

inline keys::KeyId SampleId(std::uint32_t number) {
  keys::KeyId id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
  id.bytes[11] = 7;
  return id;
}

inline keys::Generation SampleGeneration(std::uint32_t number) {
  keys::Generation generation;
  generation.number = number;
  generation.verifier.fill(static_cast<std::uint8_t>(number));
  generation.created = 1700000000 + number;
  return generation;
}

inline keys::KeyRecord SampleRecord(std::uint32_t number) {
  keys::KeyRecord record;
  record.id = SampleId(number);
  record.name = "key " + std::to_string(number);
  record.owner = "alice";
  record.creator = "bob";
  record.created = 1700000000;
  record.not_before = 1700000000;
  record.expires = 1800000000;
  record.scopes = {"read:policies:admin", "write:users"};
  record.generations = {SampleGeneration(1)};
  record.mac.fill(0xab);
  return record;
}

// The first column of the first row; fails the test if there is none.
inline std::int64_t QueryInt(Database& database, std::string_view sql) {
  Result<Statement> statement = Statement::Prepare(database, sql);
  if (!statement) {
    ADD_FAILURE() << statement.error().message();
    return -1;
  }
  Result<bool> row = statement->Step();
  if (!row || !*row) {
    ADD_FAILURE() << "no row";
    return -1;
  }
  return statement->Int(0);
}

// A Done whose status can be waited for.
class Waiter {
 public:
  StoreThread::Done done() {
    return [promise = promise_](const Status& status) { promise->set_value(status); };
  }
  Status Get() { return promise_->get_future().get(); }

 private:
  std::shared_ptr<std::promise<Status>> promise_ = std::make_shared<std::promise<Status>>();
};

inline Status OpenAndWait(StoreThread& thread, Secret key = SampleKey(), StoreThread::Work opened = {}) {
  Waiter waiter;
  thread.Open(std::move(key), std::move(opened), waiter.done());
  return waiter.Get();
}

inline Status CloseAndWait(StoreThread& thread) {
  Waiter waiter;
  thread.Close(waiter.done());
  return waiter.Get();
}

inline Status RunAndWait(StoreThread& thread, WorkKind kind, StoreThread::Work work) {
  Waiter waiter;
  if (Status s = thread.Submit(kind, std::move(work), waiter.done()); !s) return s;
  return waiter.Get();
}

// Holds the store thread inside a read until Release, so that what is submitted meanwhile forms one group.
class Gate {
 public:
  explicit Gate(StoreThread& thread) {
    const Status submitted = thread.Submit(
        WorkKind::kRead,
        [entered = entered_, released = released_](Tables&) {
          entered->set_value();
          released->get_future().wait();
          return Ok();
        },
        [](const Status&) {});
    EXPECT_TRUE(submitted);
    if (submitted) entered_->get_future().wait();
  }
  ~Gate() { Release(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void Release() {
    if (!std::exchange(open_, true)) released_->set_value();
  }

 private:
  std::shared_ptr<std::promise<void>> entered_ = std::make_shared<std::promise<void>>();
  std::shared_ptr<std::promise<void>> released_ = std::make_shared<std::promise<void>>();
  bool open_ = false;
};

}  // namespace claviger::store
