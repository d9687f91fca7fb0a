// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "event_oracle.h"
#include "event_samples.h"
#include "wire/header.h"

#define RANDOM_EVENTS 4000
#define EVENT_ROOM (OYEZ_HEADER_SIZE_MAX + DETAILS_ROOM)

static const char *random_text(void)
{
    static char texts[96][ORACLE_TEXT_SIZE_MAX + 1];
    static size_t next;
    static const char *const pieces[] = {"a", "Z", "7", ".", "-", " ", "é", "€", "😀", "\x7f", "\n"};
    char *text = texts[next++ % 96];
    size_t limit = random_below(8) == 0 ? ORACLE_TEXT_SIZE_MAX : random_below(40);
    size_t size = 0;
    for (;;) {
        const char *piece = pieces[random_below(random_below(4) == 0 ? 11 : 5)];
        size_t piece_size = strlen(piece);
        if (size + piece_size > limit)
            break;
        memcpy(text + size, piece, piece_size);
        size += piece_size;
    }
    text[size] = '\0';
    return text;
}

static void set_random_header(struct oyez_event *event)
{
    size_t share = random_below(5); // of the fields, in quarters
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind == OYEZ_HEADER_TEXT && random_below(4) < share)
            oyez_header_set_text(event, field, random_text());
    }
    if (random_below(4) < share)
        memset(event->event_id.bytes, (int)random_below(256), OYEZ_UUID_SIZE);
    if (random_below(4) < share)
        event->occurred_at = (int64_t)next_random();
    event->has_aggregate_version = random_below(4) < share;
    if (event->has_aggregate_version)
        event->aggregate_version = next_random() >> random_below(65 - 1);
    size_t tags = random_below(4) < share ? random_below(OYEZ_TAGS_MAX + 1) : 0;
    for (size_t i = 0; i < tags; i++)
        event->tags[i] = (struct oyez_tag){random_text(), random_text()};
}

static struct oyez_event random_event(void)
{
    struct oyez_event event = {0};
    size_t header_size;
    do {
        event = (struct oyez_event){0};
        set_random_header(&event);
        (void)oyez_event_measure(&event, &header_size);
    } while (header_size > OYEZ_HEADER_SIZE_MAX);
    event.details_size = random_below(3) ? random_below(600) : random_below(DETAILS_ROOM);
    event.details = event.details_size > 0 ? details_room : NULL;
    event.details_format = (enum oyez_details_format)random_below(3);
    event.salt = random_below(2) ? details_room : NULL;
    event.signature_size = random_below(2) ? random_below(OYEZ_SIGNATURE_SIZE_MAX + 1) : 0;
    event.signature = event.signature_size > 0 ? details_room + 7 : NULL;
    return event;
}

static void check_against_oracle(const struct oyez_event *event)
{
    static struct oracle_event oracle;
    static uint8_t theirs[EVENT_ROOM];
    // Ours to nanopb and back.
    size_t size = encode(event);
    assert_true(oracle_decode(&oracle, encoded, size));
    assert_true(oracle_equals(&oracle, event));
    assert_int_equal(oracle_encode(&oracle, theirs, sizeof theirs), size);
    assert_memory_equal(theirs, encoded, size);
    // nanopb's own to ours.
    oracle_fill(&oracle, event);
    assert_true(oracle_equals(&oracle, event));
    assert_int_equal(oracle_encode(&oracle, theirs, sizeof theirs), size);
    assert_memory_equal(theirs, encoded, size);
    struct oyez_event out;
    assert_int_equal(decode(&out, theirs, size), OYEZ_OK);
    assert_true(oracle_equals(&oracle, &out));
}

static void test_random_events_are_to_nanopb_what_they_are_to_us(void **state)
{
    (void)state;
    seed_random(20251120);
    for (size_t i = 0; i < sizeof details_room; i++)
        details_room[i] = (uint8_t)next_random();
    for (int i = 0; i < RANDOM_EVENTS; i++) {
        struct oyez_event event = random_event();
        check_against_oracle(&event);
    }
}

static void test_each_field_alone_is_to_nanopb_what_it_is_to_us(void **state)
{
    (void)state;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        struct oyez_event event = {0};
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            oyez_header_set_text(&event, &oyez_header_fields[i], "x");
        else if (oyez_header_fields[i].kind == OYEZ_HEADER_UUID)
            event.event_id.bytes[15] = 1;
        else if (oyez_header_fields[i].kind == OYEZ_HEADER_TIME)
            event.occurred_at = INT64_MIN;
        else
            event.has_aggregate_version = true;
        check_against_oracle(&event);
    }
    check_against_oracle(&(struct oyez_event){0});
}

static void test_empty_text_is_not_absent(void **state)
{
    (void)state;
    const struct oyez_event event = {.event_type = "", .state = "", .tags = {{"", ""}}};
    check_against_oracle(&event);
    struct oyez_event out;
    assert_int_equal(decode(&out, encoded, encode(&event)), OYEZ_OK);
    assert_string_equal(out.event_type, "");
    assert_string_equal(out.state, "");
    assert_null(out.phase);
    assert_string_equal(out.tags[0].key, "");
    assert_null(out.tags[1].key);
}

static void test_an_event_has_these_bytes(void **state)
{
    (void)state;
    const struct oyez_event event = {
        .event_type = "a.b",
        .occurred_at = 1,
        .plan_id = "p",
        .state = "s",
        .tags = {{"k", "v"}},
        .details_format = OYEZ_DETAILS_JSON,
        .details = "{}",
        .details_size = 2,
    };
    static const uint8_t expected[] = {
        0x0a, 0x1f,                                          // header
        0x12, 0x03, 'a',  '.',  'b',                         // event_type
        0x19, 0x01, 0,    0,    0,    0,    0,    0,    0,   // occurred_at
        0x4a, 0x06, 0x0a, 0x01, 'p',  0x22, 0x01, 's',       // plan
        0x8a, 0x01, 0x06, 0x0a, 0x01, 'k',  0x12, 0x01, 'v', // tags
        0x12, 0x02, '{',  '}',  0x18, 0x01,                  // details, details_format
    };
    size_t size = encode(&event);
    assert_int_equal(size, sizeof expected);
    assert_memory_equal(encoded, expected, size);
}

static void test_the_stamp_is_left_alone(void **state)
{
    (void)state;
    struct oyez_event out = {.stamp = {.position = 42, .index = 43}};
    const struct oyez_event event = {.event_type = "a"};
    assert_int_equal(decode(&out, encoded, encode(&event)), OYEZ_OK);
    assert_int_equal(out.stamp.position, 42);
    assert_int_equal(out.stamp.index, 43);
}

static void test_split_finds_the_original_bytes(void **state)
{
    (void)state;
    const struct oyez_event event = full_event();
    size_t header_size;
    (void)oyez_event_measure(&event, &header_size);
    size_t size = encode(&event);
    struct oyez_event_parts parts;
    assert_int_equal(oyez_event_split(&parts, encoded, size), OYEZ_OK);
    assert_ptr_equal(parts.header, encoded + 3);
    assert_int_equal(parts.header_size, header_size);
    assert_int_equal(parts.details_size, 200);
    assert_memory_equal(parts.details, details_room, 200);
    assert_int_equal(parts.details_format, OYEZ_DETAILS_PROTOBUF);
    assert_int_equal(parts.salt_size, OYEZ_SALT_SIZE);
    assert_int_equal(parts.signature_size, 64);
    assert_ptr_equal(parts.signature + 64, encoded + size);
}

static void test_a_header_of_many_small_texts_fits_the_scratch_room(void **state)
{
    (void)state;
    // The most texts a header can hold: 23, and 32 tags of two each.
    struct oyez_event event = {0};
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            oyez_header_set_text(&event, &oyez_header_fields[i], "");
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++)
        event.tags[i] = (struct oyez_tag){"", ""};
    check_against_oracle(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_events_are_to_nanopb_what_they_are_to_us),
        cmocka_unit_test(test_each_field_alone_is_to_nanopb_what_it_is_to_us),
        cmocka_unit_test(test_empty_text_is_not_absent),
        cmocka_unit_test(test_an_event_has_these_bytes),
        cmocka_unit_test(test_the_stamp_is_left_alone),
        cmocka_unit_test(test_split_finds_the_original_bytes),
        cmocka_unit_test(test_a_header_of_many_small_texts_fits_the_scratch_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
