// SPDX-License-Identifier: MIT
// Time that does not jump, in milliseconds.
#ifndef OYEZ_DEADLINE_H
#define OYEZ_DEADLINE_H

#include <stdint.h>

int64_t deadline_now(void);

// deadline_left: milliseconds from now to `deadline`, 0 when it is over, at most UINT32_MAX.
uint32_t deadline_left(int64_t deadline);

// deadline_sleep waits that long, or less if a signal comes.
void deadline_sleep(uint32_t milliseconds);

#endif
