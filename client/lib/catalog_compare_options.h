// SPDX-License-Identifier: MIT
// What differs between the options of two versions of a catalog.
#ifndef OYEZ_CATALOG_COMPARE_OPTIONS_H
#define OYEZ_CATALOG_COMPARE_OPTIONS_H

#include "schema/compare.h"
#include "schema/options.h"

// compare_catalog_options tells of title, naming, indexed tags and header rules. The delivery of
// the catalog shows in that of its types.
void compare_catalog_options(struct compare *compare, const struct catalog_options *before,
                             const struct catalog_options *after);

#endif
