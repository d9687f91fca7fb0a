// SPDX-License-Identifier: MIT
// Patterns and conditions of a command line, judged before anything is asked.
#ifndef OYEZ_SELECTION_H
#define OYEZ_SELECTION_H

#include "command.h"
#include "oyez/pattern.h"

// selection_check judges the positional arguments as patterns and `where` as conditions. Returns
// EXIT_DONE with *filter (NULL if there are no conditions; oyez_filter_close), else the exit code,
// with the reason printed.
int selection_check(const struct arguments *arguments, const struct text_list *where,
                    oyez_filter **filter);

// selection_times reads --since and --until, NULL where they were not given. Returns EXIT_DONE, or
// EXIT_USAGE with the reason printed.
int selection_times(const struct arguments *arguments, const char *since_text,
                    const char *until_text, int64_t *since, int64_t *until);

// selection_is_known: whether the catalogs here have an event type that a good pattern matches, or
// an open prefix that may have one. What Oyez itself emits is not judged.
bool selection_is_known(const char *pattern);

// selection_tell_unknown says on stderr, with the nearest name, that no type here matches a good
// pattern. No failure: another program's catalogs may have the type.
void selection_tell_unknown(const char *pattern);

#endif
