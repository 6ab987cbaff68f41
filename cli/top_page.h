// The page of claviger top: lines of styled text from two readings of the figures, without a terminal.
#pragma once

#include <optional>
#include <string>

#include "cli/figures.h"
#include "cli/wizard/view.h"

namespace claviger::cli {

// What the busiest keys and callers are sorted by.
enum class BusySort { kVerifications, kDenials, kName };

struct TopPage {
  static constexpr std::size_t kLeastRows = 20;
  static constexpr std::size_t kLeastColumns = 80;

  std::string host;              // safe to show
  std::string more = "~";        // the rest does not fit; one column
  std::string interval;          // "1s"
  std::optional<Figures> now;    // the last reading; absent: there is none, or it could not be had
  std::optional<Figures> since;  // what happened since the one before; absent: that is not known yet
  std::string problem;           // why there is no reading; "" if there is one
  BusySort sort = BusySort::kVerifications;
  bool ids = false;   // of keys, instead of their names
  bool help = false;  // in the place of the figures
  bool live = true;   // it is drawn again, and keys are listened to: the last line names them
};

// At most `size.rows` lines of at most `size.columns` columns; the busiest get what the rest leaves.
wizard::View DrawTop(const TopPage& page, const wizard::Size& size);

}  // namespace claviger::cli
