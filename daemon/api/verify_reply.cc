#include "daemon/api/verify_reply.h"

#include <algorithm>

#include "base/clock.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

void Append(WipingBuffer& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

void AppendHead(WipingBuffer& out, keys::VerdictCode code) {
  Append(out, code == keys::VerdictCode::kValid ? R"({"parameters":{"valid":true,"code":")"
                                                : R"({"parameters":{"valid":false,"code":")");
  Append(out, keys::VerdictCodeName(code));
  out.push_back('"');
}

std::string PrepareReply(const keys::KeyRecord& record, const keys::Generation& generation) {
  WipingBuffer text;
  Append(text,
         R"(,"key_id":")" + record.id.ToString() + R"(","generation":)" + std::to_string(generation.number));
  Append(text, R"(,"name":)");
  protocol::AppendJsonString(text, record.name);
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
  const UnixSeconds ends = std::min(record.expires, generation.ends.value_or(record.expires));
  Append(text, R"(,"expires_at":")" + FormatTime(ends) + "\"}}");
  text.push_back('\0');
  return std::string(text.begin(), text.end());
}

}  // namespace

std::vector<std::string> PrepareReplies(const keys::KeyRecord& record) {
  std::vector<std::string> prepared;
  prepared.reserve(record.generations.size());
  for (const keys::Generation& generation : record.generations)
    prepared.push_back(PrepareReply(record, generation));
  return prepared;
}

void AppendBareVerdict(WipingBuffer& out, keys::VerdictCode code) {
  AppendHead(out, code);
  Append(out, "}}");
  out.push_back('\0');
}

void AppendVerdict(WipingBuffer& out, keys::VerdictCode code, std::span<const std::string_view> missing,
                   const keys::KeyEntry& entry, std::uint32_t generation) {
  AppendHead(out, code);
  if (code == keys::VerdictCode::kInsufficientScope) {
    Append(out, R"(,"missing_scopes":[)");
    for (std::size_t i = 0; i < missing.size(); ++i) {
      if (i > 0) out.push_back(',');
      protocol::AppendJsonString(out, missing[i]);
    }
    out.push_back(']');
  }
  Append(out, entry.prepared(generation));
}

}  // namespace claviger::api
