// The bytes of Verify's replies, written without a JSON library: most of them are prepared when the key is
// cached.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "daemon/keys/key_entry.h"
#include "daemon/keys/record.h"
#include "daemon/keys/verdict.h"

namespace claviger::api {

// One text per generation of the record, for KeyEntry: all reply fields that depend on key and generation
// alone.
std::vector<std::string> PrepareReplies(const keys::KeyRecord& record);

// A verdict that says nothing of a key: malformed, unknown, rate_limited, unavailable.
void AppendBareVerdict(WipingBuffer& out, keys::VerdictCode code);
// A verdict for who presented the right secret of `generation`. `missing` has names only with
// kInsufficientScope.
void AppendVerdict(WipingBuffer& out, keys::VerdictCode code, std::span<const std::string_view> missing,
                   const keys::KeyEntry& entry, std::uint32_t generation);

}  // namespace claviger::api
