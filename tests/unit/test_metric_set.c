// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "wire/metric_set.h"

static void put_client(struct oyez_metric_sets *sets, const char *name, uint64_t emitted)
{
    oyez_v1_MetricSet set;
    oyez_metric_set_begin(&set, OYEZ_METRIC_SCOPE_CLIENT, name);
    oyez_metric_set_add(&set, OYEZ_METRIC_CLIENT_EMITTED, emitted);
    oyez_metric_set_add(&set, OYEZ_METRIC_CLIENT_RECORDED, 0);
    assert_true(oyez_metric_sets_put(sets, &set));
}

static void test_sets_come_back_as_they_went_in(void **state)
{
    (void)state;
    struct oyez_metric_sets sets = {.size = 0};
    oyez_v1_MetricSet set;
    size_t offset = 0;
    put_client(&sets, "shop", 7);
    put_client(&sets, "", UINT64_MAX);
    assert_true(oyez_metric_sets_next(sets.bytes, sets.size, &offset, &set));
    assert_string_equal(set.name, "shop");
    assert_int_equal(set.samples_count, 1);
    assert_int_equal(oyez_metric_set_get(&set, OYEZ_METRIC_CLIENT_EMITTED), 7);
    assert_int_equal(oyez_metric_set_get(&set, OYEZ_METRIC_CLIENT_RECORDED), 0);
    assert_true(oyez_metric_sets_next(sets.bytes, sets.size, &offset, &set));
    assert_true(oyez_metric_set_get(&set, OYEZ_METRIC_CLIENT_EMITTED) == UINT64_MAX);
    assert_false(oyez_metric_sets_next(sets.bytes, sets.size, &offset, &set));
    assert_int_equal(offset, sets.size);
}

static void test_a_set_without_room_leaves_the_others_as_they_are(void **state)
{
    (void)state;
    struct oyez_metric_sets sets = {.size = 0};
    oyez_v1_MetricSet set;
    size_t before = 0;
    char name[201];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    oyez_metric_set_begin(&set, OYEZ_METRIC_SCOPE_SUBSCRIPTION, name);
    while (oyez_metric_sets_put(&sets, &set)) {
        assert_true(sets.size > before);
        before = sets.size;
    }
    assert_int_equal(sets.size, before);
    assert_true(sets.size > OYEZ_METRICS_REPORT_SIZE_MAX - 250);
}

static void test_a_name_that_is_no_text_is_cut_where_it_ends_to_be(void **state)
{
    (void)state;
    oyez_v1_MetricSet set;
    oyez_metric_set_begin(&set, OYEZ_METRIC_SCOPE_CLIENT, "ab\xc3");
    assert_string_equal(set.name, "ab");
    oyez_metric_set_begin(&set, OYEZ_METRIC_SCOPE_CLIENT,
                          "ab\xff"
                          "cd");
    assert_string_equal(set.name, "ab");
}

// Every cut and every changed byte: nothing is read beyond the end, and the walk comes to one.
static void test_whatever_the_bytes_are_the_walk_ends(void **state)
{
    (void)state;
    struct oyez_metric_sets sets = {.size = 0};
    put_client(&sets, "shop", 7);
    put_client(&sets, "desk", 300);
    for (size_t at = 0; at < sets.size; at++) {
        for (unsigned value = 0; value < 256; value += 5) {
            uint8_t bytes[128];
            oyez_v1_MetricSet set;
            size_t offset = 0;
            unsigned count = 0;
            memcpy(bytes, sets.bytes, sets.size);
            bytes[at] = (uint8_t)value;
            while (oyez_metric_sets_next(bytes, sets.size - at % 7, &offset, &set)) {
                assert_true(++count <= sets.size && offset <= sets.size);
            }
        }
    }
}

static void test_a_part_comes_back_as_it_went_in(void **state)
{
    (void)state;
    static oyez_v1_MetricsPart part, back;
    uint8_t frame[OYEZ_METRICS_PART_SIZE_MAX];
    size_t size;
    part.client_id.size = 16;
    memset(part.client_id.bytes, 9, 16);
    part.role = oyez_v1_Role_ROLE_RECORDER;
    part.sets.size = OYEZ_METRICS_REPORT_SIZE_MAX;
    memset(part.sets.bytes, 5, part.sets.size);
    assert_true(oyez_metrics_part_encode(&part, frame, sizeof frame, &size));
    assert_true(oyez_metrics_part_decode(&back, frame, size));
    assert_int_equal(back.role, part.role);
    assert_int_equal(back.sets.size, part.sets.size);
    assert_memory_equal(back.client_id.bytes, part.client_id.bytes, 16);
    assert_false(oyez_metrics_part_encode(&part, frame, 100, &size));
    assert_false(oyez_metrics_part_decode(&back, frame, 50));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets_come_back_as_they_went_in),
        cmocka_unit_test(test_a_set_without_room_leaves_the_others_as_they_are),
        cmocka_unit_test(test_a_name_that_is_no_text_is_cut_where_it_ends_to_be),
        cmocka_unit_test(test_whatever_the_bytes_are_the_walk_ends),
        cmocka_unit_test(test_a_part_comes_back_as_it_went_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
