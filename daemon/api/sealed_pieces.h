// A file of pieces that only who has its key can read, and that cannot be changed, reordered or joined from
// others unseen. It is made whole or not at all, and is read once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/piece_cipher.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"

namespace claviger::api {

// A line that names the format, a nonce, then the pieces: four bytes with the length and, as highest bit,
// whether it is the last; that many encrypted bytes; the tag. Numbers are in the host's byte order, since the
// file never leaves it.
inline constexpr std::size_t kSealedNonceBytes = 32;
inline constexpr std::size_t kMaxPieceBytes = 2 * 1024 * 1024;

using SealedNonce = std::array<std::uint8_t, kSealedNonceBytes>;
// Makes the key of the file that has this nonce: 32 bytes.
using SealedKeySource = std::function<Result<Secret>(const SealedNonce&)>;

// Thread-compatible.
class SealedPieceWriter {
 public:
  // Writes beside `path` (mode 0600) until Finish. What an earlier one has left there goes.
  static Result<SealedPieceWriter> Create(const std::string& path, const SealedKeySource& key_of);
  SealedPieceWriter(SealedPieceWriter&&) noexcept = default;
  // Takes away what was not finished.
  ~SealedPieceWriter();

  // `piece` has 1 to kMaxPieceBytes bytes and is wiped. An error is final.
  Status Write(WipingBuffer& piece, bool last);
  // Puts the file in its place, after the last piece. It is not synced: who reads it sees what the power has
  // taken.
  Status Finish();
  std::uint64_t bytes() const { return bytes_; }
  // What is written beside `path` until it is finished.
  static std::string UnfinishedPath(const std::string& path) { return path + ".new"; }

 private:
  SealedPieceWriter(std::string path, UniqueFd fd, std::span<const std::uint8_t, PieceCipher::kKeyBytes> key);
  Status Put(std::span<const std::uint8_t> bytes);

  std::string path_;
  UniqueFd fd_;
  std::unique_ptr<PieceCipher> cipher_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

// Thread-compatible.
class SealedPieceReader {
 public:
  // Opens the file and takes its name away: nobody reads it a second time, whatever comes of this. kNotFound
  // if there is none; kUnsupported for another format.
  static Result<SealedPieceReader> Take(const std::string& path, const SealedKeySource& key_of);
  SealedPieceReader(SealedPieceReader&&) noexcept = default;
  ~SealedPieceReader() = default;

  // The next piece, valid until the next call; nullopt after the last one. kCorrupt for one that is not as it
  // was written, or is missing, also at the end.
  Result<std::optional<std::span<const std::uint8_t>>> Next();

 private:
  SealedPieceReader(UniqueFd fd, std::span<const std::uint8_t, PieceCipher::kKeyBytes> key);
  bool Fill(std::span<std::uint8_t> bytes);

  UniqueFd fd_;
  std::unique_ptr<PieceCipher> cipher_;
  WipingBuffer piece_;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace claviger::api
