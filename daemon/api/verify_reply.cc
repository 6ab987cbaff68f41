#include "daemon/api/verify_reply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/clock.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

using keys::VerdictCode;

constexpr std::string_view kValidHead = R"({"parameters":{"valid":true,"code":"valid")";

void AppendHead(WipingBuffer& out, VerdictCode code) {
  if (code == VerdictCode::kValid) return Append(out, kValidHead);
  Append(out, R"({"parameters":{"valid":false,"code":")");
  Append(out, keys::VerdictCodeName(code));
  out.push_back('"');
}

void AppendMissing(WipingBuffer& out, std::span<const std::string_view> missing) {
  Append(out, R"(,"missing_scopes":[)");
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (i > 0) out.push_back(',');
    protocol::AppendJsonString(out, missing[i]);
  }
  out.push_back(']');
}

// Writes texts one after the other into room that has been made for all of them.
class Pen {
 public:
  explicit Pen(char* at) : at_(at) {}
  void Write(std::string_view text) { at_ = std::copy_n(text.data(), text.size(), at_); }
  void WriteNumber(std::uint32_t number) { at_ = std::to_chars(at_, at_ + kMostDigits, number).ptr; }
  void WriteTime(UnixSeconds time) {
    WriteTimeText(time, std::span<char, kTimeTextBytes>(at_, kTimeTextBytes));
    at_ += kTimeTextBytes;
  }
  char* at() const { return at_; }

  static constexpr std::size_t kMostDigits = 10;

 private:
  char* at_;
};

constexpr std::string_view kBeforeId = R"(,"key_id":")";
constexpr std::string_view kBeforeGeneration = R"(","generation":)";
constexpr std::string_view kBeforeName = R"(,"name":)";
constexpr std::string_view kBeforeEnd = R"(,"expires_at":")";
constexpr std::string_view kEnd{"\"}}\0", 4};
constexpr std::size_t kFixedBytes = kBeforeId.size() + keys::kKeyIdLength + kBeforeGeneration.size() +
                                    Pen::kMostDigits + kBeforeName.size() + kBeforeEnd.size() +
                                    kTimeTextBytes + kEnd.size();

}  // namespace

std::string ProfileText(const keys::KeyRecord& record) {
  WipingBuffer text;
  Append(text, R"(,"owner":)");
  protocol::AppendJsonString(text, record.owner);
  if (!record.unscoped) {
    Append(text, R"(,"scopes":[)");
    for (std::size_t i = 0; i < record.scopes.size(); ++i) {
      if (i > 0) text.push_back(',');
      protocol::AppendJsonString(text, record.scopes[i]);
    }
    text.push_back(']');
  }
  return std::string(text.begin(), text.end());
}

void AppendBareVerdict(WipingBuffer& out, VerdictCode code) {
  AppendHead(out, code);
  Append(out, std::string_view("}}\0", 3));
}

void AppendVerdict(WipingBuffer& out, VerdictCode code, std::span<const std::string_view> missing,
                   const keys::KeyEntry& entry, std::string_view id_text, std::uint32_t generation) {
  AppendHead(out, code);
  if (code == VerdictCode::kInsufficientScope) AppendMissing(out, missing);
  const std::string& shared = entry.profile().text();
  const std::string_view name = entry.name();
  const std::size_t before = out.size();
  out.resize(before + kFixedBytes + shared.size() + protocol::MostJsonStringBytes(name.size()));
  Pen pen(out.data() + before);
  pen.Write(kBeforeId);
  pen.Write(id_text);
  pen.Write(kBeforeGeneration);
  pen.WriteNumber(generation);
  pen.Write(kBeforeName);
  pen = Pen(protocol::WriteJsonString(pen.at(), name));
  pen.Write(shared);
  pen.Write(kBeforeEnd);
  pen.WriteTime(entry.EndOf(generation));
  pen.Write(kEnd);
  out.resize(static_cast<std::size_t>(pen.at() - out.data()));
}

}  // namespace claviger::api
