// SPDX-License-Identifier: MIT
// The configuration file of a command line, and views in the place of patterns.
#ifndef OYEZ_CONFIGURATION_H
#define OYEZ_CONFIGURATION_H

#include "command.h"

// configuration_apply reads the file where it is needed: --config names it, a view is named, or the
// command asks for it; then what it says of settings is in force, [client] endpoint too where neither
// flag nor environment names one. It puts the patterns of each view where it was named. Returns EXIT_DONE,
// or another exit code with the reason printed.
int configuration_apply(struct arguments *arguments);

#endif
