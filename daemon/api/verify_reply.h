// The bytes of Verify's replies, written without a JSON library.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "daemon/keys/key_entry.h"
#include "daemon/keys/record.h"
#include "daemon/keys/verdict.h"

namespace claviger::api {

// For keys::KeyProfiles: what of a reply depends on owner and grants alone.
std::string ProfileText(const keys::KeyRecord& record);

// A verdict that says nothing of a key: malformed, unknown, rate_limited, unavailable.
void AppendBareVerdict(WipingBuffer& out, keys::VerdictCode code);
// A verdict for who presented the right secret of `generation`. `missing` has names only with
// kInsufficientScope. `id_text`: the entry's id in its 17 characters.
void AppendVerdict(WipingBuffer& out, keys::VerdictCode code, std::span<const std::string_view> missing,
                   const keys::KeyEntry& entry, std::string_view id_text, std::uint32_t generation);

}  // namespace claviger::api
