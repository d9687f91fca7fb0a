// SPDX-License-Identifier: MIT
// Every public function of liboyez, called with what it must not be called with: an error that names
// the argument, or nothing at all. This file has the
// bus, the record and catalogs, test_argument_handlers.c the rest; tests/lint/argument_rows.py sees
// that each function has a row.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "argument.h"
#include "argument_rows.h"
#include "local_bus.h"
#include "oyez/catalog.h"
#include "oyez/catalog/cleveragents.h"
#include "oyez/catalog_tools.h"
#include "oyez/consumer.h"
#include "oyez/context.h"
#include "oyez/json.h"
#include "oyez/message.h"
#include "oyez/metrics.h"
#include "oyez/pattern.h"
#include "oyez/query.h"
#include "oyez/replay.h"
#include "oyez/versioning.h"

// Good values, for all arguments but the one that is tried. What only must not be NULL is never
// looked into, because the other argument is looked at first.
static int anything;
static const struct oyez_event event = {.event_type = "github.push"};
static const struct oyez_event nameless;
static struct oyez_uuid id = {{1}};
static const struct oyez_event *got;
static struct oyez_event *made;
static uint64_t number, other_number;
static size_t size;
static char *text;
static char room[512];
static const char *const no_texts[] = {"*", NULL};

static void test_what_is_missing_or_none_is_named(void **state)
{
    (void)state;
    refused(argument_missing("x"), "x: is NULL", "argument_missing");
    refused(argument_out_of_range("x", -7), "x: -7 is none of its values", "out_of_range");
    refused(argument_check_texts("x", NULL, 2), "x: is NULL, and should be 2 texts", "texts");
    refused(argument_check_texts("x", no_texts, 2), "x: number 1 is NULL", "texts");
    assert_int_equal(argument_check_texts("x", NULL, 0), OYEZ_OK);
    assert_int_equal(argument_check_texts("x", no_texts, 1), OYEZ_OK);
}

static void test_client_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    struct oyez_status status;
    oyez_client *out;
    const struct oyez_client_options no_catalogs = {.catalog_count = 1};
    const struct oyez_client_options no_endpoint = {.endpoint = "nowhere"};

    REFUSED("out", oyez_client_open(NULL, NULL, 0));
    REFUSED("options.catalogs", oyez_client_open(&out, &no_catalogs, 0));
    REFUSED("endpoint \"nowhere\"", oyez_client_open(&out, &no_endpoint, 0));
    assert_null(out);
    REFUSED("client", oyez_client_emit(NULL, &event, &id));
    REFUSED("event", oyez_client_emit(client, NULL, &id));
    REFUSED("event_type", oyez_client_emit(client, &nameless, &id));
    REFUSED("client", oyez_client_emit_wait(NULL, &event, OYEZ_LEVEL_SENT, 0, NULL));
    REFUSED("event", oyez_client_emit_wait(client, NULL, OYEZ_LEVEL_SENT, 0, NULL));
    REFUSED("level", oyez_client_emit_wait(client, &event, (enum oyez_level)0, 0, NULL));
    REFUSED("level", oyez_client_emit_wait(client, &event, (enum oyez_level)4, 0, NULL));
    REFUSED("client", oyez_client_flush(NULL, OYEZ_LEVEL_SENT, 0));
    REFUSED("level", oyez_client_flush(client, (enum oyez_level) - 1, 0));
    REFUSED("client", oyez_client_status(NULL, &status, 0));
    REFUSED("out", oyez_client_status(client, NULL, 0));
    struct oyez_client_counters counters = {.emitted = 7};
    oyez_client_get_counters(client, NULL);
    oyez_client_get_counters(NULL, &counters);
    assert_int_equal(counters.emitted, 0);
    oyez_client_close(NULL);
    out = NULL;
    oyez_client_close(&out);
}

static void test_events_that_make_no_sense_are_refused(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    struct oyez_event wrong = event;
    wrong.tags[0].key = "k";
    REFUSED("github: github.push: tag", oyez_client_emit(client, &wrong, NULL));
    wrong = event;
    wrong.details_format = (enum oyez_details_format)7;
    REFUSED("github: github.push: details", oyez_client_emit(client, &wrong, NULL));
    wrong = event;
    wrong.signature_size = 3;
    REFUSED("github: github.push: signature", oyez_client_emit(client, &wrong, NULL));
    wrong = event;
    wrong.occurred_at = -1;
    REFUSED("github: github.push: occurred_at", oyez_client_emit(client, &wrong, NULL));
}

static void test_subscription_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    oyez_subscription *out;
    const struct oyez_subscription_options good = {0};
    const struct oyez_subscription_options missing = {.pattern_count = 2};
    const struct oyez_subscription_options one_missing = {.patterns = no_texts, .pattern_count = 2};
    const struct oyez_subscription_options from = {.from = (enum oyez_from)9};
    const struct oyez_subscription_options count = {.from = OYEZ_FROM_LAST};
    const struct oyez_subscription_options time = {.from = OYEZ_FROM_TIME, .from_time = -1};

    REFUSED("out", oyez_subscription_open(NULL, client, &good, 0));
    REFUSED("client", oyez_subscription_open(&out, NULL, &good, 0));
    REFUSED("options", oyez_subscription_open(&out, client, NULL, 0));
    REFUSED("options.patterns", oyez_subscription_open(&out, client, &missing, 0));
    REFUSED("options.patterns", oyez_subscription_open(&out, client, &one_missing, 0));
    REFUSED("from", oyez_subscription_open(&out, client, &from, 0));
    REFUSED("from_count", oyez_subscription_open(&out, client, &count, 0));
    REFUSED("from_time", oyez_subscription_open(&out, client, &time, 0));
    assert_null(out);
    assert_int_equal(oyez_subscription_open(&out, client, &good, PATIENCE_MS), OYEZ_OK);
    REFUSED("subscription", oyez_subscription_receive(NULL, &got, 0));
    REFUSED("event", oyez_subscription_receive(out, NULL, 0));
    number = 7;
    oyez_subscription_get_cursor(NULL, &number, &other_number);
    assert_int_equal(number, 0);
    oyez_subscription_get_cursor(out, NULL, &number);
    oyez_subscription_close(&out);
    oyez_subscription_close(NULL);
}

static void test_consumer_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    oyez_consumer *out;
    oyez_consumer *consumer = (void *)&anything;
    struct oyez_consumer_info *list;
    const struct oyez_consumer_options begin = {.begin = (enum oyez_consumer_begin)5};
    const struct oyez_consumer_options patterns = {.pattern_count = 1};

    REFUSED("out", oyez_consumer_open(NULL, client, "name", NULL, 0));
    REFUSED("client", oyez_consumer_open(&out, NULL, "name", NULL, 0));
    REFUSED("name", oyez_consumer_open(&out, client, NULL, NULL, 0));
    REFUSED("options.begin", oyez_consumer_open(&out, client, "name", &begin, 0));
    REFUSED("options.patterns", oyez_consumer_open(&out, client, "name", &patterns, 0));
    REFUSED("a consumer's name", oyez_consumer_open(&out, client, "no name", NULL, 0));
    assert_null(out);
    REFUSED("consumer", oyez_consumer_next(NULL, &got, 0));
    REFUSED("event", oyez_consumer_next(consumer, NULL, 0));
    REFUSED("consumer", oyez_consumer_commit(NULL, 0));
    REFUSED("consumer", oyez_consumer_wait(NULL, 0));
    oyez_consumer_get_cursor(NULL, &number, &other_number);
    oyez_consumer_get_cursor(consumer, NULL, &number);
    oyez_consumer_close(NULL);
    REFUSED("client", oyez_client_consumers(NULL, &list, &size, 0));
    REFUSED("consumers", oyez_client_consumers(client, NULL, &size, 0));
    REFUSED("count", oyez_client_consumers(client, &list, NULL, 0));
    REFUSED("client", oyez_client_reset_consumer(NULL, "name", 0, 0, 0));
    REFUSED("name", oyez_client_reset_consumer(client, NULL, 0, 0, 0));
    REFUSED("client", oyez_client_delete_consumer(NULL, "name", 0));
    REFUSED("name", oyez_client_delete_consumer(client, NULL, 0));
    REFUSED("client", oyez_client_recorded(NULL, &number, &other_number, 0));
    REFUSED("epoch", oyez_client_recorded(client, NULL, &number, 0));
    REFUSED("position", oyez_client_recorded(client, &number, NULL, 0));
}

static void test_query_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    oyez_query *out;
    oyez_query *query = (void *)&anything;
    struct oyez_query_explanation explanation;
    struct oyez_stats_group *groups;
    const char *wrong[] = {"no_such_field=1"};
    const struct oyez_query_options since = {.since = -1};
    const struct oyez_query_options patterns = {.pattern_count = 1};
    const struct oyez_query_options conditions = {.condition_count = 1};
    const struct oyez_query_options field = {.conditions = wrong, .condition_count = 1};
    const struct oyez_stats_options good = {0};
    const struct oyez_stats_options by = {.by = (enum oyez_stats_by)99};
    const struct oyez_stats_options stats_patterns = {.pattern_count = 3};

    REFUSED("out", oyez_query_open(NULL, client, NULL));
    REFUSED("client", oyez_query_open(&out, NULL, NULL));
    REFUSED("since", oyez_query_open(&out, client, &since));
    REFUSED("options.patterns", oyez_query_open(&out, client, &patterns));
    REFUSED("conditions", oyez_query_open(&out, client, &conditions));
    REFUSED("condition no_such_field", oyez_query_open(&out, client, &field));
    assert_null(out);
    REFUSED("query", oyez_query_next(NULL, &got, 0));
    REFUSED("event", oyez_query_next(query, NULL, 0));
    oyez_query_complete(NULL, &number, &other_number);
    oyez_query_complete(query, NULL, &number);
    assert_false(oyez_query_explain(NULL, &explanation));
    assert_false(oyez_query_explain(query, NULL));
    oyez_query_close(NULL);
    REFUSED("client", oyez_client_get(NULL, id, &made, 0));
    REFUSED("event", oyez_client_get(client, id, NULL, 0));
    REFUSED("client", oyez_client_fetch_catalog(NULL, "x.y", NULL, 0));
    REFUSED("event_type", oyez_client_fetch_catalog(client, NULL, NULL, 0));
    REFUSED("client", oyez_client_stats(NULL, &good, &groups, &size, 0));
    REFUSED("options", oyez_client_stats(client, NULL, &groups, &size, 0));
    REFUSED("groups", oyez_client_stats(client, &good, NULL, &size, 0));
    REFUSED("count", oyez_client_stats(client, &good, &groups, NULL, 0));
    REFUSED("stats: by 99", oyez_client_stats(client, &by, &groups, &size, 0));
    REFUSED("options.patterns", oyez_client_stats(client, &stats_patterns, &groups, &size, 0));
}

static void test_replay_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_replay *out;
    oyez_replay *replay = (void *)&anything;

    REFUSED("out", oyez_replay_open(NULL, bus->client, NULL, 0));
    REFUSED("client", oyez_replay_open(&out, NULL, NULL, 0));
    assert_null(out);
    assert_string_equal(oyez_replay_run(NULL), "");
    REFUSED("replay", oyez_replay_publish(NULL, &event, 0));
    REFUSED("event", oyez_replay_publish(replay, NULL, 0));
    REFUSED("replay", oyez_replay_flush(NULL, 0));
    oyez_replay_close(NULL);
}

static void test_catalog_arguments(void **state)
{
    (void)state;
    struct oyez_catalog_comparison comparison = {0};
    const struct oyez_catalog *catalog = oyez_catalog_at(0);
    const void *bytes = &anything;
    uint8_t *protobuf;

    REFUSED("path", oyez_catalog_load(NULL));
    assert_int_equal(oyez_catalog_load_environment(), OYEZ_OK);
    REFUSED("bytes", oyez_catalog_add(NULL, 1, "test", false));
    REFUSED("origin", oyez_catalog_add("x", 1, NULL, false));
    assert_null(oyez_catalog_at(SIZE_MAX));
    oyez_catalog_descriptor_set(NULL, &bytes, &size);
    assert_null(bytes);
    oyez_catalog_descriptor_set(catalog, NULL, &size);
    oyez_catalog_descriptor_set(catalog, &bytes, NULL);
    assert_null(oyez_type_at(oyez_type_count()));
    assert_null(oyez_type_find(NULL, 3));
    assert_null(oyez_type_find_version(NULL, 3, "1.0.0"));
    REFUSED("event", oyez_event_check(NULL));
    REFUSED("event_type", oyez_event_check(&nameless));
    REFUSED("event", oyez_event_judge(NULL));
    assert_false(oyez_event_lacks_catalog(NULL));
    REFUSED("event", oyez_event_details_json(NULL, &text, &size));
    REFUSED("text", oyez_event_details_json(&event, NULL, &size));
    REFUSED("size", oyez_event_details_json(&event, &text, NULL));
    REFUSED("event", oyez_event_details_protobuf(NULL, &protobuf, &size));
    REFUSED("bytes", oyez_event_details_protobuf(&event, NULL, &size));
    REFUSED("size", oyez_event_details_protobuf(&event, &protobuf, NULL));
    REFUSED("type", oyez_type_example(NULL, &text));
    REFUSED("line", oyez_type_example(oyez_type_at(0), NULL));
    REFUSED("type", oyez_type_json_schema(NULL, &text));
    REFUSED("text", oyez_type_json_schema(oyez_type_at(0), NULL));
    REFUSED("catalog", oyez_catalog_markdown(NULL, &text));
    REFUSED("text", oyez_catalog_markdown(catalog, NULL));
    REFUSED("type", oyez_type_markdown(NULL, &text));
    REFUSED("text", oyez_type_markdown(oyez_type_at(0), NULL));
    REFUSED("catalog", oyez_catalog_proto(NULL, &text));
    REFUSED("text", oyez_catalog_proto(catalog, NULL));
    assert_non_null(oyez_options_proto());
    REFUSED("path", oyez_catalog_file_check(NULL));
    REFUSED("before", oyez_catalog_compare(NULL, "zakops", &comparison));
    REFUSED("after", oyez_catalog_compare("zakops", NULL, &comparison));
    REFUSED("comparison", oyez_catalog_compare("zakops", "zakops", NULL));
}

static void test_context_arguments(void **state)
{
    (void)state;
    struct oyez_event filled = event;

    REFUSED("fields", oyez_context_push(NULL));
    REFUSED("cause", oyez_context_push_cause(NULL));
    assert_int_equal(oyez_context_push(&event), OYEZ_OK);
    oyez_context_apply(NULL, room);
    oyez_context_apply(&filled, NULL);
    oyez_context_pop();
    REFUSED("out", oyez_context_to_environment(NULL));
    REFUSED("pushed", oyez_context_from_environment(NULL));
    oyez_correlation_id_new(NULL);
    REFUSED("text", oyez_traceparent_new(NULL, NULL));
    assert_int_equal(oyez_traceparent_new(room, "no parent"), OYEZ_OK);
}

static void test_json_arguments(void **state)
{
    (void)state;
    int64_t time;

    REFUSED("event", oyez_event_to_json(NULL, &text, &size));
    REFUSED("text", oyez_event_to_json(&event, NULL, &size));
    REFUSED("size", oyez_event_to_json(&event, &text, NULL));
    REFUSED("event", oyez_event_from_json(NULL, "{}", 2));
    REFUSED("text", oyez_event_from_json(&made, NULL, 2));
    oyez_event_free(NULL);
    REFUSED("out", oyez_event_copy(NULL, &event));
    REFUSED("event", oyez_event_copy(&made, NULL));
    oyez_time_to_text(0, NULL);
    REFUSED("nanoseconds", oyez_time_from_text(NULL, "2026-11-20T08:42:45Z"));
    REFUSED("text", oyez_time_from_text(&time, NULL));
}

static void test_message_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    const pb_msgdesc_t *fields = oyez_catalogs_cleveragents_ActorInvoked_fields;
    oyez_catalogs_cleveragents_ActorInvoked message = {0};

    REFUSED("client", oyez_client_emit_message(NULL, &event, fields, &message, &id));
    REFUSED("event", oyez_client_emit_message(client, NULL, fields, &message, &id));
    REFUSED("fields", oyez_client_emit_message(client, &event, NULL, &message, &id));
    REFUSED("message", oyez_client_emit_message(client, &event, fields, NULL, &id));
    REFUSED("client", oyez_client_emit_message_wait(NULL, &event, fields, &message, OYEZ_LEVEL_SENT,
                                                    0, NULL));
    REFUSED("event", oyez_client_emit_message_wait(client, NULL, fields, &message, OYEZ_LEVEL_SENT,
                                                   0, NULL));
    REFUSED("fields", oyez_client_emit_message_wait(client, &event, NULL, &message, OYEZ_LEVEL_SENT,
                                                    0, NULL));
    REFUSED("message",
            oyez_client_emit_message_wait(client, &event, fields, NULL, OYEZ_LEVEL_SENT, 0, NULL));
    REFUSED("level", oyez_client_emit_message_wait(client, &event, fields, &message,
                                                   (enum oyez_level)9, 0, NULL));
    REFUSED("event", oyez_event_message(NULL, fields, &message));
    REFUSED("fields", oyez_event_message(&event, NULL, &message));
    REFUSED("message", oyez_event_message(&event, fields, NULL));
    oyez_message_release(NULL, &message);
    oyez_message_release(fields, NULL);
}

static void test_pattern_arguments(void **state)
{
    (void)state;
    oyez_filter *out;

    REFUSED("pattern", oyez_pattern_check(NULL));
    REFUSED("pattern", oyez_pattern_check(""));
    assert_false(oyez_pattern_matches(NULL, "x.y"));
    assert_false(oyez_pattern_matches("*", NULL));
    REFUSED("out", oyez_filter_open(NULL, no_texts, 0));
    REFUSED("conditions", oyez_filter_open(&out, NULL, 1));
    REFUSED("conditions", oyez_filter_open(&out, no_texts, 2));
    assert_null(out);
    assert_int_equal(oyez_filter_open(&out, NULL, 0), OYEZ_OK);
    assert_false(oyez_filter_matches(out, NULL));
    assert_false(oyez_filter_matches(NULL, &event));
    oyez_filter_close(&out);
    oyez_filter_close(NULL);
}

static void test_metrics_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_client *client = bus->client;
    static struct oyez_client_metrics own; // too large for a small stack
    static struct oyez_status status;
    oyez_metrics *metrics;

    REFUSED("client", oyez_client_metrics(NULL, &own));
    REFUSED("out", oyez_client_metrics(client, NULL));
    REFUSED("out", oyez_metrics_read(NULL, client, 0));
    REFUSED("client", oyez_metrics_read(&metrics, NULL, 0));
    REFUSED("out", oyez_metrics_read_own(NULL, client));
    REFUSED("client", oyez_metrics_read_own(&metrics, NULL));
    assert_null(metrics);
    assert_null(oyez_metrics_at(NULL, 0));
    assert_int_equal(oyez_metrics_read_own(&metrics, client), OYEZ_OK);
    assert_null(oyez_metrics_at(metrics, SIZE_MAX));
    REFUSED("metrics", oyez_metrics_to_prometheus(NULL, &text));
    REFUSED("text", oyez_metrics_to_prometheus(metrics, NULL));
    oyez_metrics_close(&metrics);
    oyez_metrics_close(NULL);
    REFUSED("client", oyez_client_health(NULL, &status, NULL, 0));
    REFUSED("out", oyez_client_health(client, NULL, NULL, 0));
    assert_false(oyez_client_is_healthy(NULL, 0));
    assert_string_equal(oyez_health_name((enum oyez_health)9), "unhealthy");
    assert_int_equal(oyez_client_config(NULL, NULL, 3), 0);
    assert_true(oyez_client_config(client, NULL, 3) > 0);
}

static oyez_err upcast(void *arg, const struct oyez_event *from, const char *details, char **upcast)
{
    (void)arg;
    (void)from;
    (void)details;
    (void)upcast;
    return OYEZ_ERR_SYSTEM;
}

static void test_versioning_arguments(void **state)
{
    (void)state;
    bool valid = true;

    assert_int_equal(oyez_version_compare(NULL, "1.0.0", &valid), 0);
    assert_false(valid);
    assert_int_equal(oyez_version_compare("1.0.0", NULL, NULL), 0);
    REFUSED("event_type", oyez_upcaster_register(NULL, "1.0.0", "2.0.0", upcast, NULL));
    REFUSED("from_version", oyez_upcaster_register("x.y", NULL, "2.0.0", upcast, NULL));
    REFUSED("to_version", oyez_upcaster_register("x.y", "1.0.0", NULL, upcast, NULL));
    REFUSED("upcaster", oyez_upcaster_register("x.y", "1.0.0", "2.0.0", NULL, NULL));
}

#define test(function) cmocka_unit_test_setup_teardown(function, local_bus_open, local_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_missing_or_none_is_named),
        test(test_client_arguments),
        test(test_events_that_make_no_sense_are_refused),
        test(test_subscription_arguments),
        test(test_consumer_arguments),
        test(test_query_arguments),
        test(test_replay_arguments),
        cmocka_unit_test(test_catalog_arguments),
        cmocka_unit_test(test_context_arguments),
        cmocka_unit_test(test_json_arguments),
        test(test_message_arguments),
        cmocka_unit_test(test_pattern_arguments),
        test(test_metrics_arguments),
        cmocka_unit_test(test_versioning_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
