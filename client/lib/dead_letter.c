// SPDX-License-Identifier: MIT
// Dead letters as the record has them, and what people do about them.
#include "oyez/dead_letter.h"

#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "client_state.h"
#include "dead_letter_event.h"
#include "oyez/json.h"
#include "oyez/query.h"
#include "wire/clock.h"

#define OUTCOME_SIZE 17
#define REASON_SIZE_MAX 256u

struct letters {
    struct oyez_dead_letter *items;
    size_t count;
    size_t capacity;
};

static oyez_err add(struct letters *letters, const struct oyez_dead_letter *dead)
{
    if (letters->count == letters->capacity) {
        size_t capacity = letters->capacity == 0 ? 16 : letters->capacity * 2;
        struct oyez_dead_letter *items = realloc(letters->items, capacity * sizeof *items);
        if (items == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu dead letters", capacity);
        letters->items = items;
        letters->capacity = capacity;
    }
    letters->items[letters->count++] = *dead;
    return OYEZ_OK;
}

static int compare_uuids(const void *a, const void *b)
{
    return memcmp(a, b, OYEZ_UUID_SIZE);
}

struct resolved {
    struct oyez_uuid *ids;
    size_t count;
    size_t capacity;
};

static oyez_err add_resolved(struct resolved *resolved, struct oyez_uuid letter_id)
{
    if (resolved->count == resolved->capacity) {
        size_t capacity = resolved->capacity == 0 ? 64 : resolved->capacity * 2;
        struct oyez_uuid *ids = realloc(resolved->ids, capacity * sizeof *ids);
        if (ids == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu dead letters", capacity);
        resolved->ids = ids;
        resolved->capacity = capacity;
    }
    resolved->ids[resolved->count++] = letter_id;
    return OYEZ_OK;
}

static void drop_resolved(struct letters *letters, struct resolved *resolved)
{
    size_t kept = 0;
    if (resolved->count > 0)
        qsort(resolved->ids, resolved->count, sizeof *resolved->ids, compare_uuids);
    for (size_t i = 0; i < letters->count; i++) {
        if (resolved->count == 0 ||
            bsearch(&letters->items[i].letter_id, resolved->ids, resolved->count,
                    sizeof *resolved->ids, compare_uuids) == NULL)
            letters->items[kept++] = letters->items[i];
    }
    letters->count = kept;
}

static oyez_err take_event(struct letters *letters, struct resolved *resolved,
                           const struct oyez_event *event)
{
    struct oyez_dead_letter dead;
    struct oyez_uuid letter_id;
    char outcome[OUTCOME_SIZE];
    if (letter_read(&dead, event))
        return add(letters, &dead);
    if (letter_read_resolved(event, &letter_id, outcome))
        return add_resolved(resolved, letter_id);
    return OYEZ_OK;
}

static oyez_err read_letters(oyez_client *client, struct letters *letters, uint32_t timeout_ms)
{
    static const char *const patterns[] = {OYEZ_DEAD_LETTER_TYPE, OYEZ_DEAD_LETTER_RESOLVED_TYPE};
    struct oyez_query_options options = {.patterns = patterns, .pattern_count = 2};
    struct resolved resolved = {0};
    const struct oyez_event *event;
    oyez_query *query = NULL;
    oyez_err err = oyez_query_open(&query, client, &options);
    while (err == OYEZ_OK) {
        err = oyez_query_next(query, &event, timeout_ms);
        if (err == OYEZ_OK)
            err = take_event(letters, &resolved, event);
    }
    oyez_query_close(&query);
    if (err == OYEZ_ERR_NOT_FOUND) {
        drop_resolved(letters, &resolved);
        err = OYEZ_OK;
    }
    free(resolved.ids);
    return err;
}

oyez_err oyez_client_dead_letters(oyez_client *client, struct oyez_dead_letter **letters,
                                  size_t *count, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(letters);
    REQUIRE_ARGUMENT(count);
    struct letters found = {0};
    *letters = NULL;
    *count = 0;
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = read_letters(client, &found, timeout_ms);
    if (err != OYEZ_OK) {
        free(found.items);
        return err;
    }
    *letters = found.items;
    *count = found.count;
    return OYEZ_OK;
}

static oyez_err find_letter(oyez_client *client, struct oyez_uuid letter_id,
                            struct oyez_dead_letter *out, uint32_t timeout_ms)
{
    struct letters found = {0};
    char text[OYEZ_UUID_TEXT_SIZE];
    const struct oyez_dead_letter *letter = NULL;
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = read_letters(client, &found, timeout_ms);
    for (size_t i = 0; i < found.count && letter == NULL; i++) {
        if (oyez_uuid_equal(letter_id, found.items[i].letter_id))
            letter = &found.items[i];
    }
    oyez_uuid_to_text(letter_id, text);
    if (err == OYEZ_OK && letter == NULL)
        err = oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no dead letter, or one that is resolved", text);
    if (err == OYEZ_OK)
        *out = *letter;
    free(found.items);
    return err;
}

// The outcome of one letter, as somebody tells it.
static oyez_err await_outcome(oyez_subscription *outcomes, const struct oyez_dead_letter *dead,
                              uint32_t timeout_ms)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    struct oyez_uuid letter_id;
    char outcome[OUTCOME_SIZE];
    for (;;) {
        const struct oyez_event *event;
        uint64_t now_ms = oyez_clock_monotonic_ms();
        uint32_t left_ms = deadline_ms > now_ms ? (uint32_t)(deadline_ms - now_ms) : 0;
        oyez_err err = oyez_subscription_receive(outcomes, &event, left_ms);
        if (err == OYEZ_ERR_TIMEOUT)
            return oyez_fail(err, "no handler \"%s\" has answered within %u ms; is its process up?",
                             dead->handler, timeout_ms);
        if (err != OYEZ_OK)
            return err;
        if (!letter_read_resolved(event, &letter_id, outcome) ||
            !oyez_uuid_equal(letter_id, dead->letter_id))
            continue;
        if (strcmp(outcome, "handled") == 0)
            return OYEZ_OK;
        return oyez_fail(OYEZ_ERR_REFUSED, "the handler \"%s\" has %s the event", dead->handler,
                         strcmp(outcome, "failed") == 0 ? "failed again at" : "not handled");
    }
}

oyez_err oyez_client_retry_dead_letter(oyez_client *client, struct oyez_uuid letter_id,
                                       uint32_t timeout_ms)
{
    static const char *const patterns[] = {OYEZ_DEAD_LETTER_RESOLVED_TYPE};
    REQUIRE_ARGUMENT(client);
    // Recorded: who lists the letters after this is not shown this one again.
    struct oyez_subscription_options options = {
        .patterns = patterns, .pattern_count = 1, .only_recorded = true};
    struct oyez_dead_letter dead;
    oyez_subscription *outcomes = NULL;
    struct oyez_event *event = NULL;
    oyez_err err = find_letter(client, letter_id, &dead, timeout_ms);
    if (err == OYEZ_OK)
        err = oyez_client_get(client, dead.event_id, &event, timeout_ms);
    if (err == OYEZ_OK)
        err = oyez_subscription_open(&outcomes, client, &options, timeout_ms);
    if (err == OYEZ_OK)
        err = letter_emit_wish(client, &dead);
    if (err == OYEZ_OK)
        err = await_outcome(outcomes, &dead, timeout_ms);
    oyez_subscription_close(&outcomes);
    oyez_event_free(&event);
    return err;
}

oyez_err oyez_client_discard_dead_letter(oyez_client *client, struct oyez_uuid letter_id,
                                         const char *reason, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    struct oyez_dead_letter dead;
    if (reason != NULL && strnlen(reason, REASON_SIZE_MAX + 1) > REASON_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_INVALID, "reason: is longer than %u bytes", REASON_SIZE_MAX);
    oyez_err err = find_letter(client, letter_id, &dead, timeout_ms);
    if (err == OYEZ_OK)
        err = letter_emit_discard(client, letter_id, reason, timeout_ms);
    return err;
}
