// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/control.h"

#define HEADS_MAX 8000u

static uint8_t details[OYEZ_HEADS_BYTES_MAX];
static size_t details_size;
static struct oyez_head heads[HEADS_MAX];
static char names[HEADS_MAX][16];

static const struct oyez_heads_message message = {
    .instance = 0xfedcba9876543210,
    .position = 77,
    .recorded_position = 66,
    .heads_complete = true,
};

// What `each` was told: compared with heads[] in order.
struct seen {
    const uint8_t *begin;
    size_t size;
    size_t count;
};

static void see_head(void *arg, const struct oyez_head *head)
{
    struct seen *seen = arg;
    assert_true(seen->count < HEADS_MAX);
    const struct oyez_head *expected = &heads[seen->count++];
    assert_int_equal(head->event_type_size, expected->event_type_size);
    assert_memory_equal(head->event_type, expected->event_type, head->event_type_size);
    assert_true(head->type_seq == expected->type_seq);
    const uint8_t *name = (const uint8_t *)head->event_type;
    assert_true(name >= seen->begin && name + head->event_type_size <= seen->begin + seen->size);
}

static void ignore_head(void *arg, const struct oyez_head *head)
{
    (void)head;
    ++*(size_t *)arg;
}

static void make_heads(void)
{
    for (size_t i = 0; i < HEADS_MAX; i++) {
        int size = snprintf(names[i], sizeof names[i], "type.%zu", i);
        heads[i] = (struct oyez_head){names[i], (size_t)size, i % 3 == 0 ? UINT64_MAX - i : i};
    }
}

static void check_heartbeat(size_t count)
{
    assert_int_equal(
        oyez_heartbeat_encode(&message, heads, count, details, sizeof details, &details_size),
        OYEZ_OK);
    struct seen seen = {details, details_size, 0};
    struct oyez_heads_message out;
    assert_int_equal(oyez_heartbeat_decode(&out, details, details_size, see_head, &seen), OYEZ_OK);
    assert_int_equal(seen.count, count);
    assert_true(out.instance == message.instance);
    assert_int_equal(out.position, 77);
    assert_int_equal(out.recorded_position, 66);
    assert_true(out.heads_complete);
}

static void test_a_heartbeat_arrives_with_its_heads(void **state)
{
    (void)state;
    check_heartbeat(0);
    check_heartbeat(1);
    check_heartbeat(100);
}

static void test_heads_beyond_64_kib_arrive(void **state)
{
    (void)state;
    check_heartbeat(HEADS_MAX);
    assert_in_range(details_size, 128u * 1024u, OYEZ_HEADS_BYTES_MAX);
}

static void test_a_beacon_arrives_with_its_heads(void **state)
{
    (void)state;
    assert_int_equal(
        oyez_beacon_encode(&message, heads, 50, details, sizeof details, &details_size), OYEZ_OK);
    struct seen seen = {details, details_size, 0};
    struct oyez_heads_message out;
    assert_int_equal(oyez_beacon_decode(&out, details, details_size, see_head, &seen), OYEZ_OK);
    assert_int_equal(seen.count, 50);
    assert_true(out.instance == message.instance);
    assert_int_equal(out.position, 77);
    assert_int_equal(out.recorded_position, 0);
    assert_true(out.heads_complete);
}

static void test_heads_that_do_not_fit_are_too_large(void **state)
{
    (void)state;
    check_heartbeat(3);
    size_t fitting = details_size;
    for (size_t capacity = 0; capacity < fitting; capacity++) {
        uint8_t *small = malloc(capacity + 1);
        assert_non_null(small);
        assert_int_equal(oyez_heartbeat_encode(&message, heads, 3, small, capacity, &details_size),
                         OYEZ_ERR_TOO_LARGE);
        free(small);
    }
    assert_int_equal(oyez_beacon_encode(&message, heads, 3, details, 20, &details_size),
                     OYEZ_ERR_TOO_LARGE);
}

static void test_cut_heads_never_lead_out_of_the_details(void **state)
{
    (void)state;
    check_heartbeat(20);
    size_t malformed = 0;
    for (size_t size = 0; size < details_size; size++) {
        uint8_t *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut, details, size);
        struct seen seen = {cut, size, 0};
        struct oyez_heads_message out;
        oyez_err err = oyez_heartbeat_decode(&out, cut, size, see_head, &seen);
        assert_true(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED);
        malformed += err == OYEZ_ERR_MALFORMED;
        free(cut);
    }
    // A cut between two fields is a shorter message; there are 4 fields and 20 heads.
    assert_int_equal(malformed, details_size - 24);
}

static void test_a_head_of_an_impossible_type_is_malformed(void **state)
{
    (void)state;
    static const char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1] = {'a'};
    struct oyez_head head = {name, OYEZ_EVENT_TYPE_SIZE_MAX, 1};
    size_t count = 0;
    struct oyez_heads_message out;
    assert_int_equal(oyez_beacon_encode(&message, &head, 1, details, sizeof details, &details_size),
                     OYEZ_OK);
    assert_int_equal(oyez_beacon_decode(&out, details, details_size, ignore_head, &count), OYEZ_OK);
    head.event_type_size++;
    assert_int_equal(oyez_beacon_encode(&message, &head, 1, details, sizeof details, &details_size),
                     OYEZ_OK);
    assert_int_equal(oyez_beacon_decode(&out, details, details_size, ignore_head, &count),
                     OYEZ_ERR_MALFORMED);
    assert_int_equal(count, 1);
}

static void test_a_number_for_a_head_or_its_type_is_malformed(void **state)
{
    (void)state;
    // A type as fixed64, a type as varint, a head as fixed64 and as varint.
    static const uint8_t cases[][12] = {
        {0x22, 0x09, 0x09, 1, 2, 3, 4, 5, 6, 7, 8},
        {0x22, 0x02, 0x08, 0x05},
        {0x21, 0x78, 1, 0x78, 1, 0x78, 1, 0x78, 1},
        {0x20, 0x05},
    };
    static const size_t sizes[] = {11, 4, 9, 2};
    for (size_t i = 0; i < 4; i++) {
        size_t count = 0;
        struct oyez_heads_message out;
        assert_int_equal(oyez_heartbeat_decode(&out, cases[i], sizes[i], ignore_head, &count),
                         OYEZ_ERR_MALFORMED);
        assert_int_equal(count, 0);
    }
}

static void test_unknown_fields_are_skipped(void **state)
{
    (void)state;
    // A head with an unknown field of 20 bytes before its name, and one behind the heads.
    static const uint8_t newer[] = {0x22, 0x1b, 0x7a, 0x14, 0,   0,   0,   0,    0,   0, 0,
                                    0,    0,    0,    0,    0,   0,   0,   0,    0,   0, 0,
                                    0,    0,    0x0a, 0x03, 'a', '.', 'b', 0x78, 0x05};
    struct oyez_heads_message out;
    heads[0] = (struct oyez_head){"a.b", 3, 0};
    struct seen seen = {newer, sizeof newer, 0};
    assert_int_equal(oyez_heartbeat_decode(&out, newer, sizeof newer, see_head, &seen), OYEZ_OK);
    assert_int_equal(seen.count, 1);
    make_heads();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_heartbeat_arrives_with_its_heads),
        cmocka_unit_test(test_heads_beyond_64_kib_arrive),
        cmocka_unit_test(test_a_beacon_arrives_with_its_heads),
        cmocka_unit_test(test_heads_that_do_not_fit_are_too_large),
        cmocka_unit_test(test_cut_heads_never_lead_out_of_the_details),
        cmocka_unit_test(test_a_head_of_an_impossible_type_is_malformed),
        cmocka_unit_test(test_a_number_for_a_head_or_its_type_is_malformed),
        cmocka_unit_test(test_unknown_fields_are_skipped),
    };
    make_heads();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
