#include "daemon/api/sealed_pieces.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/crypto.h"

namespace claviger::api {
namespace {

constexpr std::string_view kFormat = "claviger snapshot 1\n";
constexpr std::uint32_t kLastBit = std::uint32_t{1} << 31;

using PieceHead = std::array<std::uint8_t, sizeof(std::uint32_t)>;

std::span<const std::uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::span<std::uint8_t> BytesOf(WipingBuffer& piece) {
  return {reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()};
}

Error Damaged() {
  return Error(ErrorCode::kCorrupt, "it is damaged, was cut off, or is another installation's");
}

// False if there are fewer.
bool ReadExactly(int fd, std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

Result<Secret> KeyOf(const SealedKeySource& key_of, const SealedNonce& nonce) {
  Result<Secret> key = key_of(nonce);
  if (key && key->size() != PieceCipher::kKeyBytes) {
    return Error(ErrorCode::kInternal,
                 "a key of " + std::to_string(key->size()) + " bytes is none for AES-256");
  }
  return key;
}

}  // namespace

SealedPieceWriter::SealedPieceWriter(std::string path, UniqueFd fd,
                                     std::span<const std::uint8_t, PieceCipher::kKeyBytes> key)
    : path_(std::move(path)), fd_(std::move(fd)), cipher_(std::make_unique<PieceCipher>(key)) {}

SealedPieceWriter::~SealedPieceWriter() {
  if (fd_) ::unlink(UnfinishedPath(path_).c_str());
}

Result<SealedPieceWriter> SealedPieceWriter::Create(const std::string& path, const SealedKeySource& key_of) {
  SealedNonce nonce;
  FillRandom(nonce);
  const Result<Secret> key = KeyOf(key_of, nonce);
  if (!key) return key.error();
  const std::string unfinished = UnfinishedPath(path);
  ::unlink(unfinished.c_str());
  UniqueFd fd(
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "create " + unfinished, errno);
  SealedPieceWriter writer(path, std::move(fd), key->ExposeBytes().first<PieceCipher::kKeyBytes>());
  if (Status s = writer.Put(BytesOf(kFormat)); !s) return s.error();
  if (Status s = writer.Put(nonce); !s) return s.error();
  return writer;
}

Status SealedPieceWriter::Put(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      bytes_ += static_cast<std::uint64_t>(written);
    } else if (errno != EINTR) {
      return ErrnoError(ErrorCode::kUnavailable, "write " + UnfinishedPath(path_), errno);
    }
  }
  return Ok();
}

Status SealedPieceWriter::Write(WipingBuffer& piece, bool last) {
  if (piece.empty() || piece.size() > kMaxPieceBytes) {
    return Error(ErrorCode::kLimitExceeded, "a piece of " + std::to_string(piece.size()) + " bytes");
  }
  const std::uint32_t word = static_cast<std::uint32_t>(piece.size()) | (last ? kLastBit : 0);
  PieceHead head;
  std::memcpy(head.data(), &word, sizeof(word));
  const PieceCipher::Tag tag = cipher_->Seal(number_++, head, BytesOf(piece));
  Status put = Put(head);
  if (put) put = Put(BytesOf(piece));
  if (put) put = Put(tag);
  piece.clear();
  return put;
}

Status SealedPieceWriter::Finish() {
  const std::string unfinished = UnfinishedPath(path_);
  if (std::rename(unfinished.c_str(), path_.c_str()) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "rename " + unfinished, errno);
  }
  fd_.Reset();
  return Ok();
}

SealedPieceReader::SealedPieceReader(UniqueFd fd, std::span<const std::uint8_t, PieceCipher::kKeyBytes> key)
    : fd_(std::move(fd)), cipher_(std::make_unique<PieceCipher>(key)) {}

Result<SealedPieceReader> SealedPieceReader::Take(const std::string& path, const SealedKeySource& key_of) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return Error(ErrorCode::kNotFound, "there is no " + path);
  const Error unreadable = ErrnoError(ErrorCode::kUnavailable, "open " + path, errno);
  if (::unlink(path.c_str()) != 0) return ErrnoError(ErrorCode::kUnavailable, "remove " + path, errno);
  if (!fd) return unreadable;
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return Damaged();

  std::array<std::uint8_t, kFormat.size()> format;
  SealedNonce nonce;
  if (!ReadExactly(fd.get(), format) || !ReadExactly(fd.get(), nonce)) return Damaged();
  if (!std::ranges::equal(format, BytesOf(kFormat))) {
    return Error(ErrorCode::kUnsupported, "it has a format that this version does not know");
  }
  const Result<Secret> key = KeyOf(key_of, nonce);
  if (!key) return key.error();
  return SealedPieceReader(std::move(fd), key->ExposeBytes().first<PieceCipher::kKeyBytes>());
}

bool SealedPieceReader::Fill(std::span<std::uint8_t> bytes) { return ReadExactly(fd_.get(), bytes); }

Result<std::optional<std::span<const std::uint8_t>>> SealedPieceReader::Next() {
  if (ended_) return std::optional<std::span<const std::uint8_t>>();
  ended_ = true;  // also after what is damaged
  PieceHead head;
  if (!Fill(head)) return Damaged();
  std::uint32_t word = 0;
  std::memcpy(&word, head.data(), sizeof(word));
  const std::size_t size = word & ~kLastBit;
  if (size == 0 || size > kMaxPieceBytes) return Damaged();
  piece_.resize(size);
  PieceCipher::Tag tag;
  if (!Fill(BytesOf(piece_)) || !Fill(tag)) return Damaged();
  if (!cipher_->Open(number_++, head, BytesOf(piece_), tag)) return Damaged();
  ended_ = (word & kLastBit) != 0;
  return std::optional(std::span<const std::uint8_t>(BytesOf(piece_)));
}

}  // namespace claviger::api
