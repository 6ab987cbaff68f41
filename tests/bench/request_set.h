// What the load generator asks, and what it expects to be answered: prepared in one block of memory, so that
// a batch is one slice of it and costs no copying.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::bench {

// Requests of one form. Each line of `lines` makes one: {key} in `request` becomes the line, {id} the part of
// the line between its first and its second underscore, or the whole line if it has none.
struct RequestGroup {
  std::vector<std::string> lines;
  std::string request;
  std::string expected;  // how a right reply begins; {id} as above; what follows {*} is how it ends
};

// Ends the program if a file cannot be read. Lines are without their newline.
std::string ReadFile(const std::string& path);
std::vector<std::string> ReadLines(const std::string& path);

// All requests, shuffled or in the order in which they are given. Immutable once made.
class RequestSet {
 public:
  // At most `deepest` requests can be taken at once. `seed`: of the shuffling; absent: they stay in order.
  // Ends the program if a group is empty or contradictory.
  RequestSet(std::vector<RequestGroup> groups, std::size_t deepest, std::optional<std::uint64_t> seed);

  std::size_t size() const { return size_; }
  // `count` requests from `first` on, as they are sent. Those after the last are the first again.
  std::string_view Slice(std::size_t first, std::size_t count) const {
    return std::string_view(bytes_).substr(begins_[first], begins_[first + count] - begins_[first]);
  }
  // Has the processor fetch what Slice will give.
  void Prefetch(std::size_t first, std::size_t count) const {
    const std::string_view batch = Slice(first, count);
    for (std::size_t at = 0; at < batch.size(); at += kCacheLine) __builtin_prefetch(batch.data() + at);
    __builtin_prefetch(&group_of_[first]);
  }
  std::size_t longest() const { return longest_; }
  bool IsRight(std::size_t request, std::string_view reply) const;
  // What IsRight compares with, for a message. Holds no secret.
  std::string Expected(std::size_t request) const;

 private:
  struct Group {
    std::string before_key, after_key;  // of a request that holds the line, or, with takes_id, its id
    bool takes_id = false;
    std::size_t id_at = 0, id_size = 0;  // of the id in the request
    std::string head, after_id, tail;    // of the reply
    bool has_id = false;
  };

  static constexpr std::size_t kCacheLine = 64;

  static Group Compile(const RequestGroup& from);
  std::string_view IdOf(std::size_t request, const Group& group) const {
    return std::string_view(bytes_).substr(begins_[request] + group.id_at, group.id_size);
  }

  std::vector<Group> groups_;
  std::string bytes_;
  std::vector<std::uint64_t> begins_;
  std::vector<std::uint8_t> group_of_;
  std::size_t size_ = 0, longest_ = 0;
};

}  // namespace claviger::bench
