// The keys of one finding of a review: all are counted, the most urgent are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace claviger::api {

struct FoundKey {
  std::int64_t ref = 0;
  std::int64_t urgency = 0;
  std::string detail;  // may be empty
};

class FindingList {
 public:
  explicit FindingList(std::size_t limit) : limit_(limit) {}

  // `detail` is called only if the key is among the `limit` most urgent so far.
  void Offer(std::int64_t ref, std::int64_t urgency, const std::function<std::string()>& detail);

  std::int64_t count() const { return count_; }
  // Most urgent first; equally urgent ones in order of age.
  std::vector<FoundKey> Keys() const;

 private:
  std::size_t limit_;
  std::int64_t count_ = 0;
  std::vector<FoundKey> kept_;  // a heap, the least urgent on top
};

}  // namespace claviger::api
