#include "daemon/audit/checkpoint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/hex.h"
#include "daemon/audit/canonical_form.h"

namespace claviger::audit {
namespace {

constexpr std::string_view kDomain = "claviger/audit-checkpoint/1";
constexpr std::string_view kWord = "claviger-checkpoint/1";
constexpr std::size_t kInstallationDigits = 32;
constexpr std::size_t kWords = 8;

std::optional<Mac> MacOf(std::string_view text) {
  Mac mac{};
  if (!FromHex(text, mac)) return std::nullopt;
  return mac;
}

std::optional<std::int64_t> NumberOf(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || std::to_string(value) != text)
    return std::nullopt;
  return value;
}

// False unless there are exactly kWords, with one space between.
bool Split(std::string_view line, std::array<std::string_view, kWords>& words) {
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words[i] = line.substr(0, end);
    if (words[i].empty()) return false;
    if (i + 1 == kWords) return end == line.size();
    if (end == line.size()) return false;
    line.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

std::vector<std::uint8_t> CheckpointInput(const Checkpoint& checkpoint) {
  std::vector<std::uint8_t> out;
  AppendText(out, kDomain);
  AppendText(out, checkpoint.installation);
  AppendNumber(out, checkpoint.sequence);
  AppendNumber(out, checkpoint.epoch);
  AppendNumber(out, checkpoint.index);
  AppendNumber(out, checkpoint.at);
  AppendText(out, std::string_view(reinterpret_cast<const char*>(checkpoint.head.data()), sizeof(Mac)));
  return out;
}

std::string CheckpointLine(const Checkpoint& checkpoint) {
  std::string line(kWord);
  for (const std::int64_t number : {checkpoint.sequence, checkpoint.epoch, checkpoint.index})
    line += ' ' + std::to_string(number);
  for (const std::string& text :
       {FormatTime(checkpoint.at), checkpoint.installation, ToHex(checkpoint.head), ToHex(checkpoint.mac)}) {
    line += ' ' + text;
  }
  return line;
}

Result<Checkpoint> ParseCheckpoint(std::string_view line) {
  const Error refused(ErrorCode::kInvalidArgument, "this is no checkpoint; it has the form \"" +
                                                       std::string(kWord) +
                                                       " SEQUENCE EPOCH INDEX TIME INSTALLATION HEAD MAC\"");
  std::array<std::string_view, kWords> words;
  if (!Split(line, words) || words[0] != kWord) return refused;
  const auto sequence = NumberOf(words[1]);
  const auto epoch = NumberOf(words[2]);
  const auto index = NumberOf(words[3]);
  const auto at = ParseTime(words[4]);
  const auto head = MacOf(words[6]);
  const auto mac = MacOf(words[7]);
  if (!sequence || !epoch || !index || !at || !head || !mac || !IsHex(words[5], kInstallationDigits))
    return refused;
  if (*sequence < 1 || *epoch < 1 || *index < 0 || FormatTime(*at) != words[4]) return refused;
  return Checkpoint{*sequence, *epoch, *index, *at, *head, std::string(words[5]), *mac};
}

}  // namespace claviger::audit
