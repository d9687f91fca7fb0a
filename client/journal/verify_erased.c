// SPDX-License-Identifier: MIT
// An erasure is an act: who blanks an event without one hides something.
#include <stdlib.h>
#include <string.h>

#include "segment.h"
#include "verify_state.h"

#define LINE_MAX_SIZE 64u

static oyez_err make_room(void **list, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return OYEZ_OK;
    size_t next = *room == 0 ? 64 : *room * 2;
    void *grown = realloc(*list, next * size);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of erased events");
    *list = grown;
    *room = next;
    return OYEZ_OK;
}

oyez_err oyez_verify_erased_add(struct oyez_verify_erased *erased,
                                const struct oyez_journal_record *record, uint64_t segment,
                                uint64_t offset)
{
    void *list = erased->blanks;
    oyez_err err =
        make_room(&list, &erased->blank_room, erased->blank_count, sizeof(*erased->blanks));

    erased->blanks = list;
    if (err == OYEZ_OK)
        erased->blanks[erased->blank_count++] =
            (struct oyez_verify_blank){.place = {record->epoch, record->position},
                                       .index = record->index,
                                       .offset = offset,
                                       .segment = segment};
    return err;
}

// "event EPOCH:POSITION EVENT-ID"
static bool read_place(const char *line, size_t size, struct oyez_verify_place *place)
{
    static const char word[] = "event";
    char text[LINE_MAX_SIZE + 1], *end;

    if (size > LINE_MAX_SIZE)
        return false;
    memcpy(text, line, size);
    text[size] = '\0';
    if (strncmp(text, word, strlen(word)) != 0)
        return false;
    const char *epoch = text + strlen(word);
    place->epoch = strtoull(epoch, &end, 10);
    if (end == epoch || *end != ':')
        return false;
    const char *position = end + 1;
    place->position = strtoull(position, &end, 10);
    return end != position;
}

oyez_err oyez_verify_erased_act(struct oyez_verify_erased *erased,
                                const struct oyez_journal_record *act, bool *good)
{
    const char *at = (const char *)act->details, *end = at + act->details_size;
    struct oyez_verify_place place;

    *good = false;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL || !read_place(at, (size_t)(newline - at), &place))
            break; // who and why follow
        void *list = erased->acts;
        oyez_err err =
            make_room(&list, &erased->act_room, erased->act_count, sizeof(*erased->acts));
        erased->acts = list;
        if (err != OYEZ_OK)
            return err;
        erased->acts[erased->act_count++] = place;
        *good = true;
        at = newline + 1;
    }
    return OYEZ_OK;
}

static int compare_places(const void *a, const void *b)
{
    const struct oyez_verify_place *x = a, *y = b;

    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return 0;
}

void oyez_verify_erased_end(struct oyez_verify_erased *erased,
                            const struct oyez_verify_report *report)
{
    char name[OYEZ_SEGMENT_NAME_SIZE];

    if (erased->act_count > 0)
        qsort(erased->acts, erased->act_count, sizeof(*erased->acts), compare_places);
    for (size_t i = 0; i < erased->blank_count; i++) {
        const struct oyez_verify_blank *blank = &erased->blanks[i];
        if (erased->act_count > 0 && bsearch(&blank->place, erased->acts, erased->act_count,
                                             sizeof(*erased->acts), compare_places) != NULL)
            continue;
        oyez_segment_name(name, blank->segment, ".seg");
        oyez_verify_tell(report, name, blank->offset, blank->index,
                         "the event was blanked, and no act of erasure covers it");
    }
}

void oyez_verify_erased_clear(struct oyez_verify_erased *erased)
{
    free(erased->blanks);
    free(erased->acts);
    *erased = (struct oyez_verify_erased){0};
}
