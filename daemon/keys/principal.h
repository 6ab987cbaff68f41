// Who may do what: the four roles, and the local users and groups that hold them.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace claviger::keys {

enum class Role : std::uint8_t { kAdmin = 1, kAuditor = 2, kIssuer = 4, kVerifier = 8 };

// A set of roles. Value type.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= static_cast<std::uint8_t>(role);
  }
  constexpr void Add(Role role) { bits_ |= static_cast<std::uint8_t>(role); }
  constexpr bool Has(Role role) const { return (bits_ & static_cast<std::uint8_t>(role)) != 0; }
  constexpr bool HasAnyOf(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  std::uint8_t bits_ = 0;
};

// Who holds one role: users by uid, groups by gid.
struct RoleMembers {
  std::vector<uid_t> users;
  std::vector<gid_t> groups;
  bool everyone = false;

  bool Include(uid_t uid, gid_t gid, std::span<const gid_t> supplementary) const {
    const auto is_member = [&](gid_t g) {
      return std::find(groups.begin(), groups.end(), g) != groups.end();
    };
    return everyone || std::find(users.begin(), users.end(), uid) != users.end() || is_member(gid) ||
           std::any_of(supplementary.begin(), supplementary.end(), is_member);
  }
};

struct Roles {
  RoleMembers admin, auditor, issuer, verifier;

  RoleSet Of(uid_t uid, gid_t gid, std::span<const gid_t> supplementary) const {
    RoleSet set;
    if (admin.Include(uid, gid, supplementary)) set.Add(Role::kAdmin);
    if (auditor.Include(uid, gid, supplementary)) set.Add(Role::kAuditor);
    if (issuer.Include(uid, gid, supplementary)) set.Add(Role::kIssuer);
    if (verifier.Include(uid, gid, supplementary)) set.Add(Role::kVerifier);
    return set;
  }
};

}  // namespace claviger::keys
