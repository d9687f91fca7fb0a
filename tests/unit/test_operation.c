// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "local_bus.h"
#include "oyez/context.h"
#include "oyez/json.h"
#include "oyez/operation.h"

#define ACTOR "{\"actor\":\"coder\"}"

struct heard {
    struct local_bus *bus;
    oyez_subscription *subscription;
    struct oyez_event *events[8];
    size_t count;
};

static int start_hearing(void **state)
{
    struct heard *heard = calloc(1, sizeof *heard);
    void *bus;
    assert_int_equal(local_bus_open(&bus), 0);
    heard->bus = bus;
    const struct oyez_subscription_options everything = {0};
    assert_int_equal(
        oyez_subscription_open(&heard->subscription, heard->bus->client, &everything, PATIENCE_MS),
        OYEZ_OK);
    *state = heard;
    return 0;
}

static int stop_hearing(void **state)
{
    struct heard *heard = *state;
    oyez_subscription_close(&heard->subscription);
    void *bus = heard->bus;
    local_bus_close(&bus);
    for (size_t i = 0; i < heard->count; i++)
        oyez_event_free(&heard->events[i]);
    free(heard);
    return 0;
}

// The next events are of these types, and no others have come before them.
static void hear(struct heard *heard, size_t count, const char *const *types)
{
    for (size_t i = 0; i < count; i++) {
        const struct oyez_event *event;
        assert_int_equal(oyez_subscription_receive(heard->subscription, &event, PATIENCE_MS),
                         OYEZ_OK);
        assert_string_equal(event->event_type, types[i]);
        assert_int_equal(oyez_event_copy(&heard->events[heard->count++], event), OYEZ_OK);
    }
}

static void hear_no_more(struct heard *heard)
{
    local_bus_emit(heard->bus, "github.end", "{}");
    const char *const end[] = {"github.end"};
    hear(heard, 1, end);
}

static bool has_details(const struct oyez_event *event, const char *part)
{
    char text[2048];
    assert_true(event->details_size < sizeof text);
    memcpy(text, event->details, event->details_size);
    text[event->details_size] = '\0';
    return strstr(text, part) != NULL;
}

enum ending { RETURNS_EARLY, FAILS, COMPLETES };

static oyez_err work(oyez_client *client, enum ending ending)
{
    OYEZ_OPERATION(actor, client, .started = "actor.invoked", .completed = "actor.completed",
                   .failed = "actor.errored", .started_details = ACTOR, .failed_details = ACTOR);
    if (actor.err != OYEZ_OK)
        return actor.err;
    if (ending == RETURNS_EARLY)
        return OYEZ_ERR_IO;
    const struct oyez_event inside = {.event_type = "github.inside"};
    oyez_err err = oyez_client_emit(client, &inside, NULL);
    if (err != OYEZ_OK)
        return err;
    if (ending == FAILS)
        return oyez_operation_fail(&actor, "no patch", NULL);
    return oyez_operation_complete(&actor, "{\"actor\":\"coder\",\"tool_calls\":7}");
}

static void test_a_completed_operation_tells_two_events_and_causes_those_inside(void **state)
{
    struct heard *heard = *state;
    assert_int_equal(work(heard->bus->client, COMPLETES), OYEZ_OK);
    const char *const types[] = {"actor.invoked", "github.inside", "actor.completed"};
    hear(heard, 3, types);
    char id[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(heard->events[0]->event_id, id);
    assert_null(heard->events[0]->causation_id);
    for (size_t i = 1; i < 3; i++) {
        assert_string_equal(heard->events[i]->causation_id, id);
        assert_string_equal(heard->events[i]->correlation_id, id);
    }
    assert_true(has_details(heard->events[2], "\"tool_calls\":7"));
    assert_true(has_details(heard->events[2], "\"duration_ms\":"));
    hear_no_more(heard);
    assert_null(heard->events[3]->causation_id); // its context has ended
}

static void test_a_failed_operation_says_why(void **state)
{
    struct heard *heard = *state;
    assert_int_equal(work(heard->bus->client, FAILS), OYEZ_OK);
    const char *const types[] = {"actor.invoked", "github.inside", "actor.errored"};
    hear(heard, 3, types);
    assert_true(has_details(heard->events[2], "\"error_message\":\"no patch\""));
    assert_true(has_details(heard->events[2], "\"actor\":\"coder\""));
    hear_no_more(heard);
}

static void test_an_early_return_is_a_failure(void **state)
{
    struct heard *heard = *state;
    assert_int_equal(work(heard->bus->client, RETURNS_EARLY), OYEZ_ERR_IO);
    const char *const types[] = {"actor.invoked", "actor.errored"};
    hear(heard, 2, types);
    assert_true(has_details(heard->events[1], "\"error_message\":\"it ended without success\""));
    hear_no_more(heard);
    assert_null(heard->events[2]->causation_id);
}

static oyez_err update(oyez_client *client, const struct oyez_event *fields, bool good)
{
    OYEZ_OPERATION(update, client, .completed = "github.updated", .fields = fields);
    return good ? oyez_operation_complete(&update, NULL) : OYEZ_ERR_IO;
}

static void test_with_a_completed_type_alone_only_success_is_told(void **state)
{
    struct heard *heard = *state;
    const struct oyez_event fields = {.correlation_id = "deal-7", .actor_id = "dana"};
    assert_int_equal(update(heard->bus->client, &fields, false), OYEZ_ERR_IO);
    assert_int_equal(update(heard->bus->client, &fields, true), OYEZ_OK);
    const char *const types[] = {"github.updated"};
    hear(heard, 1, types);
    assert_string_equal(heard->events[0]->correlation_id, "deal-7");
    assert_string_equal(heard->events[0]->actor_id, "dana");
    assert_null(heard->events[0]->causation_id);
    hear_no_more(heard);
}

static void test_a_type_without_a_field_for_it_has_the_duration_as_a_tag(void **state)
{
    struct heard *heard = *state;
    struct oyez_operation operation;
    const struct oyez_operation_options options = {.completed = "actor.invoked"};
    assert_int_equal(oyez_operation_begin(&operation, heard->bus->client, &options), OYEZ_OK);
    assert_int_equal(oyez_operation_complete(&operation, ACTOR), OYEZ_OK);
    const char *const types[] = {"actor.invoked"};
    hear(heard, 1, types);
    assert_string_equal(heard->events[0]->tags[0].key, "duration_ms");
}

static void test_what_cannot_be_emitted_is_told_to_the_caller_or_as_a_notice(void **state)
{
    struct heard *heard = *state;
    struct oyez_operation operation;
    const struct oyez_operation_options options = {.completed = "actor.completed",
                                                   .failed = "actor.errored"};
    assert_int_equal(oyez_operation_begin(&operation, heard->bus->client, &options), OYEZ_OK);
    assert_int_equal(oyez_operation_complete(&operation, "{}"), OYEZ_ERR_INVALID);
    assert_int_equal(operation.err, OYEZ_ERR_INVALID);
    assert_int_equal(oyez_operation_complete(&operation, ACTOR), OYEZ_ERR_CLOSED);
    oyez_operation_end(&operation);
    assert_int_equal(oyez_operation_begin(&operation, heard->bus->client, &options), OYEZ_OK);
    oyez_operation_end(&operation);
    local_bus_await(heard->bus);
    assert_int_equal(heard->bus->notices, 1);
    assert_non_null(strstr(heard->bus->notice_text, "actor"));
    hear_no_more(heard);
}

static void test_wrong_arguments_leave_it_closed(void **state)
{
    struct heard *heard = *state;
    struct oyez_operation operation;
    const struct oyez_operation_options none = {0};
    assert_int_equal(oyez_operation_begin(&operation, heard->bus->client, &none), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_operation_begin(&operation, NULL, &none), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "client: is NULL");
    assert_int_equal(oyez_operation_fail(&operation, "x", NULL), OYEZ_ERR_CLOSED);
    oyez_operation_end(&operation);
    hear_no_more(heard);
}

static void test_a_started_event_that_is_refused_does_not_stop_the_others(void **state)
{
    struct heard *heard = *state;
    struct oyez_operation operation;
    const struct oyez_operation_options options = {.started = "actor.invoked",
                                                   .completed = "actor.completed"};
    assert_int_equal(oyez_operation_begin(&operation, heard->bus->client, &options),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_operation_complete(&operation, ACTOR), OYEZ_OK);
    const char *const types[] = {"actor.completed"};
    hear(heard, 1, types);
    hear_no_more(heard);
}

#define test(function) cmocka_unit_test_setup_teardown(function, start_hearing, stop_hearing)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_a_completed_operation_tells_two_events_and_causes_those_inside),
        test(test_a_failed_operation_says_why),
        test(test_an_early_return_is_a_failure),
        test(test_with_a_completed_type_alone_only_success_is_told),
        test(test_a_type_without_a_field_for_it_has_the_duration_as_a_tag),
        test(test_what_cannot_be_emitted_is_told_to_the_caller_or_as_a_notice),
        test(test_wrong_arguments_leave_it_closed),
        test(test_a_started_event_that_is_refused_does_not_stop_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
