// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "export_sqlite.h"
#include "oyez/limits.h"

#define ID "019a0000-1111-7222-8333-444444444444"

static char directory[] = "/tmp/oyez-test-XXXXXX";
static char path[64];
static char partial[80];

static struct export_sqlite *open_new(void)
{
    struct export_sqlite *database;
    assert_int_equal(export_sqlite_open(&database, path), OYEZ_OK);
    return database;
}

static void finish(struct export_sqlite *database)
{
    assert_int_equal(export_sqlite_finish(database), OYEZ_OK);
    export_sqlite_close(&database);
    assert_null(database);
}

// One value that the finished file answers, as text; "NULL" for none.
static void expect(const char *sql, const char *expected)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const char *found = (const char *)sqlite3_column_text(statement, 0);
    assert_string_equal(found != NULL ? found : "NULL", expected);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
}

static struct oyez_event event_at(uint64_t position)
{
    struct oyez_event event = {
        .event_type = "plan.created",
        .occurred_at = 1763628165000000001,
        .details = "{}",
        .stamp = {.epoch = 1763628165000000,
                  .position = position,
                  .broker_time = 1763628165000000002,
                  .index = position + 10},
    };
    assert_int_equal(oyez_uuid_from_text(&event.event_id, ID), OYEZ_OK);
    return event;
}

static int clean(void **state)
{
    (void)state;
    unlink(path);
    unlink(partial);
    return 0;
}

static void test_an_event_is_a_row_with_its_place_and_its_tags(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    struct oyez_event event = event_at(7);
    event.phase = "a\nb";
    event.state = "";
    event.aggregate_version = 3;
    event.has_aggregate_version = true;
    event.tags[0] = (struct oyez_tag){"team", "green"};
    event.tags[1] = (struct oyez_tag){"size", ""};
    event.details = " { \"goal\" : \"\\u0000 x\" } ";
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_OK);
    finish(database);
    expect("SELECT journal_index FROM events", "16");
    expect("SELECT epoch FROM events", "1763628165000000");
    expect("SELECT position FROM events", "7");
    expect("SELECT cursor FROM events", "1763628165000000:7");
    expect("SELECT broker_time FROM events", "2025-11-20T08:42:45.000000002Z");
    expect("SELECT event_id FROM events", ID);
    expect("SELECT event_type FROM events", "plan.created");
    expect("SELECT occurred_at FROM events", "2025-11-20T08:42:45.000000001Z");
    expect("SELECT phase FROM events", "a\nb");
    expect("SELECT state FROM events", "");
    expect("SELECT source FROM events", "NULL");
    expect("SELECT typeof(aggregate_version) || aggregate_version FROM events", "integer3");
    expect("SELECT details FROM events", "{\"goal\":\"\\u0000 x\"}");
    expect("SELECT length(json_extract(details, '$.goal')) FROM events", "0");
    expect("SELECT details_bytes FROM events", "NULL");
    expect("SELECT group_concat(event || key || '=' || value) FROM tags", "16team=green,16size=");
    expect("PRAGMA user_version", "1");
    expect("PRAGMA integrity_check", "ok");
    expect("SELECT count(*) FROM pragma_foreign_key_check", "0");
}

static void test_what_people_ask_for_is_indexed(void **state)
{
    (void)state;
    finish(open_new());
    static const char *const asked[] = {"event_id",    "event_type",     "broker_time",
                                        "occurred_at", "correlation_id", "plan_id"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        char sql[128];
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM pragma_index_list('events') WHERE name = 'events_%s'",
                 asked[i]);
        expect(sql, "1");
    }
    expect("SELECT count(*) FROM pragma_index_list('tags')", "2");
    expect("SELECT count(*) FROM events", "0");
}

static void test_numbers_beyond_sqlite_stay_what_they_are(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    struct oyez_event event = event_at(1);
    event.aggregate_version = UINT64_MAX;
    event.has_aggregate_version = true;
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_OK);
    finish(database);
    expect("SELECT typeof(aggregate_version) || aggregate_version FROM events",
           "text18446744073709551615");
}

static void test_protobuf_that_nobody_can_tell_is_kept_as_bytes(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    struct oyez_event event = event_at(1);
    event.event_type = "no.such.type";
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    event.details = "\x08\x00\x01";
    event.details_size = 3;
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_OK);
    finish(database);
    expect("SELECT details FROM events", "NULL");
    expect("SELECT hex(details_bytes) FROM events", "080001");
}

static void test_an_event_without_a_json_form_adds_nothing(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    struct oyez_event event = event_at(1);
    event.tags[0] = (struct oyez_tag){"a", "\xff"};
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_ERR_MALFORMED);
    event = event_at(2);
    event.details = "[]";
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_ERR_MALFORMED);
    event = event_at(3);
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_OK);
    finish(database);
    expect("SELECT group_concat(position) FROM events", "3");
    expect("SELECT count(*) FROM tags", "0");
}

static void test_the_largest_details_are_taken(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    struct oyez_event event = event_at(1);
    char *details = malloc(OYEZ_DETAILS_SIZE_MAX + 1);
    assert_non_null(details);
    memset(details, 'x', OYEZ_DETAILS_SIZE_MAX);
    memcpy(details, "{\"a\":\"", 6);
    memcpy(details + OYEZ_DETAILS_SIZE_MAX - 2, "\"}", 3);
    event.details = details;
    event.details_size = OYEZ_DETAILS_SIZE_MAX;
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_OK);
    free(details);
    finish(database);
    expect("SELECT length(details) FROM events", "1048576");
}

static void test_two_events_at_one_place_are_an_error_that_names_the_file(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    struct oyez_event event = event_at(1);
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_OK);
    assert_int_equal(export_sqlite_put(database, &event), OYEZ_ERR_IO);
    assert_non_null(strstr(oyez_error_detail(), path));
    export_sqlite_close(&database);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(partial, F_OK), 0);
}

static void test_a_file_that_is_there_is_left_alone(void **state)
{
    (void)state;
    struct export_sqlite *database = open_new();
    finish(database);
    assert_int_equal(export_sqlite_open(&database, path), OYEZ_ERR_IN_USE);
    assert_null(database);
    expect("SELECT count(*) FROM events", "0");
}

static void test_a_full_disk_leaves_no_half_file(void **state)
{
    (void)state;
    struct rlimit before;
    struct export_sqlite *database = open_new();
    oyez_err err = OYEZ_OK;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 64 * 1024, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (uint64_t i = 1; err == OYEZ_OK && i < 50000; i++) {
        struct oyez_event event = event_at(i);
        err = export_sqlite_put(database, &event);
    }
    if (err == OYEZ_OK) {
        err = export_sqlite_finish(database);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(err == OYEZ_ERR_IO || err == OYEZ_ERR_NO_SPACE);
    export_sqlite_close(&database);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(partial, F_OK), 0);
}

static int open_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/a.db", directory);
    snprintf(partial, sizeof partial, "%s.partial", path);
    return 0;
}

static int close_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_an_event_is_a_row_with_its_place_and_its_tags, clean),
        cmocka_unit_test_teardown(test_what_people_ask_for_is_indexed, clean),
        cmocka_unit_test_teardown(test_numbers_beyond_sqlite_stay_what_they_are, clean),
        cmocka_unit_test_teardown(test_protobuf_that_nobody_can_tell_is_kept_as_bytes, clean),
        cmocka_unit_test_teardown(test_an_event_without_a_json_form_adds_nothing, clean),
        cmocka_unit_test_teardown(test_the_largest_details_are_taken, clean),
        cmocka_unit_test_teardown(test_two_events_at_one_place_are_an_error_that_names_the_file,
                                  clean),
        cmocka_unit_test_teardown(test_a_file_that_is_there_is_left_alone, clean),
        cmocka_unit_test_teardown(test_a_full_disk_leaves_no_half_file, clean),
    };
    return cmocka_run_group_tests(tests, open_directory, close_directory);
}
