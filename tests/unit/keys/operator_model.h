// What operators may bring about, as a small model that knows nothing of the code it judges: scopes are bits
// over a few resources and domains, a ceiling is a set of bits, and each key has what was given to its owner.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/keys/record.h"

namespace claviger::keys {

// Bits over every scope of three actions, three resources and three domains, of which one of each is named by
// nobody: what "any" has beyond all lists. One more bit stands for full access.
using ScopeBits = std::uint32_t;
inline constexpr ScopeBits kFullAccess = ScopeBits{1} << 27;
inline constexpr ScopeBits kEveryScope = kFullAccess - 1;

inline ScopeBits BitsOfPattern(const std::string& pattern) {
  static std::unordered_map<std::string, ScopeBits> known;
  const auto found = known.find(pattern);
  if (found != known.end()) return found->second;
  const auto parts_of = [](const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
      if (c == ':') {
        parts.emplace_back();
      } else {
        parts.back().push_back(c);
      }
    }
    return parts;
  };
  const auto matches = [&](const std::string& scope) {
    const auto wanted = parts_of(pattern), parts = parts_of(scope);
    if (wanted.back() == "*" ? parts.size() < wanted.size() : parts.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] != "*" && wanted[i] != parts[i]) return false;
    }
    return true;
  };
  ScopeBits bits = 0, bit = 1;
  for (const char* action : {"read:", "write:", "delete:"}) {
    for (const char* resource : {"a", "b", "unnamed"}) {
      for (const char* domain : {"", ":x", ":unnamed"}) {
        if (matches(std::string(action) + resource + domain)) bits |= bit;
        bit <<= 1;
      }
    }
  }
  return known[pattern] = bits;
}

inline ScopeBits BitsOf(const KeyRecord& record) {
  if (record.unscoped) return kFullAccess | kEveryScope;
  ScopeBits bits = 0;
  for (const std::string& grant : record.scopes) bits |= BitsOfPattern(grant);
  return bits;
}

// A ceiling, or a rule of the policy.
struct ModelBox {
  ScopeBits bits = 0;
  std::vector<std::string> owners;  // of a ceiling: "self" and "*" as there; of a rule: empty = all
  std::int64_t lifetime = 0;
};

struct ModelPolicy {
  std::int64_t lifetime = 0;
  bool unscoped = false;
  bool patterns = false;
  std::vector<ModelBox> rules;
};

struct ModelActor {
  std::string user;
  bool admin = false;
  std::vector<ModelBox> ceilings;
};

// Each function is told of an act that was let through, and answers "" or what is wrong with that. A key is
// told apart by its index.
class OperatorModel {
 public:
  using Verdict = std::string;

  ModelPolicy policy;

  Verdict Issued(const ModelActor& actor, std::size_t key, const KeyRecord& record, UnixSeconds now) {
    const std::int64_t lifetime = record.expires - std::max(now, record.not_before);
    const ScopeBits bits = BitsOf(record);
    if (!PolicyAllows(record, lifetime) || HoldsForbiddenPattern(record))
      return "a key that the policy forbids";
    if (!actor.admin && LongestGrant(actor, bits, record.owner) < lifetime)
      return "more than a ceiling holds";
    keys_[key] = Key{{bits, record.owner, lifetime}, actor.user, {{1, record.expires}}, {}, false};
    return "";
  }

  Verdict Rotated(const ModelActor& actor, std::size_t index, const KeyRecord& after, UnixSeconds now) {
    Key& key = keys_.at(index);
    const std::int64_t lifetime = after.expires - std::max(now, after.not_before);
    if (key.revoked) return "a new secret for a revoked key";
    if (!PolicyAllows(after, lifetime) || HoldsForbiddenPattern(after))
      return "a new secret that the policy forbids";
    if (actor.admin ||
        (IsTheirs(actor, key) && LongestGrant(actor, key.given.bits, key.given.owner) >= lifetime)) {
      key.given.lifetime = lifetime;
    } else if (actor.user != key.given.owner || lifetime > key.given.lifetime) {
      return "a secret for someone who was not given as much";
    }
    key.ends[after.current().number] = after.expires;
    return "";
  }

  Verdict Edited(const ModelActor& actor, std::size_t index, const KeyRecord& before, const KeyRecord& after,
                 UnixSeconds now) {
    Key& key = keys_.at(index);
    const ScopeBits bits = BitsOf(after);
    const std::int64_t remaining = after.expires - std::max(now, after.not_before);
    const bool wider = (bits & ~BitsOf(before)) != 0;
    if (key.revoked) return "a change of a revoked key";
    if (after.expires > before.expires) return "a life made longer without a new secret";
    if (wider && !before.unscoped && remaining > 0 && !PolicyAllows(after, remaining)) {
      return "added scopes that the policy forbids";
    }
    if (actor.admin) {
      key.given = {bits, after.owner, after.expires - std::max(after.current().created, after.not_before)};
      return "";
    }
    if (!IsTheirs(actor, key)) return "a change of someone else's key";
    const bool beyond = (bits & ~key.given.bits) != 0;
    if (beyond && (before.owner == actor.user || after.owner == actor.user)) return "an own key widened";
    if (beyond || after.owner != key.given.owner) {
      const std::int64_t longest = LongestGrant(actor, bits, after.owner);
      if (longest < remaining || longest == kNothing) return "a key handed on beyond a ceiling";
      key.given.lifetime = std::max<std::int64_t>(longest, 0);
    }
    key.given.bits = bits;  // what was given up is not theirs to take back
    key.given.owner = after.owner;
    return "";
  }

  Verdict Ended(const ModelActor& actor, std::size_t index, const KeyRecord& after) {
    Key& key = keys_.at(index);
    if (!actor.admin && !IsTheirs(actor, key)) return "an end of someone else's key";
    if (after.state == RecordState::kRevoked) key.revoked = true;
    if (after.state == RecordState::kPaused) key.paused_by = actor.user;
    return "";
  }

  Verdict Resumed(const ModelActor& actor, std::size_t index) {
    Key& key = keys_.at(index);
    if (key.revoked) return "a revoked key brought back";
    if (!actor.admin && actor.user != key.paused_by) return "a key resumed that someone else paused";
    if (!actor.admin && !IsTheirs(actor, key)) return "someone else's key resumed";
    key.paused_by.clear();
    return "";
  }

  // At any time: what `record` gives, and to whom, and until when, against what was given.
  Verdict Holds(std::size_t index, const KeyRecord& record) const {
    const Key& key = keys_.at(index);
    if ((BitsOf(record) & ~key.given.bits) != 0) return "scopes that nobody has given";
    if (record.owner != key.given.owner) return "an owner whom nobody has made it";
    if (key.revoked && record.state != RecordState::kRevoked) return "a revoked key that is none";
    if (!key.paused_by.empty() && !key.revoked && record.state != RecordState::kPaused) return "a pause lost";
    for (const Generation& generation : record.generations) {
      const UnixSeconds ends = std::min(record.expires, generation.ends.value_or(record.expires));
      if (ends > key.ends.at(generation.number)) return "a secret that outlives what it was handed out for";
    }
    return "";
  }

 private:
  static constexpr std::int64_t kNothing = -1;

  struct Given {
    ScopeBits bits = 0;
    std::string owner;
    std::int64_t lifetime = 0;  // for which the owner may have further secrets
  };
  struct Key {
    Given given;
    std::string creator;
    std::map<std::uint32_t, UnixSeconds> ends;  // of each secret, when it was handed out
    std::string paused_by;
    bool revoked = false;
  };

  static bool IsTheirs(const ModelActor& actor, const Key& key) {
    return actor.user == key.creator || actor.user == key.given.owner;
  }

  // The longest lifetime of the actor's ceilings that hold all of `bits` for `owner`.
  static std::int64_t LongestGrant(const ModelActor& actor, ScopeBits bits, const std::string& owner) {
    std::int64_t longest = kNothing;
    for (const ModelBox& ceiling : actor.ceilings) {
      const bool for_owner =
          std::any_of(ceiling.owners.begin(), ceiling.owners.end(), [&](const auto& entry) {
            return entry == "*" || (entry == "self" ? owner == actor.user : entry == owner);
          });
      if (for_owner && (bits & ~ceiling.bits) == 0) longest = std::max(longest, ceiling.lifetime);
    }
    return longest;
  }

  bool HoldsForbiddenPattern(const KeyRecord& record) const {
    return !policy.patterns && std::any_of(record.scopes.begin(), record.scopes.end(), [](const auto& grant) {
      return grant.find('*') != std::string::npos;
    });
  }

  bool PolicyAllows(const KeyRecord& record, std::int64_t lifetime) const {
    if (record.unscoped && !policy.unscoped) return false;
    std::int64_t longest = policy.lifetime;
    for (const ModelBox& rule : policy.rules) {
      const bool for_owner = rule.owners.empty() || std::find(rule.owners.begin(), rule.owners.end(),
                                                              record.owner) != rule.owners.end();
      if (for_owner && (rule.bits & BitsOf(record)) != 0) longest = std::min(longest, rule.lifetime);
    }
    return lifetime <= longest;
  }

  std::map<std::size_t, Key> keys_;
};

}  // namespace claviger::keys
