#include "cli/wizard/terminfo.h"

#include <curses.h>
#include <unistd.h>
// Defines names like `lines` and `columns` as macros, so only here.
#include <term.h>

namespace claviger::cli::wizard {

bool IsDescribed() {
  int reason = 0;
  if (::setupterm(nullptr, STDOUT_FILENO, &reason) == ERR) return false;
  ::del_curterm(::cur_term);
  return true;
}

}  // namespace claviger::cli::wizard
