// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upcast.h"

// Steps stay for the life of the process, so each test has an event type of its own.

static oyez_err become(void *arg, const struct oyez_event *event, const char *details,
                       char **upcast)
{
    (void)event;
    (void)details;
    *upcast = strdup(arg);
    return OYEZ_OK;
}

static oyez_err wrap(void *arg, const struct oyez_event *event, const char *details, char **upcast)
{
    (void)event;
    size_t size = strlen(details) + strlen(arg) + 8;
    *upcast = malloc(size);
    assert_non_null(*upcast);
    snprintf(*upcast, size, "{\"%s\":%s}", (const char *)arg, details);
    return OYEZ_OK;
}

static oyez_err refuse(void *arg, const struct oyez_event *event, const char *details,
                       char **upcast)
{
    (void)arg;
    (void)event;
    (void)details;
    (void)upcast;
    return OYEZ_ERR_INVALID;
}

static struct oyez_event event_of(const char *type, const char *version)
{
    return (struct oyez_event){.event_type = type,
                               .schema_version = version,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{}",
                               .details_size = 2};
}

static void register_step(const char *type, const char *from, const char *to, oyez_upcaster *f,
                          const char *arg)
{
    assert_int_equal(oyez_upcaster_register(type, from, to, f, (void *)arg), OYEZ_OK);
}

static void test_steps_chain_to_the_newest_version(void **state)
{
    (void)state;
    struct upcast upcast = {0};
    struct oyez_event event = event_of("chain", "1.0.0");
    register_step("chain", "2.0.0", "3.0.0", wrap, "three");
    register_step("chain", "1.0.0", "2.0.0", wrap, "two");
    upcast_apply(&upcast, &event);
    assert_string_equal(event.schema_version, "3.0.0");
    assert_string_equal(event.details, "{\"three\":{\"two\":{}}}");
    assert_int_equal(event.details_size, strlen(event.details));
    event = event_of("chain", "3.0.0");
    upcast_apply(&upcast, &event);
    assert_string_equal(event.details, "{}");
    upcast_release(&upcast);
}

static void test_other_types_and_versions_are_left_alone(void **state)
{
    (void)state;
    struct upcast upcast = {0};
    register_step("own", "1.0.0", "2.0.0", wrap, "two");
    struct oyez_event others[] = {event_of("other", "1.0.0"), event_of("own", "1.0.1"),
                                  event_of("own", NULL)};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        upcast_apply(&upcast, &others[i]);
        assert_string_equal(others[i].details, "{}");
    }
    upcast_release(&upcast);
}

static void expect_unchanged(const char *type)
{
    struct upcast upcast = {0};
    struct oyez_event event = event_of(type, "1.0.0");
    upcast_apply(&upcast, &event);
    assert_string_equal(event.schema_version, "1.0.0");
    assert_string_equal(event.details, "{}");
    upcast_release(&upcast);
}

static void test_a_step_that_fails_leaves_the_event_as_it_was(void **state)
{
    (void)state;
    register_step("refused", "1.0.0", "2.0.0", refuse, NULL);
    expect_unchanged("refused");
    register_step("no object", "1.0.0", "2.0.0", become, "[1]");
    expect_unchanged("no object");
    register_step("no json", "1.0.0", "2.0.0", become, "{\"a\"");
    expect_unchanged("no json");
}

static void test_steps_go_up_and_begin_once(void **state)
{
    (void)state;
    assert_int_equal(oyez_upcaster_register("up", "2.0.0", "1.0.0", refuse, NULL),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_upcaster_register("up", "1.0.0", "1.0.0", refuse, NULL),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_upcaster_register("up", "one", "2.0.0", refuse, NULL), OYEZ_ERR_INVALID);
    register_step("up", "1.0.0", "2.0.0", refuse, NULL);
    assert_int_equal(oyez_upcaster_register("up", "1.0.0", "3.0.0", refuse, NULL),
                     OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "from 1.0.0 already"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_chain_to_the_newest_version),
        cmocka_unit_test(test_other_types_and_versions_are_left_alone),
        cmocka_unit_test(test_a_step_that_fails_leaves_the_event_as_it_was),
        cmocka_unit_test(test_steps_go_up_and_begin_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
