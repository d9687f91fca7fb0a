// SPDX-License-Identifier: MIT
// Catalogs that a client lacks, from the recorder.
#ifndef OYEZ_CATALOG_FETCH_H
#define OYEZ_CATALOG_FETCH_H

struct unknown_types;

// unknown_types_free frees what a client remembers of types that its recorder does not know.
// NULL-safe.
void unknown_types_free(struct unknown_types *types);

#endif
