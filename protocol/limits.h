// Every size that a peer can choose has its limit here; tests/refusal exceeds each of them.
#pragma once

#include <chrono>
#include <cstddef>

namespace claviger::protocol {

inline constexpr std::size_t kMaxVerifyFrameBytes = 64 * 1024;  // one call on the verify socket, NUL excluded
inline constexpr std::size_t kMaxAdminFrameBytes = 1024 * 1024;  // one call on the admin socket
inline constexpr std::size_t kMaxJsonDepth = 16;
inline constexpr std::size_t kMaxJsonMembers = 64;  // of one object
inline constexpr std::size_t kMaxConnections = 4096;
inline constexpr std::size_t kMaxConnectionsPerUid = 1024;
inline constexpr std::size_t kConnectionsReservedForAdmin =
    64;  // of kMaxConnections, so that operators always get in
inline constexpr std::size_t kMaxPendingRepliesPerConnection = 1024;  // then the connection is not read from
inline constexpr std::size_t kMaxOutputBytesPerConnection = 4 * 1024 * 1024;  // likewise
inline constexpr std::size_t kMaxOutputBytesInTotal =
    64 * 1024 * 1024;  // beyond it, each connection may hold only:
inline constexpr std::size_t kMaxOutputBytesWhenCrowded = 64 * 1024;
inline constexpr std::chrono::seconds kFrameDeadline{5};  // from a frame's first byte to its last
inline constexpr std::chrono::seconds kOutputDeadline{
    30};  // a peer that reads nothing for so long is dropped
inline constexpr std::chrono::milliseconds kVerifyDeadline{200};  // then the verdict is `unavailable`
inline constexpr std::chrono::seconds kAdminDeadline{30};
inline constexpr std::chrono::seconds kBackupDeadline{600};     // for making, checking and restoring backups
inline constexpr std::chrono::seconds kCredentialDeadline{30};  // then the unit is refused its credential
// What is sent to refuse a credential: more than the 1 MiB that systemd takes, so that the unit's start
// fails. Less, or nothing, would be a credential.
inline constexpr std::size_t kRefusalBytes = 1024 * 1024 + 4096;

}  // namespace claviger::protocol
