// SPDX-License-Identifier: MIT
// What proto/generate_catalogs.py makes of the catalogs, for catalog.c.
#ifndef OYEZ_CATALOG_TABLE_H
#define OYEZ_CATALOG_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/catalog.h"

// In the order of enum oyez_type_id.
extern const struct oyez_type oyez_type_table[];
extern const size_t oyez_type_table_count;

struct oyez_type_key {
    uint16_t size; // bytes of the name that are compared
    uint16_t type; // index into oyez_type_table
};

// Types that are not open, by size and then bytewise.
extern const struct oyez_type_key oyez_type_exact[];
extern const size_t oyez_type_exact_count;

// Open prefixes without their "*", the longest first.
extern const struct oyez_type_key oyez_type_open[];
extern const size_t oyez_type_open_count;

#endif
