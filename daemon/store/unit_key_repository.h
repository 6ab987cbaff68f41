// Reads and writes the table `unit_key`: which key a credential of a unit has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/keys/key_string.h"
#include "daemon/store/statement.h"

namespace claviger::store {

struct UnitKey {
  std::string unit;
  std::string credential;
  keys::KeyId key;            // it may have been purged since
  std::string control_group;  // of the unit, whose end is the key's; "": the key does not end with the unit

  friend bool operator==(const UnitKey&, const UnitKey&) = default;
};

// Thread-compatible; lives on the store thread; `database` must outlive it.
class UnitKeyRepository {
 public:
  static Result<std::unique_ptr<UnitKeyRepository>> Create(Database& database);

  // nullopt: it has never had one.
  Result<std::optional<UnitKey>> Find(std::string_view unit, std::string_view credential);
  // In place of what stands there for this unit and credential.
  Status Put(const UnitKey& key);
  // Those with a control group.
  Result<std::vector<UnitKey>> EndingWithUnit();

 private:
  explicit UnitKeyRepository(std::vector<Statement> statements) : statements_(std::move(statements)) {}
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
