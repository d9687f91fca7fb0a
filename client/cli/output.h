// SPDX-License-Identifier: MIT
// What stdout did not take. The C library tells the reason once, at the write that failed; the
// command ends with it much later.
#ifndef OYEZ_OUTPUT_H
#define OYEZ_OUTPUT_H

#include <stdbool.h>

// output_keep remembers errno if `written` is false and nothing was remembered before. Returns
// `written`. Any thread.
bool output_keep(bool written);

// output_flush writes out what stdout holds. False when it does not take it; kept. Any thread.
bool output_flush(void);

// output_finish flushes, and tells on stderr what was not written. A reader who has seen enough is
// no failure. Returns `code`, or EXIT_ENVIRONMENT in the place of EXIT_DONE.
int output_finish(int code);

#endif
