#include "cli/interrupts.h"

namespace claviger::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

void Remember(int) { g_interrupted = 1; }

}  // namespace

Interrupts::Interrupts() {
  g_interrupted = 0;
  struct sigaction remember {};
  remember.sa_handler = Remember;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &remember, &before_[i]);
}

Interrupts::~Interrupts() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

bool Interrupts::caught() const { return g_interrupted != 0; }

}  // namespace claviger::cli
