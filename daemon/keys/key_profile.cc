#include "daemon/keys/key_profile.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace claviger::keys {
namespace {

constexpr std::size_t kFewestKept = 1024;

// Owner and grants hold no NUL.
std::string NameOf(const KeyRecord& record, const Catalogue* catalogue) {
  std::string name = std::to_string(reinterpret_cast<std::uintptr_t>(catalogue));
  name.append(1, '\0').append(record.owner).append(1, '\0').append(record.unscoped ? "*" : "");
  for (const std::string& grant : record.scopes) name.append(1, '\0').append(grant);
  return name;
}

// Owner and grants back from what NameOf has made of them.
KeyRecord RecordOf(std::string_view name) {
  std::vector<std::string_view> fields;
  for (std::size_t end = name.find('\0'); end != std::string_view::npos; end = name.find('\0')) {
    fields.push_back(name.substr(0, end));
    name.remove_prefix(end + 1);
  }
  fields.push_back(name);
  KeyRecord record;
  record.owner = fields[1];
  record.unscoped = !fields[2].empty();
  record.scopes.assign(fields.begin() + 3, fields.end());
  return record;
}

}  // namespace

KeyProfile::KeyProfile(const KeyRecord& record, std::shared_ptr<const Catalogue> catalogue, std::string text)
    : catalogue_(std::move(catalogue)),
      owner_(record.owner),
      text_(std::move(text)),
      unscoped_(record.unscoped),
      scopes_(catalogue_->scopes().size()) {
  for (const std::string& grant : record.scopes) {
    for (const std::size_t position : catalogue_->Expand(grant)) scopes_.Add(position);
  }
}

KeyProfilePtr KeyProfiles::Of(const KeyRecord& record, const std::shared_ptr<const Catalogue>& catalogue) {
  std::string name = NameOf(record, catalogue.get());
  const MutexLock lock(mutex_);
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  if (known_.size() >= prune_at_) {
    std::erase_if(known_, [](const auto& known) { return known.second->use_count() == 1; });
    prune_at_ = std::max(kFewestKept, 2 * known_.size());
  }
  KeyProfilePtr profile(new KeyProfile(record, catalogue, text_of_(record)));
  known_.emplace(std::move(name), profile);
  return profile;
}

void KeyProfiles::ForEach(const Catalogue& catalogue,
                          const std::function<void(const KeyProfile&, const KeyRecord&)>& each) const {
  const MutexLock lock(mutex_);
  for (const auto& [name, profile] : known_) {
    if (profile->catalogue() == &catalogue && profile->use_count() > 1) each(*profile, RecordOf(name));
  }
}

}  // namespace claviger::keys
