// The terminal as a whole, by ncurses.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/failure.h"
#include "cli/terminal.h"
#include "cli/wizard/interruption.h"
#include "cli/wizard/key.h"
#include "cli/wizard/view.h"

namespace claviger::cli::wizard {

// Whatever ends it, the terminal is as it was: its modes, its normal screen, what stood there. One at a time.
class Screen {
 public:
  static constexpr std::size_t kLeastRows = 16;
  static constexpr std::size_t kLeastColumns = 60;

  Screen(const Terminal& terminal, const Interruption& interruption);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // False if the terminal's type is not known: then nothing else may be called.
  bool open() const { return handle_ != nullptr; }

  Size size() const;
  void Show(const View& view);
  // Waits for a key, or a signal.
  Key Read() { return ReadUntil(std::nullopt); }
  // The same, but no longer than until `end`: then the key is kNothing.
  Key ReadUntil(std::optional<SteadyTime> end);
  // Forgets what was typed ahead, or is the rest of what was pasted.
  void DropInput();

  // Puts `secret` (ASCII) on the screen, in as many lines as it needs, from the place on. No copy is kept but
  // the screen's cells.
  void ShowSecret(const Place& place, std::string_view secret);
  // Overwrites every cell of the terminal and of ncurses' buffers.
  void Wipe();

 private:
  struct Handle;

  void Put(int row, const Line& line);
  Key Translate(int result, unsigned int character);
  Key ReadPaste();
  // After an Escape that is the begin of a key nobody here knows: takes its rest. False if it was Escape
  // itself.
  bool SkipSequence();
  // Whether more bytes wait.
  bool MoreWaits() const;

  const Interruption& interruption_;
  bool utf8_;
  std::unique_ptr<Handle> handle_;
  SteadyTime last_read_{};
};

}  // namespace claviger::cli::wizard
