// SPDX-License-Identifier: MIT
#include "schema/descriptor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/characters.h"
#include "wire/field.h"

void descriptor_set_free(struct descriptor_set **set_p)
{
    struct descriptor_set *set = *set_p;
    *set_p = NULL;
    if (set == NULL)
        return;
    arena_free(&set->arena);
    pthread_mutex_destroy(&set->lock);
    free(set->files);
    free(set->messages);
    free(set->enums);
    free(set->copy);
    free(set);
}

uint32_t descriptor_message_find(const struct descriptor_set *set, const char *name)
{
    size_t low = 0;
    size_t high = set->message_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t found = set->messages_by_name[middle];
        int order = strcmp(set->messages[found].name, name);
        if (order == 0)
            return found;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return DESCRIPTOR_NONE;
}

uint32_t descriptor_enum_find(const struct descriptor_set *set, const char *name)
{
    size_t low = 0;
    size_t high = set->enum_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t found = set->enums_by_name[middle];
        int order = strcmp(set->enums[found].name, name);
        if (order == 0)
            return found;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return DESCRIPTOR_NONE;
}

oyez_err descriptor_fail(oyez_err err, const struct descriptor_set *set,
                         const struct descriptor_file *file,
                         const struct descriptor_message *message, const char *field,
                         const char *format, ...)
{
    char place[320];
    char what[256];
    size_t at = (size_t)snprintf(place, sizeof place, "%.100s: ", set->origin);
    if (file != NULL)
        at += (size_t)snprintf(place + at, sizeof place - at, "%.60s: ", file->name);
    if (message != NULL && message->type_name != NULL)
        at +=
            (size_t)snprintf(place + at, sizeof place - at, "%.40s (%.40s): ", message->short_name,
                             message->type_name[0] != '\0' ? message->type_name : "no name");
    else if (message != NULL)
        at += (size_t)snprintf(place + at, sizeof place - at, "%.60s: ", message->short_name);
    if (field != NULL)
        snprintf(place + at, sizeof place - at, "%.40s: ", field);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    // Names of a stranger's file may end up on a terminal.
    char text[sizeof place + sizeof what];
    snprintf(text, sizeof text, "%s%s", place, what);
    char printable[sizeof text];
    characters_print(printable, sizeof printable, SIZE_MAX, text, strlen(text));
    return oyez_fail(err, "%s", printable);
}

oyez_err descriptor_no_memory(const struct descriptor_set *set)
{
    return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory for its catalogs", set->origin);
}
