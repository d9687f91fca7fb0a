// SPDX-License-Identifier: MIT
// `oyez catalog diff`.
#ifndef OYEZ_CATALOG_COMPARE_H
#define OYEZ_CATALOG_COMPARE_H

#include <stdbool.h>

// catalog_compare prints what changed between two descriptor-set files, or catalogs by name. Returns
// an exit code: EXIT_CHECK_FAILED where a version does not say what changed.
int catalog_compare(const char *before, const char *after, bool json);

#endif
