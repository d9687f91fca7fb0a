// SPDX-License-Identifier: MIT
// The demo: a believable agent platform that emits events of all catalogs, a few a second.
#ifndef OYEZ_DEMO_H
#define OYEZ_DEMO_H

#include <stdint.h>

#include "oyez/error.h"

typedef struct demo demo;

// demo_start starts emitting threads that connect to `endpoint` as any client does. The same seed
// tells the same story. Waits for the broker up to a few seconds: OYEZ_ERR_UNREACHABLE,
// OYEZ_ERR_SYSTEM, OYEZ_ERR_NO_MEMORY; then there is no demo. The caller owns *out.
oyez_err demo_start(demo **out, const char *endpoint, uint64_t seed);

// demo_stop ends the threads within a second or so, what they emitted sent. NULL-safe, sets NULL.
void demo_stop(demo **demo_p);

#endif
