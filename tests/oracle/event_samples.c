// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event_samples.h"

#include <stdlib.h>
#include <string.h>

#include "wire/header.h"

uint8_t details_room[DETAILS_ROOM];
uint8_t encoded[OYEZ_HEADER_SIZE_MAX + DETAILS_ROOM];

size_t encode(const struct oyez_event *event)
{
    size_t header_size;
    size_t size = oyez_event_measure(event, &header_size);
    assert_true(size < sizeof encoded);
    encoded[size] = 0xa5;
    assert_int_equal(oyez_event_encode(event, header_size, encoded), size);
    assert_int_equal(encoded[size], 0xa5);
    return size;
}

oyez_err decode(struct oyez_event *out, const uint8_t *bytes, size_t size)
{
    static uint8_t *copy;
    static char *scratch;
    free(copy);
    free(scratch);
    copy = malloc(size + (size == 0));
    scratch = malloc(OYEZ_DECODE_SCRATCH_SIZE);
    assert_non_null(copy);
    assert_non_null(scratch);
    memcpy(copy, bytes, size);
    memset(scratch, '#', OYEZ_DECODE_SCRATCH_SIZE);
    return oyez_event_decode(out, copy, size, scratch);
}

struct oyez_event full_event(void)
{
    struct oyez_event event = {
        .occurred_at = 5, .aggregate_version = 300, .has_aggregate_version = true};
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            oyez_header_set_text(&event, &oyez_header_fields[i], "text €");
    }
    event.event_id.bytes[0] = 1;
    event.tags[0] = (struct oyez_tag){"key", "value"};
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    event.details = details_room;
    event.details_size = 200;
    event.salt = details_room;
    event.signature = details_room;
    event.signature_size = 64;
    return event;
}

static uint64_t random_state;

void seed_random(uint64_t seed)
{
    random_state = seed;
}

// xorshift64*
uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

size_t random_below(size_t end)
{
    return (size_t)(next_random() >> 16) % end;
}
