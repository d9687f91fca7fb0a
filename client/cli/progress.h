// SPDX-License-Identifier: MIT
// The progress bar of the process, on stderr and only if that is a terminal. There is one, because
// there is one last line.
#ifndef OYEZ_PROGRESS_H
#define OYEZ_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

// progress_open starts it. total 0 = not known: only the count is shown. `unit` is static text.
void progress_open(uint64_t total, const char *unit);

// progress_set draws at most ten times a second. One thread.
void progress_set(uint64_t done, uint64_t count);

// progress_hide takes the bar off so that a line can be printed; the next progress_set brings it
// back. Under stderr's lock. Any thread.
void progress_hide(void);

void progress_close(void);

// progress_format writes what the bar shows: of `total` as much as `done`, and the count.
// Returns the bytes written, 0 if they do not fit.
size_t progress_format(char *out, size_t out_size, uint64_t done, uint64_t total, uint64_t count,
                       const char *unit);

#endif
