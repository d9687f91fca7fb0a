// SPDX-License-Identifier: MIT
// What the word of a filter that is being typed may become: event types and domains of the catalogs,
// names of header fields, paths of details.
#ifndef OYEZ_FILTER_COMPLETION_H
#define OYEZ_FILTER_COMPLETION_H

#include <stddef.h>

#define COMPLETIONS_MAX 64u
#define COMPLETION_SIZE 208u

struct filter_completion {
    char words[COMPLETIONS_MAX][COMPLETION_SIZE]; // sorted, each once
    size_t count;
    size_t word_at;               // where the word that they complete begins in the text
    char shared[COMPLETION_SIZE]; // what all of them begin with; "" without any
};

// filter_completion_find looks for what the last word of the first `size` bytes may become.
void filter_completion_find(struct filter_completion *out, const char *text, size_t size);

#endif
