// SPDX-License-Identifier: MIT
// How long something took, for people.
#ifndef OYEZ_DURATION_H
#define OYEZ_DURATION_H

#include <stddef.h>
#include <stdint.h>

#define DURATION_TEXT_SIZE 32u

// duration_write writes nanoseconds as "12 us", "3.4 ms", "5.67 s" or "12 min".
void duration_write(char text[DURATION_TEXT_SIZE], int64_t nanoseconds);

#endif
