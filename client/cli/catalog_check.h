// SPDX-License-Identifier: MIT
#ifndef OYEZ_CATALOG_CHECK_H
#define OYEZ_CATALOG_CHECK_H

#include <stdbool.h>

// catalog_check judges every line of a file as emit would, or, where it is a set or ends in .binpb,
// a catalog file as loading would. Returns an exit code.
int catalog_check(const char *path, bool set, bool json);

#endif
