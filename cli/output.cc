#include "cli/output.h"

#include <unistd.h>

#include <cerrno>

#include "cli/write_all.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kOutputPieceBytes = std::size_t{64} * 1024;

}  // namespace

void Output::Print(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= kOutputPieceBytes) Flush();
}

Status Output::PrintSecret(const WipingBuffer& text) {
  Flush();
  if (failure_ == 0) failure_ = WriteAll(STDOUT_FILENO, std::string_view(text.data(), text.size()));
  if (failure_ == 0) return Ok();
  return ErrnoError(ErrorCode::kUnavailable, "write to standard output", failure_);
}

void Output::Note(std::string_view text) {
  if (quiet_) return;
  Flush();
  PrintError(text);
}

Status Output::Finish() {
  Flush();
  if (failure_ == 0 || failure_ == EPIPE) return Ok();
  return ErrnoError(ErrorCode::kUnavailable, "write to standard output", failure_);
}

void Output::Flush() {
  if (failure_ == 0) failure_ = WriteAll(STDOUT_FILENO, pending_);
  pending_.clear();
}

void PrintError(std::string_view text) {
  // There is nobody left to tell if this fails too.
  static_cast<void>(WriteAll(STDERR_FILENO, std::string(text).append("\n")));
}

}  // namespace claviger::cli
