// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oyez/uuid.h"
#include "uuid_clock.h"

#define THREADS 4
#define IDS_PER_THREAD 100000
#define NS_PER_MS INT64_C(1000000)

// Far ahead of the system's clock, so that the ids made before do not hold these back. Each test
// that sets it takes a later time than the tests before it.
static int64_t test_now = INT64_C(5000000000) * 1000 * NS_PER_MS;

static int64_t read_test_clock(void)
{
    return test_now;
}

static int restore_clock(void **state)
{
    (void)state;
    oyez_uuid_set_clock(NULL);
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, OYEZ_UUID_SIZE);
}

static uint64_t milliseconds(struct oyez_uuid uuid)
{
    uint64_t ms = 0;

    for (unsigned i = 0; i < 6; i++)
        ms = ms << 8 | uuid.bytes[i];
    return ms;
}

static uint64_t random_part(struct oyez_uuid uuid)
{
    uint64_t value = 0;

    memcpy(&value, uuid.bytes + 9, 7);
    return value;
}

static void test_an_id_has_the_version_and_the_variant(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct oyez_uuid uuid = oyez_uuid_new();
        assert_int_equal(uuid.bytes[6] >> 4, 7);
        assert_int_equal(uuid.bytes[8] >> 6, 2);
        assert_false(oyez_uuid_is_zero(uuid));
    }
}

// Runs first: later tests move the process's ids into the future.
static void test_an_id_carries_the_time_it_was_made(void **state)
{
    (void)state;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t before = (uint64_t)now.tv_sec * 1000 + (uint64_t)(now.tv_nsec / NS_PER_MS);
    uint64_t made = milliseconds(oyez_uuid_new());
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t after = (uint64_t)now.tv_sec * 1000 + (uint64_t)(now.tv_nsec / NS_PER_MS);
    assert_true(before <= made && made <= after);
}

static void test_the_bits_behind_the_milliseconds_are_parts_of_one(void **state)
{
    (void)state;
    test_now += 1000 * NS_PER_MS;
    oyez_uuid_set_clock(read_test_clock);
    test_now += NS_PER_MS / 2;
    assert_int_equal(oyez_uuid_new().bytes[8], 0x80); // a new part: the counter is 0
    struct oyez_uuid half = oyez_uuid_new();
    assert_int_equal((half.bytes[6] & 0x0F) << 8 | half.bytes[7], 2048);
    assert_int_equal(half.bytes[8], 0x81);
    assert_int_equal(milliseconds(half), test_now / NS_PER_MS);
    test_now += NS_PER_MS / 2 - 1;
    struct oyez_uuid last = oyez_uuid_new();
    assert_int_equal((last.bytes[6] & 0x0F) << 8 | last.bytes[7], 4095);
    assert_int_equal(last.bytes[8], 0x80);
}

static void test_ids_grow_while_the_clock_stands_still(void **state)
{
    (void)state;
    test_now += 1000 * NS_PER_MS;
    oyez_uuid_set_clock(read_test_clock);
    struct oyez_uuid last = oyez_uuid_new();
    // More than all counters of one millisecond: the time has to be taken ahead.
    for (int i = 0; i < 4096 * 64 + 1; i++) {
        struct oyez_uuid next = oyez_uuid_new();
        assert_true(compare_ids(&last, &next) < 0);
        last = next;
    }
    assert_int_equal(milliseconds(last), test_now / NS_PER_MS + 1);
}

static void test_ids_grow_when_the_clock_is_set_back(void **state)
{
    (void)state;
    test_now += 1000 * NS_PER_MS;
    oyez_uuid_set_clock(read_test_clock);
    struct oyez_uuid last = oyez_uuid_new();
    int64_t high = test_now;
    static const int64_t back[] = {1, 1000, 3600 * 1000 * NS_PER_MS, INT64_MAX};
    for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
        test_now = high - back[i];
        for (int j = 0; j < 100; j++) {
            struct oyez_uuid next = oyez_uuid_new();
            assert_true(compare_ids(&last, &next) < 0);
            last = next;
        }
    }
    test_now = high + NS_PER_MS;
    assert_int_equal(milliseconds(oyez_uuid_new()), test_now / NS_PER_MS);
}

struct maker {
    pthread_t thread;
    pthread_barrier_t *start;
    struct oyez_uuid *ids;
};

static void *make_ids(void *arg)
{
    struct maker *maker = arg;

    pthread_barrier_wait(maker->start);
    for (size_t i = 0; i < IDS_PER_THREAD; i++)
        maker->ids[i] = oyez_uuid_new();
    return NULL;
}

// Asserts that these bytes alone tell the ids apart.
static void assert_differ_in_bytes(const struct oyez_uuid *ids, size_t count, size_t first,
                                   size_t size)
{
    struct oyez_uuid *parts = calloc(count, sizeof(*parts));

    assert_non_null(parts);
    for (size_t i = 0; i < count; i++)
        memcpy(parts[i].bytes, ids[i].bytes + first, size);
    qsort(parts, count, sizeof(*parts), compare_ids);
    for (size_t i = 1; i < count; i++)
        if (oyez_uuid_equal(parts[i - 1], parts[i]))
            fail_msg("two ids are the same in the %zu bytes from %zu", size, first);
    free(parts);
}

static void test_ids_of_four_threads_are_distinct_and_grow_in_each(void **state)
{
    (void)state;
    struct oyez_uuid *ids = calloc(THREADS * IDS_PER_THREAD, sizeof(*ids));
    struct maker makers[THREADS];
    pthread_barrier_t start;

    assert_non_null(ids);
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        makers[i].start = &start;
        makers[i].ids = ids + i * IDS_PER_THREAD;
        assert_int_equal(pthread_create(&makers[i].thread, NULL, make_ids, &makers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(makers[i].thread, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        for (size_t j = 1; j < IDS_PER_THREAD; j++)
            if (compare_ids(&makers[i].ids[j - 1], &makers[i].ids[j]) >= 0)
                fail_msg("thread %zu: id %zu does not grow", i, j);
    assert_differ_in_bytes(ids, THREADS * IDS_PER_THREAD, 0, 9); // time and counter
    assert_differ_in_bytes(ids, THREADS * IDS_PER_THREAD, 9, 7); // random
    pthread_barrier_destroy(&start);
    free(ids);
}

static void test_a_forked_child_makes_other_ids(void **state)
{
    (void)state;
    enum { COUNT = 64 };
    struct oyez_uuid theirs[COUNT], ours[COUNT];
    int ends[2];
    int status = -1;

    // The clock stands still in both, so only the random part can tell them apart; and this
    // thread's block of random bytes is in use.
    test_now += 1000 * NS_PER_MS;
    oyez_uuid_set_clock(read_test_clock);
    (void)oyez_uuid_new();
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < COUNT; i++)
            theirs[i] = oyez_uuid_new();
        _exit(write(ends[1], theirs, sizeof(theirs)) == (ssize_t)sizeof(theirs) ? 0 : 1);
    }
    for (size_t i = 0; i < COUNT; i++)
        ours[i] = oyez_uuid_new();
    assert_int_equal(read(ends[0], theirs, sizeof(theirs)), sizeof(theirs));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++)
            assert_true(random_part(ours[i]) != random_part(theirs[j]));
}

static void test_text_goes_both_ways(void **state)
{
    (void)state;
    static const uint8_t expected[OYEZ_UUID_SIZE] = {0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0,
                                                     0x7c, 0xc3, 0x98, 0xc4, 0xdc, 0x0c,
                                                     0x0c, 0x07, 0x39, 0x8f};
    struct oyez_uuid uuid;
    char text[OYEZ_UUID_TEXT_SIZE];

    assert_int_equal(oyez_uuid_from_text(&uuid, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), OYEZ_OK);
    assert_memory_equal(uuid.bytes, expected, OYEZ_UUID_SIZE);
    oyez_uuid_to_text(uuid, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void test_every_byte_goes_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        struct oyez_uuid uuid, again;
        char text[OYEZ_UUID_TEXT_SIZE];
        for (int j = 0; j < OYEZ_UUID_SIZE; j++)
            uuid.bytes[j] = (uint8_t)(i + 17 * j);
        oyez_uuid_to_text(uuid, text);
        assert_int_equal(oyez_uuid_from_text(&again, text), OYEZ_OK);
        assert_true(oyez_uuid_equal(uuid, again));
    }
}

static void test_any_other_text_is_refused_and_leaves_the_id_alone(void **state)
{
    (void)state;
    const char good[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    struct oyez_uuid before = oyez_uuid_new();
    struct oyez_uuid uuid = before;

    assert_int_equal(oyez_uuid_from_text(&uuid, NULL), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_uuid_from_text(&uuid, "017f22e279b07cc398c4dc0c0c07398f"),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_uuid_from_text(&uuid, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_uuid_from_text(&uuid, "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f}"),
                     OYEZ_ERR_INVALID);
    for (size_t i = 0; i < sizeof(good) - 1; i++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        text[i] = 'g';
        assert_int_equal(oyez_uuid_from_text(&uuid, text), OYEZ_ERR_INVALID);
        text[i] = '\0';
        assert_int_equal(oyez_uuid_from_text(&uuid, text), OYEZ_ERR_INVALID);
    }
    assert_true(oyez_uuid_equal(uuid, before));
    assert_non_null(strstr(oyez_error_detail(), "8-4-4-4-12"));
}

static void test_only_all_zero_is_zero(void **state)
{
    (void)state;
    struct oyez_uuid uuid = {{0}};

    assert_true(oyez_uuid_is_zero(uuid));
    for (size_t i = 0; i < OYEZ_UUID_SIZE; i++) {
        struct oyez_uuid other = {{0}};
        other.bytes[i] = 1;
        assert_false(oyez_uuid_is_zero(other));
        assert_false(oyez_uuid_equal(uuid, other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_carries_the_time_it_was_made),
        cmocka_unit_test(test_an_id_has_the_version_and_the_variant),
        cmocka_unit_test(test_ids_of_four_threads_are_distinct_and_grow_in_each),
        cmocka_unit_test_teardown(test_the_bits_behind_the_milliseconds_are_parts_of_one,
                                  restore_clock),
        cmocka_unit_test_teardown(test_ids_grow_while_the_clock_stands_still, restore_clock),
        cmocka_unit_test_teardown(test_ids_grow_when_the_clock_is_set_back, restore_clock),
        cmocka_unit_test_teardown(test_a_forked_child_makes_other_ids, restore_clock),
        cmocka_unit_test(test_text_goes_both_ways),
        cmocka_unit_test(test_every_byte_goes_both_ways),
        cmocka_unit_test(test_any_other_text_is_refused_and_leaves_the_id_alone),
        cmocka_unit_test(test_only_all_zero_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
