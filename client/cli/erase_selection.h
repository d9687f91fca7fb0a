// SPDX-License-Identifier: MIT
// Which events `oyez erase` is about, and what it shows of them first.
#ifndef OYEZ_ERASE_SELECTION_H
#define OYEZ_ERASE_SELECTION_H

#include <jansson.h>

#include "command.h"
#include "oyez/erasing.h"
#include "oyez/query.h"

#define ERASE_PLACE_SIZE 96u

struct erase_selection {
    struct oyez_erasing_event *events; // personal ones
    size_t count, room;
    uint64_t ordinary;                                    // that match too, and stay
    json_t *types;                                        // of the personal ones: how many
    char first[ERASE_PLACE_SIZE], last[ERASE_PLACE_SIZE]; // cursor and time; "" = none
};

// erase_selection_find asks a journal's directory. Returns EXIT_DONE, or the exit code with the reason
// printed. erase_selection_free either way.
int erase_selection_find(struct erase_selection *selection, const struct arguments *arguments,
                         const char *directory, const struct oyez_query_options *options);
void erase_selection_free(struct erase_selection *selection);

void erase_selection_print(const struct erase_selection *selection, bool done);

// erase_selection_json is the same as an object, which is the caller's.
json_t *erase_selection_json(const struct erase_selection *selection);

#endif
