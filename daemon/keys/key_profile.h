// What many keys have in common, kept once: owner, grants, and the texts that are made of them.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/record.h"

namespace claviger::keys {

// Immutable.
class KeyProfile : public boost::intrusive_ref_counter<KeyProfile, boost::thread_safe_counter> {
 public:
  // `text` is for whoever answers with it, and not looked at here.
  KeyProfile(const KeyRecord& record, std::shared_ptr<const Catalogue> catalogue, std::string text);

  // The catalogue whose positions scopes() has. A query made with another one must not be put to this.
  const Catalogue* catalogue() const { return catalogue_.get(); }
  const ScopeSet& scopes() const { return scopes_; }
  bool unscoped() const { return unscoped_; }
  const std::string& owner() const { return owner_; }
  const std::string& text() const { return text_; }

 private:
  const std::shared_ptr<const Catalogue> catalogue_;
  const std::string owner_;
  const std::string text_;
  const bool unscoped_;
  ScopeSet scopes_;
};

using KeyProfilePtr = boost::intrusive_ptr<const KeyProfile>;

// Gives keys with the same owner and grants, under the same catalogue, one profile. Thread-safe.
class KeyProfiles {
 public:
  // What KeyProfile's text is made by, from owner and grants alone.
  using TextOf = std::string (*)(const KeyRecord&);
  explicit KeyProfiles(TextOf text_of) : text_of_(text_of) {}

  KeyProfilePtr Of(const KeyRecord& record, const std::shared_ptr<const Catalogue>& catalogue)
      EXCLUDES(mutex_);
  // Calls `each` with every profile of `catalogue` that is in use, and a record that has its owner and grants
  // and nothing else. `each` must not come back here.
  void ForEach(const Catalogue& catalogue,
               const std::function<void(const KeyProfile&, const KeyRecord&)>& each) const EXCLUDES(mutex_);

 private:
  const TextOf text_of_;
  mutable Mutex mutex_;
  // By catalogue, owner and grants. Those that nobody else holds are forgotten now and then.
  std::unordered_map<std::string, KeyProfilePtr> known_ GUARDED_BY(mutex_);
  std::size_t prune_at_ GUARDED_BY(mutex_) = 1024;
};

}  // namespace claviger::keys
