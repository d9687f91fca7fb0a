// SPDX-License-Identifier: MIT
// Filters that have names, kept in a file between runs: a line each, NAME, a tab, the filter.
#ifndef OYEZ_FILTER_STORE_H
#define OYEZ_FILTER_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "filter_text.h"
#include "oyez/error.h"

#define FILTER_STORE_MAX 64u
#define FILTER_NAME_SIZE 41u

struct named_filter {
    char name[FILTER_NAME_SIZE];
    char text[FILTER_TEXT_SIZE];
};

struct filter_store {
    char path[4096];
    struct named_filter filters[FILTER_STORE_MAX]; // by name
    size_t count;
};

// filter_store_open reads the file: of OYEZ_TUI_FILTERS, else oyez/filters under XDG_STATE_HOME or
// ~/.local/state. No file is no failure. Lines that are no filters are left out.
void filter_store_open(struct filter_store *store);

// filter_store_put adds or replaces one and writes the file. OYEZ_ERR_INVALID (a name is 1 to 40
// letters, digits, - _ .), OYEZ_ERR_FULL, OYEZ_ERR_IO: it is kept until the program ends.
oyez_err filter_store_put(struct filter_store *store, const char *name, const char *text);

// filter_store_remove forgets one and writes the file. OYEZ_ERR_IO.
oyez_err filter_store_remove(struct filter_store *store, size_t at);

#endif
