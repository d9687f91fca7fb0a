// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "emit.h"
#include "oyez/json.h"
#include "oyez/uuid.h"

// The event of one header flag.
static oyez_err fill(struct oyez_event *event, const char *field, const char *text)
{
    struct emit_values values = {0};
    memset(event, 0, sizeof *event);
    const struct oyez_header_field *found = oyez_header_field_find(field, strlen(field));
    assert_non_null(found);
    values.header[found - oyez_header_fields] = text;
    return emit_fill(event, &values);
}

static void test_each_kind_of_header_field_is_set(void **state)
{
    (void)state;
    struct oyez_event event;
    char id[OYEZ_UUID_TEXT_SIZE];
    assert_int_equal(fill(&event, "plan_id", "p1"), OYEZ_OK);
    assert_string_equal(event.plan_id, "p1");
    assert_int_equal(fill(&event, "event_id", "01939f3e-8c3c-7000-8000-0123456789ab"), OYEZ_OK);
    oyez_uuid_to_text(event.event_id, id);
    assert_string_equal(id, "01939f3e-8c3c-7000-8000-0123456789ab");
    assert_int_equal(fill(&event, "occurred_at", "1970-01-01T00:00:01.5Z"), OYEZ_OK);
    assert_int_equal(event.occurred_at, 1500000000);
    assert_int_equal(fill(&event, "aggregate_version", "0"), OYEZ_OK);
    assert_true(event.has_aggregate_version);
    assert_int_equal(fill(&event, "aggregate_version", "18446744073709551615"), OYEZ_OK);
    assert_true(event.aggregate_version == UINT64_MAX);
}

static void test_a_field_that_cannot_be_read_is_named_with_its_text(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"event_id", "none"},        {"occurred_at", "yesterday"},
        {"aggregate_version", "-1"}, {"aggregate_version", "1x"},
        {"aggregate_version", ""},   {"aggregate_version", "18446744073709551616"},
        {"aggregate_version", " 1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct oyez_event event;
        assert_int_equal(fill(&event, bad[i][0], bad[i][1]), OYEZ_ERR_INVALID);
        assert_non_null(strstr(oyez_error_detail(), bad[i][0]));
        assert_non_null(strstr(oyez_error_detail(), bad[i][1]));
    }
}

static void test_the_choice_of_a_level_is_that_level(void **state)
{
    (void)state;
    struct emit_values values = {0};
    assert_int_equal(emit_level(&values), OYEZ_LEVEL_SENT);
    assert_string_equal(emit_level_name(emit_level(&values)), "sent");
    values.level = 1;
    assert_string_equal(emit_level_name(emit_level(&values)), "recorded");
    values.level = 2;
    assert_string_equal(emit_level_name(emit_level(&values)), "checkpointed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_of_header_field_is_set),
        cmocka_unit_test(test_a_field_that_cannot_be_read_is_named_with_its_text),
        cmocka_unit_test(test_the_choice_of_a_level_is_that_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
