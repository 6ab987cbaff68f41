#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/run.h"

int main(int argc, char** argv) {
  // A reader that goes away shows as a failed write, so that a key that reached nobody is reported as lost.
  std::signal(SIGPIPE, SIG_IGN);
  return claviger::cli::Run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
