// A record for the tests of this folder.
#pragma once

#include "daemon/keys/record.h"

namespace claviger::api {

inline constexpr UnixSeconds kSampleTime = 1790000000;  // 2026-09-21T14:13:20Z

inline keys::KeyRecord SampleRecord() {
  keys::KeyRecord record;
  record.id.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  record.name = "nightly \"export\"";
  record.owner = "backup";
  record.creator = "alice";
  record.created = record.not_before = kSampleTime;
  record.expires = kSampleTime + 7 * 86400;
  record.scopes = {"read:groups:admin", "read:policies:admin"};
  keys::Generation generation;
  generation.number = 1;
  generation.verifier.fill(0xAB);
  generation.created = kSampleTime;
  record.generations = {generation};
  record.mac.fill(0xCD);
  return record;
}

}  // namespace claviger::api
