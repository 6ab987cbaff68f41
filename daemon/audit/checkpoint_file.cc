#include "daemon/audit/checkpoint_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/file.h"

namespace claviger::audit {
namespace {

constexpr std::size_t kMaxLineBytes = 320;
constexpr std::size_t kMaxFileBytes = kMaxKeptCheckpoints * kMaxLineBytes;

Error Broken(const std::string& path, std::size_t line, std::string_view what) {
  return Error(ErrorCode::kCorrupt, path + ":" + std::to_string(line) + ": " + std::string(what) +
                                        "; find out who changed the file, then restore it or move it away");
}

}  // namespace

Result<std::vector<Checkpoint>> LoadCheckpoints(const std::string& path) {
  const auto text = ReadFile(path, kMaxFileBytes);
  if (!text) {
    if (text.error().code() == ErrorCode::kNotFound) return std::vector<Checkpoint>();
    return text.error();
  }
  std::vector<Checkpoint> checkpoints;
  std::string_view rest(*text);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return Broken(path, checkpoints.size() + 1, "the line has no end");
    auto checkpoint = ParseCheckpoint(rest.substr(0, end));
    if (!checkpoint) return Broken(path, checkpoints.size() + 1, "the line is no checkpoint");
    if (!checkpoints.empty() && checkpoint->sequence < checkpoints.back().sequence) {
      return Broken(path, checkpoints.size() + 1, "the checkpoint is older than the one before it");
    }
    checkpoints.push_back(std::move(*checkpoint));
    rest.remove_prefix(end + 1);
  }
  return checkpoints;
}

Status AppendCheckpoint(const std::string& path, const Checkpoint& checkpoint) {
  auto checkpoints = LoadCheckpoints(path);
  if (!checkpoints) return checkpoints.error();
  if (!checkpoints->empty() && checkpoints->back().sequence > checkpoint.sequence) {
    return Error(ErrorCode::kConflict,
                 path + ": its newest checkpoint is of record " +
                     std::to_string(checkpoints->back().sequence) + ", but the audit log ends at record " +
                     std::to_string(checkpoint.sequence) + ": run claviger audit verify");
  }
  checkpoints->push_back(checkpoint);
  const std::size_t left_out = checkpoints->size() - std::min(checkpoints->size(), kMaxKeptCheckpoints);
  std::string text;
  for (std::size_t i = left_out; i < checkpoints->size(); ++i)
    text += CheckpointLine((*checkpoints)[i]) + '\n';
  return ReplaceFile(path, text, 0600);
}

}  // namespace claviger::audit
