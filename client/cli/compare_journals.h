// SPDX-License-Identifier: MIT
// `oyez verify --compare`: two journals of one stream.
#ifndef OYEZ_COMPARE_JOURNALS_H
#define OYEZ_COMPARE_JOURNALS_H

#include <stdbool.h>

// compare_journals says that both are the same, or where they part and why. Returns an exit code.
int compare_journals(const char *a, const char *b, bool json);

#endif
