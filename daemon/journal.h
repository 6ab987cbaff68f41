// Structured entries for systemd's journal, written by a thread of their own: a journal that is slow or stuck
// holds up nobody.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/api/event.h"

namespace claviger {

// Thread-safe.
class Journal {
 public:
  // Entries that wait; further ones are counted and told of.
  static constexpr std::size_t kMaxQueued = 4096;
  static constexpr std::size_t kMaxValueBytes = 2048;
  // How long the end of the daemon waits for a journal that does not take them.
  static constexpr std::chrono::seconds kDrain{1};

  // Writes one entry, "NAME=value" each; may block.
  using Writer = std::function<void(const std::vector<std::string>& fields)>;
  // Whether entries of a severity are wanted now.
  using Filter = std::function<bool(api::Severity)>;

  Journal(Writer writer, Filter wanted);
  // Writes what is queued, as far as kDrain allows.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Never blocks. Of each kind at most its burst is written in api::kEventWindow; how many were left out is
  // told when that is over.
  void Post(api::Event event);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with the thread, which may be stuck in the writer at the end
};

// The entry as it goes to the journal: values escaped, of at most kMaxValueBytes.
std::vector<std::string> JournalFields(const api::Event& event);

// Writes to systemd's journal; nothing happens where there is none.
void WriteToJournal(const std::vector<std::string>& fields);

}  // namespace claviger
