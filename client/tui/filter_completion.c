// SPDX-License-Identifier: MIT
#include "filter_completion.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "wire/header.h"

static void add(struct filter_completion *out, const char *prefix, const char *format,
                const char *word)
{
    char whole[COMPLETION_SIZE];
    int size = snprintf(whole, sizeof whole, format, word);
    if (size < 0 || (size_t)size >= sizeof whole || strncmp(whole, prefix, strlen(prefix)) != 0) {
        return;
    }
    size_t at = 0;
    while (at < out->count && strcmp(out->words[at], whole) < 0) {
        at++;
    }
    if (at == COMPLETIONS_MAX || (at < out->count && strcmp(out->words[at], whole) == 0)) {
        return;
    }
    if (out->count == COMPLETIONS_MAX) {
        out->count--;
    }
    memmove(out->words[at + 1], out->words[at], (out->count - at) * COMPLETION_SIZE);
    memcpy(out->words[at], whole, sizeof whole);
    out->count++;
}

// A domain of types is offered before all of its types are: plan.* for plan.created.
static void add_type(struct filter_completion *out, const char *prefix, const char *name)
{
    const char *dot = strchr(name, '.');
    size_t stem = dot != NULL ? (size_t)(dot - name) + 1 : 0;
    if (stem > strlen(prefix)) {
        char glob[COMPLETION_SIZE];
        snprintf(glob, sizeof glob, "%.*s*", (int)stem, name);
        add(out, prefix, "%s", glob);
        return;
    }
    add(out, prefix, "%s", name);
}

static void find_types(struct filter_completion *out, const char *prefix)
{
    const struct oyez_type *type;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        add_type(out, prefix, type->name);
        add(out, prefix, "@%s", type->domain);
    }
}

static void find_fields(struct filter_completion *out, const char *prefix)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        add(out, prefix, "%s=", oyez_header_fields[i].name);
    }
    add(out, prefix, "%s", "tag.");
    add(out, prefix, "%s", "details.");
}

static void find_shared(struct filter_completion *out)
{
    if (out->count == 0) {
        return;
    }
    snprintf(out->shared, sizeof out->shared, "%s", out->words[0]);
    for (size_t i = 1; i < out->count; i++) {
        size_t same = 0;
        while (out->shared[same] != '\0' && out->shared[same] == out->words[i][same]) {
            same++;
        }
        out->shared[same] = '\0';
    }
}

void filter_completion_find(struct filter_completion *out, const char *text, size_t size)
{
    char prefix[COMPLETION_SIZE];
    memset(out, 0, sizeof *out);
    out->word_at = size;
    while (out->word_at > 0 && text[out->word_at - 1] != ' ') {
        out->word_at--;
    }
    if (size - out->word_at >= sizeof prefix) {
        return;
    }
    snprintf(prefix, sizeof prefix, "%.*s", (int)(size - out->word_at), text + out->word_at);
    if (strchr(prefix, '=') != NULL) {
        return;
    }
    find_types(out, prefix);
    find_fields(out, prefix);
    find_shared(out);
}
