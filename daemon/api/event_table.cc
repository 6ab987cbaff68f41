#include <algorithm>
#include <array>

#include "daemon/api/event.h"

namespace claviger::api {
namespace {

constexpr int kFew = 100;    // in kEventWindow
constexpr int kMany = 1000;  // one for each act of an operator or a timer

// systemd/claviger.catalog and clavigerd(8) have an entry for each. The acts first, by the name that they
// have on record; what is said of an act about a key follows the key's id and name.
constexpr std::array kKinds = {
    EventKind{"key.create", "f3c95789ace14954ac5d6baed2eac902", Severity::kInfo, kMany, "was issued"},
    EventKind{"key.edit", "cbf27734ac1045258b66402800e03d2c", Severity::kInfo, kMany, "was changed"},
    EventKind{"key.rotate", "e0a3a91f23464c13bc27ed12b10877a9", Severity::kInfo, kMany,
              "was given a new secret"},
    EventKind{"key.pause", "f1260ebc7d564b56b714dc919b27dbdf", Severity::kInfo, kMany, "was paused"},
    EventKind{"key.resume", "6caf76a5703548ae8280ad3729a6f2e7", Severity::kInfo, kMany, "was resumed"},
    EventKind{"key.revoke", "3f0c9931918c40bf9670c342c6cce996", Severity::kInfo, kMany, "was revoked"},
    EventKind{"key.purge", "004498f4b98747c18c9c26a813678d7a", Severity::kInfo, kMany, "was removed"},
    EventKind{"key.leak_reported", "0ecaf828e2f745538fcc69d79561a0d1", Severity::kWarning, kFew,
              "was reported as leaked"},
    EventKind{"key.expiring", "73f80e52a36948b5a4414c46f147ecf9", Severity::kWarning, kFew,
              "ends soon: it was announced"},
    EventKind{"key.grace_end", "c1af446506f142fca1010f154a9f2968", Severity::kInfo, kMany,
              "no longer accepts its previous secret: the new one was used, as seen"},
    EventKind{"key.ended_secret_presented", "b459071afb8a4f9ebf72c46dca8fbe35", Severity::kWarning, kFew,
              "was presented with a secret that has ended, as seen"},
    EventKind{"leak.unknown", "5a3c1fbdf9da4bf3a81696a68afe2312", Severity::kInfo, kFew,
              "a key string that is none of ours was reported as leaked"},
    EventKind{"unit.refused", "135d63cf1293424c802a2e8f96fc5ce8", Severity::kWarning, kFew,
              "a unit was given no key,"},
    EventKind{"catalogue.reload", "a4ea3938d4294c52810915b0875b0b21", Severity::kInfo, kFew,
              "the catalogue of scopes was read anew"},
    EventKind{"config.reload", "bdfaef428c7d4431b331dab129ea3a7b", Severity::kInfo, kFew,
              "the settings were read anew"},
    EventKind{"clock.accept", "7c97e0ecaf3f48f48cb8b43bda9b00f6", Severity::kWarning, kFew,
              "the clock was accepted although a later time was on record"},
    EventKind{"log.level", "4260ce86ca964d78ba569ee452a5d423", Severity::kInfo, kFew,
              "the log level was changed"},
    EventKind{"token.initialise", "44e767f743bb4898ac59157196f119be", Severity::kInfo, kFew,
              "the installation was bound to its token"},
    EventKind{"token.unlock", "23cc390c935440e38e1f39485d23d1f3", Severity::kInfo, kFew,
              "the token was unlocked"},
    EventKind{"token.lock", "4d1dd7de07c1437b95d0c57b811008b7", Severity::kWarning, kFew,
              "the token was locked"},
    EventKind{"backup.make", "06f3179fec434ae0a6e144cf0b4152c8", Severity::kInfo, kFew, "a backup was made"},
    EventKind{"backup.restore", "c78165de8458420c88ba29b1f8223c08", Severity::kWarning, kFew,
              "a backup was restored"},
    EventKind{"audit.checkpoint", "7aa1caa066de4e968867119277832f1d", Severity::kInfo, kFew,
              "a checkpoint of the audit log was made"},
    EventKind{"act.other", "83f11b2d9bbc4685bcc3323c673940a8", Severity::kInfo, kFew,
              "an act was put on record"},
    EventKind{"verify.denied", "510adc2735aa450aad7af233a7ffb088", Severity::kInfo, kFew, ""},
    EventKind{"peer.rate_limited", "d9a3ce9ecbc14674b12d1e51dd71029e", Severity::kWarning, kFew, ""},
    EventKind{"connection.refused", "d4e9fa63331343f09fa057702e2677a6", Severity::kWarning, kFew, ""},
    EventKind{"record.changed", "65ae2ffda43641f3bdcb161ad81d3a39", Severity::kError, kFew, ""},
    EventKind{"audit.mismatch", "138b0edce0124388bda40df5317bbb14", Severity::kError, kFew, ""},
    EventKind{"token.state", "98067601e5374aeaaaa60f386a9bb2c4", Severity::kInfo, kFew, ""},
    EventKind{"clock.suspect", "7cefd5c563854768ae5deaa1ef2cd05a", Severity::kError, kFew, ""},
    EventKind{"store.failure", "7b9ea66e083b4317b614c6aa1bfc22ea", Severity::kError, kFew, ""},
    EventKind{"journal.left_out", "9200a15f69ff4a7baebdc582c1ca746a", Severity::kWarning, kFew, ""},
};

}  // namespace

std::span<const EventKind> EventKinds() { return kKinds; }

const EventKind& EventKindOf(std::string_view name) {
  const auto named = [](std::string_view wanted) {
    return std::find_if(kKinds.begin(), kKinds.end(),
                        [wanted](const EventKind& kind) { return kind.name == wanted; });
  };
  const auto* found = named(name);
  return found == kKinds.end() ? *named(kOtherAct) : *found;
}

}  // namespace claviger::api
