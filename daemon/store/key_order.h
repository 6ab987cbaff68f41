// The orders that keys are listed in.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/store/key_repository.h"
#include "daemon/store/statement.h"

namespace claviger::store {

// What a list is sorted by, as SQL of "key AS k" and "usage AS u".
struct SortColumn {
  std::string_view sql;  // "" = by k.ref alone
  bool text = false;
  bool usage = false;  // it names `u`
};
const SortColumn& SortColumnOf(KeySort sort);

// Keeps the first query.limit of the places that it is shown. `query` must outlive it.
class FirstPlaces {
 public:
  explicit FirstPlaces(const KeyQuery& query) : query_(query) {}

  // `row` holds ref and, unless it is a list by ref alone, the value that is sorted by.
  void Offer(const Statement& row);
  // In the query's order; leaves none.
  std::vector<KeyCursor> Take();

 private:
  const KeyQuery& query_;
  std::vector<KeyCursor> heap_;  // the last of them on top
};

}  // namespace claviger::store
