#include "daemon/api/generation_watch.h"

#include <boost/json/serialize.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/api/authority.h"
#include "daemon/api/key_json.h"
#include "daemon/keys/issuer.h"

namespace claviger::api {
namespace {

// Where the record still has an open grace that waits for a use: the record with that grace ended now.
std::optional<keys::KeyRecord> WithGraceEnded(const keys::KeyRecord& record, UnixSeconds now) {
  if (record.generations.size() < 2) return std::nullopt;
  const keys::Generation& old = record.generations.front();
  if (!old.until_used || !old.ends || *old.ends <= now) return std::nullopt;
  keys::KeyRecord ended = record;
  ended.generations.front().ends = now;
  ended.generations.front().until_used = false;
  return ended;
}

Status WriteGraceEnd(Authority& authority, store::Tables& tables, const keys::KeyId& id,
                     std::optional<keys::KeyRecord>& written) {
  const auto before = tables.keys.Find(id);
  if (!before) return before.error();
  if (!*before) return Ok();
  const UnixSeconds now = authority.clock().Now();
  auto ended = WithGraceEnded(**before, now);
  if (!ended) return Ok();
  keys::Issuer issuer(authority.token_mac(), authority.settings().Get()->key_prefix);
  if (Status checked = issuer.Check(**before); !checked) return checked;
  auto revised = issuer.Revise(std::move(*ended));
  if (!revised) return revised.error();
  if (Status updated = tables.keys.Update(*revised); !updated) return updated;
  audit::Act act;
  act.actor = Authority::Self();
  act.name = "key.grace_end";
  act.subject = id.ToString();
  act.before = KeyAuditText(**before, now);
  act.after = KeyAuditText(*revised, now);
  const auto sequence = authority.audit().Append(tables.database, act, now);
  if (!sequence) return sequence.error();
  written = std::move(*revised);
  return Ok();
}

// An ended secret as it came up.
struct Sighting {
  keys::KeyId id;
  std::uint32_t generation;
  CallerPtr caller;
};

std::string TextOf(const Sighting& sighting, const keys::KeyRecord& record) {
  std::string text = "key " + sighting.id.ToString() + " (" + record.name + "): the secret of generation " +
                     std::to_string(sighting.generation) + ", which has ended, was presented to uid " +
                     std::to_string(sighting.caller->uid);
  if (!sighting.caller->unit.empty()) text += " (" + sighting.caller->unit + ")";
  return text + "; find who still has it, or treat it as leaked";
}

// `alarm`: set if people are to be told.
Status WriteSighting(Authority& authority, store::Tables& tables, const Sighting& sighting,
                     std::string& alarm) {
  const auto record = tables.keys.Find(sighting.id);
  if (!record) return record.error();
  if (!*record) return Ok();
  const auto usage = tables.usage.Find(sighting.id);
  if (!usage) return usage.error();
  const UnixSeconds now = authority.clock().Now();
  const bool told = *usage && (*usage)->ended_generation == sighting.generation &&
                    now - (*usage)->ended_secret_presented < GenerationWatch::kAlarmEvery;
  if (told) return Ok();
  if (Status noted = tables.usage.NoteEndedSecret(sighting.id, sighting.generation, now); !noted)
    return noted;
  boost::json::object what = {{"generation", sighting.generation}, {"caller_uid", sighting.caller->uid}};
  if (!sighting.caller->unit.empty()) what["caller_unit"] = sighting.caller->unit;
  audit::Act act;
  act.actor = Authority::Self();
  act.name = "key.ended_secret_presented";
  act.subject = sighting.id.ToString();
  act.after = boost::json::serialize(what);
  const auto sequence = authority.audit().Append(tables.database, act, now);
  if (!sequence) return sequence.error();
  alarm = TextOf(sighting, **record);
  return authority.notices().Add(tables, authority.settings().Get()->notices,
                                 keys::Event::kEndedSecretPresented, **record, what, now);
}

}  // namespace

void GenerationWatch::EndGrace(const keys::KeyId& id) {
  auto written = std::make_shared<std::optional<keys::KeyRecord>>();
  const Status queued = authority_.store().Submit(
      store::WorkKind::kWrite,
      [this, id, written](store::Tables& tables) { return WriteGraceEnd(authority_, tables, id, *written); },
      [this, written](const Status& status) {
        if (!status) {
          authority_.LogLine(Authority::Severity::kWarning,
                             "the end of a grace was not written: " + status.error().message());
        } else if (written->has_value()) {
          authority_.PutEntry(std::move(**written), *authority_.settings().Get());
        }
      });
  if (!queued) {
    authority_.LogLine(Authority::Severity::kWarning,
                       "the end of a grace was not written: " + queued.error().message());
  }
}

void GenerationWatch::EndedSecret(const keys::KeyId& id, std::uint32_t generation, const CallerPtr& caller) {
  auto alarm = std::make_shared<std::string>();
  const Status queued = authority_.store().Submit(
      store::WorkKind::kWrite,
      [this, sighting = Sighting{id, generation, caller}, alarm](store::Tables& tables) {
        return WriteSighting(authority_, tables, sighting, *alarm);
      },
      [this, alarm](const Status& status) {
        if (!status) {
          authority_.LogLine(
              Authority::Severity::kWarning,
              "an ended secret was presented, but not put on record: " + status.error().message());
        } else if (!alarm->empty()) {
          authority_.LogAct(Authority::Severity::kWarning, *alarm);
        }
      });
  if (!queued) authority_.LogLine(Authority::Severity::kWarning, queued.error().message());
}

}  // namespace claviger::api
