// SPDX-License-Identifier: MIT
// Catalogs for a look, of a file or of this process; nothing is added to the process's set.
#ifndef OYEZ_CATALOG_SOURCE_H
#define OYEZ_CATALOG_SOURCE_H

#include "catalog_set.h"

struct catalog_source {
    struct descriptor_set *set; // of a file; NULL = of the process
    const struct catalog *catalogs[DESCRIPTOR_FILES_MAX];
    size_t count;
};

// catalog_source_open takes the catalog of that name, else reads a file. `for_reading`: rules of
// style do not hold for it. OYEZ_ERR_NOT_FOUND, OYEZ_ERR_MALFORMED, OYEZ_ERR_INVALID,
// OYEZ_ERR_TOO_LARGE, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. Close in any case.
oyez_err catalog_source_open(struct catalog_source *source, const char *name, bool for_reading);
void catalog_source_close(struct catalog_source *source);

#endif
