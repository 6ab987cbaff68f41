#include "tests/bench/request_set.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>
#include <utility>

#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr std::string_view kKey = "{key}", kId = "{id}", kAnything = "{*}";
constexpr std::size_t kMaxGroups = 255;

// Where the id stands in a line, and its length.
std::pair<std::size_t, std::size_t> IdIn(std::string_view line) {
  const std::size_t first = line.find('_');
  if (first == std::string_view::npos) return {0, line.size()};
  const std::size_t second = line.find('_', first + 1);
  if (second == std::string_view::npos) return {first + 1, line.size() - first - 1};
  return {first + 1, second - first - 1};
}

// What stands before and after the only `mark` in `text`; false if there is none.
bool SplitAt(const std::string& text, std::string_view mark, std::string& before, std::string& after) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return false;
  if (text.find(mark, at + 1) != std::string::npos)
    End("a template holds " + std::string(mark) + " twice; it can stand there once");
  before = text.substr(0, at);
  after = text.substr(at + mark.size());
  return true;
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) End("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path);
  if (!file) End("cannot read " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

RequestSet::Group RequestSet::Compile(const RequestGroup& from) {
  if (from.lines.empty()) End("a group of requests has no lines; give a file with one line per request");
  Group group;
  const auto [id_at, id_size] = IdIn(from.lines.front());
  group.takes_id = !SplitAt(from.request, kKey, group.before_key, group.after_key);
  if (group.takes_id && !SplitAt(from.request, kId, group.before_key, group.after_key))
    End("a request holds neither {key} nor {id}; it would be the same for every line");
  for (const std::string& line : from.lines) {
    if (IdIn(line) != std::pair(id_at, id_size))
      End("the ids of one group differ in length or place; make a group of each kind");
  }
  group.id_at = group.before_key.size() + (group.takes_id ? 0 : id_at);
  group.id_size = id_size;
  std::string front = from.expected;
  SplitAt(from.expected, kAnything, front, group.tail);
  group.head = front;
  group.has_id = SplitAt(front, kId, group.head, group.after_id);
  return group;
}

RequestSet::RequestSet(std::vector<RequestGroup> groups, std::size_t deepest,
                       std::optional<std::uint64_t> seed) {
  if (groups.empty() || groups.size() > kMaxGroups) End("give 1 to 255 groups of requests");
  std::vector<std::pair<std::uint8_t, std::uint32_t>> order;
  std::size_t bytes = 0;
  for (std::size_t number = 0; number < groups.size(); ++number) {
    groups_.push_back(Compile(groups[number]));
    for (std::size_t line = 0; line < groups[number].lines.size(); ++line) {
      order.emplace_back(static_cast<std::uint8_t>(number), static_cast<std::uint32_t>(line));
      bytes += groups[number].request.size() + groups[number].lines[line].size();
    }
  }
  if (seed) std::shuffle(order.begin(), order.end(), std::mt19937_64(*seed));
  size_ = order.size();
  bytes_.reserve(bytes + deepest * 4096);
  begins_.reserve(size_ + deepest + 1);
  group_of_.reserve(size_ + deepest);
  for (std::size_t i = 0; i < size_ + deepest; ++i) {
    const auto [number, line] = order[i % size_];
    const Group& group = groups_[number];
    const std::string& text = groups[number].lines[line];
    begins_.push_back(bytes_.size());
    group_of_.push_back(number);
    bytes_ += group.before_key;
    bytes_ += group.takes_id ? std::string_view(text).substr(IdIn(text).first, IdIn(text).second)
                             : std::string_view(text);
    bytes_ += group.after_key;
    longest_ = std::max(longest_, bytes_.size() - begins_.back());
  }
  begins_.push_back(bytes_.size());
}

bool RequestSet::IsRight(std::size_t request, std::string_view reply) const {
  const Group& group = groups_[group_of_[request]];
  if (!reply.starts_with(group.head) || !reply.ends_with(group.tail)) return false;
  if (!group.has_id) return reply.size() >= group.head.size() + group.tail.size();
  reply.remove_prefix(group.head.size());
  if (!reply.starts_with(IdOf(request, group))) return false;
  reply.remove_prefix(group.id_size);
  return reply.starts_with(group.after_id) && reply.size() >= group.after_id.size() + group.tail.size();
}

std::string RequestSet::Expected(std::size_t request) const {
  const Group& group = groups_[group_of_[request]];
  std::string text = group.head;
  if (group.has_id) text.append(IdOf(request, group)).append(group.after_id);
  return text + "..." + group.tail;
}

}  // namespace claviger::bench
