// SPDX-License-Identifier: MIT
#ifndef OYEZ_CATALOG_CHECK_H
#define OYEZ_CATALOG_CHECK_H

#include <stdbool.h>

// catalog_check judges every line of a file as emit would; returns an exit code.
int catalog_check(const char *path, bool json);

#endif
