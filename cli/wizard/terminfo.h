// What is known of the terminal that TERM names.
#pragma once

namespace claviger::cli::wizard {

// Whether there is a description of the terminal at standard output with which a page can be drawn.
// newterm(3) would say so, too, but keeps memory for good when it fails.
bool IsDescribed();

}  // namespace claviger::cli::wizard
