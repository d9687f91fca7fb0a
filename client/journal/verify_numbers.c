// SPDX-License-Identifier: MIT
// One unflagged event for each (emitter, lane, number). A number may come late, after a gap and a
// new epoch, so the highest seen is not enough: runs of numbers are kept.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "segment_map.h"
#include "verify_state.h"

#define SLOTS_FIRST 1024u

static struct oyez_verify_emitter *find_slot(const struct oyez_verify_numbers *numbers,
                                             struct oyez_uuid id, bool fast)
{
    size_t at = (oyez_journal_fingerprint(id) + fast) & (numbers->room - 1);

    while (numbers->slots[at].used &&
           !(numbers->slots[at].fast == fast && oyez_uuid_equal(numbers->slots[at].id, id)))
        at = (at + 1) & (numbers->room - 1);
    return &numbers->slots[at];
}

static oyez_err grow(struct oyez_verify_numbers *numbers)
{
    struct oyez_verify_numbers larger = {
        .room = numbers->room == 0 ? SLOTS_FIRST : numbers->room * 2, .count = numbers->count};

    larger.slots = calloc(larger.room, sizeof(*larger.slots));
    if (larger.slots == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "table of emitters");
    for (size_t i = 0; i < numbers->room; i++)
        if (numbers->slots[i].used)
            *find_slot(&larger, numbers->slots[i].id, numbers->slots[i].fast) = numbers->slots[i];
    free(numbers->slots);
    *numbers = larger;
    return OYEZ_OK;
}

static struct oyez_verify_run *run_at(struct oyez_verify_emitter *emitter, size_t i)
{
    return i == 0 ? &emitter->run : &emitter->more[i - 1];
}

static oyez_err insert_run(struct oyez_verify_emitter *emitter, size_t at, uint64_t number)
{
    assert(emitter->more_count < SIZE_MAX / sizeof(struct oyez_verify_run) - 1);
    struct oyez_verify_run *more =
        realloc(emitter->more, (emitter->more_count + 1) * sizeof(*more));

    if (more == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "table of emitters");
    emitter->more = more;
    emitter->more_count++;
    for (size_t i = emitter->more_count; i > at; i--)
        *run_at(emitter, i) = *run_at(emitter, i - 1);
    *run_at(emitter, at) = (struct oyez_verify_run){number, number};
    return OYEZ_OK;
}

static void join_with_next(struct oyez_verify_emitter *emitter, size_t at)
{
    if (at >= emitter->more_count ||
        run_at(emitter, at)->last + 1 != run_at(emitter, at + 1)->first)
        return;
    run_at(emitter, at)->last = run_at(emitter, at + 1)->last;
    for (size_t i = at + 1; i < emitter->more_count; i++)
        *run_at(emitter, i) = *run_at(emitter, i + 1);
    emitter->more_count--;
}

static oyez_err add_number(struct oyez_verify_emitter *emitter, uint64_t number, bool *seen)
{
    size_t at = emitter->more_count + 1; // runs up to here end below the number

    while (at > 0 && run_at(emitter, at - 1)->first > number)
        at--;
    if (at > 0 && number <= run_at(emitter, at - 1)->last) {
        *seen = true;
        return OYEZ_OK;
    }
    if (at > 0 && number == run_at(emitter, at - 1)->last + 1) {
        run_at(emitter, at - 1)->last = number;
        join_with_next(emitter, at - 1);
        return OYEZ_OK;
    }
    if (at <= emitter->more_count && number + 1 == run_at(emitter, at)->first) {
        run_at(emitter, at)->first = number;
        return OYEZ_OK;
    }
    return insert_run(emitter, at, number);
}

oyez_err oyez_verify_numbers_add(struct oyez_verify_numbers *numbers,
                                 const struct oyez_journal_record *record, bool *seen)
{
    bool fast = (record->flags & OYEZ_RECORD_FAST) != 0;

    *seen = false;
    if (numbers->count * 2 >= numbers->room) {
        oyez_err err = grow(numbers);
        if (err != OYEZ_OK)
            return err;
    }
    struct oyez_verify_emitter *emitter = find_slot(numbers, record->emitter_id, fast);
    if (emitter->used)
        return add_number(emitter, record->emitter_seq, seen);
    *emitter = (struct oyez_verify_emitter){.id = record->emitter_id,
                                            .fast = fast,
                                            .used = true,
                                            .run = {record->emitter_seq, record->emitter_seq}};
    numbers->count++;
    return OYEZ_OK;
}

void oyez_verify_numbers_clear(struct oyez_verify_numbers *numbers)
{
    for (size_t i = 0; i < numbers->room; i++)
        free(numbers->slots[i].more);
    free(numbers->slots);
    *numbers = (struct oyez_verify_numbers){0};
}
