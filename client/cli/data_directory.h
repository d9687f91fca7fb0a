// SPDX-License-Identifier: MIT
// The journal's directory where none is named.
#ifndef OYEZ_DATA_DIRECTORY_H
#define OYEZ_DATA_DIRECTORY_H

#include <stdbool.h>

#define DATA_DIRECTORY_DEFAULT "./oyez-data"

// data_directory: what was given, else OYEZ_DATA, else ./oyez-data.
const char *data_directory(const char *given);

// data_directory_is_written: whether a process holds the journal's lock. False where the system
// does not tell. Takes no lock itself: a server that starts now must not find it taken.
bool data_directory_is_written(const char *directory);

#endif
