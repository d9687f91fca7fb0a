// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/query/groups.h"
#include "client/query/index_counts.h"
#include "client/query/index_table.h"
#include "recorded_events.h"

#define ROOM (256u * 1024u * 1024u)
#define HOUR UINT64_C(3600000000000)

static struct oyez_event_view view;
static const struct oyez_journal_record event_record = {.kind = OYEZ_RECORD_EVENT};

static oyez_index_table *open_table(size_t memory_max)
{
    oyez_index_table *table = NULL;
    assert_int_equal(oyez_index_table_open(&table, memory_max), OYEZ_OK);
    return table;
}

static oyez_err add(oyez_index_table *table, const struct oyez_event *event)
{
    view.event = *event;
    return oyez_index_table_add(table, &event_record, &view);
}

static void add_hidden(oyez_index_table *table, enum oyez_record_kind kind)
{
    const struct oyez_journal_record record = {.kind = kind};
    assert_int_equal(oyez_index_table_add(table, &record, NULL), OYEZ_OK);
}

static uint64_t plan_key(const char *plan)
{
    return oyez_index_key(OYEZ_INDEX_PLAN_ID, plan, strlen(plan));
}

static void expect(const oyez_index_table *table, uint64_t key, const uint32_t *records,
                   size_t count)
{
    struct oyez_record_list list = {0};
    assert_int_equal(oyez_index_table_count(table, key), count);
    assert_int_equal(oyez_index_table_find(table, key, &list), OYEZ_OK);
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list.items[i], records[i]);
    free(list.items);
}

// One summary, as one text.
struct told {
    char name[OYEZ_GROUP_NAME_MAX + 1];
    uint64_t count; // of that name
    uint64_t sum;
    size_t groups;
    size_t stop_after;
};

static bool hear(void *arg, const char *name, size_t size, uint64_t count)
{
    struct told *told = arg;
    told->groups++;
    told->sum += count;
    if (strlen(told->name) == size && memcmp(told->name, name, size) == 0)
        told->count += count;
    return told->groups != told->stop_after;
}

static uint64_t count_of(const oyez_index_table *table, enum oyez_index_count_by by,
                         const char *name)
{
    struct told told = {0};
    snprintf(told.name, sizeof told.name, "%s", name);
    assert_true(oyez_index_table_tell(table, by, hear, &told));
    return told.count;
}

static size_t groups_of(const oyez_index_table *table, enum oyez_index_count_by by)
{
    struct told told = {0};
    assert_true(oyez_index_table_tell(table, by, hear, &told));
    return told.groups;
}

static void test_an_empty_table_knows_nothing(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    expect(table, plan_key("p"), NULL, 0);
    expect(table, 0, NULL, 0);
    assert_int_equal(oyez_index_table_records(table), 0);
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_TYPES), 0);
    oyez_index_table_close(&table);
    assert_null(table);
    oyez_index_table_close(&table);
}

static void test_a_key_leads_to_its_records_in_their_order(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    struct oyez_event a = {.event_type = "a", .plan_id = "p"};
    struct oyez_event b = {.event_type = "b", .plan_id = "q"};
    assert_int_equal(add(table, &a), OYEZ_OK);
    assert_int_equal(add(table, &b), OYEZ_OK);
    assert_int_equal(add(table, &a), OYEZ_OK);
    assert_int_equal(add(table, &a), OYEZ_OK);
    assert_int_equal(oyez_index_table_records(table), 4);
    expect(table, plan_key("p"), (uint32_t[]){0, 2, 3}, 3);
    expect(table, plan_key("q"), (uint32_t[]){1}, 1);
    expect(table, plan_key("r"), NULL, 0);
    expect(table, oyez_index_key(OYEZ_INDEX_SESSION_ID, "p", 1), NULL, 0);
    oyez_index_table_close(&table);
}

static void test_a_list_is_added_to_what_is_in_it(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    struct oyez_record_list list = {0};
    struct oyez_event event = {.event_type = "a", .plan_id = "p"};
    assert_int_equal(add(table, &event), OYEZ_OK);
    event.plan_id = "q";
    assert_int_equal(add(table, &event), OYEZ_OK);
    assert_int_equal(oyez_index_table_find(table, plan_key("q"), &list), OYEZ_OK);
    assert_int_equal(
        oyez_index_table_find(table, oyez_index_key(OYEZ_INDEX_EVENT_TYPE, "a", 1), &list),
        OYEZ_OK);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[0], 1);
    assert_int_equal(list.items[1], 0);
    assert_int_equal(list.items[2], 1);
    free(list.items);
    oyez_index_table_close(&table);
}

static void test_gaps_and_ends_of_epochs_are_marks_and_other_records_have_no_key(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    struct oyez_event event = {.event_type = "a"};
    add_hidden(table, OYEZ_RECORD_REPEAT);
    add_hidden(table, OYEZ_RECORD_GAP);
    add_hidden(table, OYEZ_RECORD_EVENT);
    assert_int_equal(add(table, &event), OYEZ_OK);
    add_hidden(table, OYEZ_RECORD_EPOCH_END);
    add_hidden(table, OYEZ_RECORD_CATALOG_ADDED);
    assert_int_equal(oyez_index_table_records(table), 6);
    expect(table, oyez_index_key(OYEZ_INDEX_MARK, "", 0), (uint32_t[]){1, 4}, 2);
    expect(table, oyez_index_key(OYEZ_INDEX_EVENT_TYPE, "a", 1), (uint32_t[]){3}, 1);
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_TYPES), 1);
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_HOURS), 1);
    oyez_index_table_close(&table);
}

// Keys with all kinds of frequencies, against looking at each event.
static void test_tables_answer_as_looking_at_every_event_does(void **state)
{
    (void)state;
    enum { EVENTS = 60000, FIELDS = 4 };
    static const unsigned distinct[FIELDS] = {1, 40, 5000, 1000000};
    static unsigned values[EVENTS][FIELDS];
    static uint32_t wanted[EVENTS];
    oyez_index_table *table = open_table(ROOM);
    char text[FIELDS][16];
    struct oyez_event event = {
        .event_type = text[0], .session_id = text[1], .plan_id = text[2], .step_id = text[3]};
    unsigned seed = 7;
    for (size_t i = 0; i < EVENTS; i++) {
        for (size_t f = 0; f < FIELDS; f++) {
            values[i][f] = (unsigned)rand_r(&seed) % distinct[f];
            snprintf(text[f], sizeof text[f], "%u", values[i][f]);
        }
        assert_int_equal(add(table, &event), OYEZ_OK);
        if (i % 7 == 0)
            add_hidden(table, OYEZ_RECORD_REPEAT);
    }
    static const enum oyez_index_field fields[FIELDS] = {
        OYEZ_INDEX_EVENT_TYPE, OYEZ_INDEX_SESSION_ID, OYEZ_INDEX_PLAN_ID, OYEZ_INDEX_STEP_ID};
    for (unsigned round = 0; round < 400; round++) {
        size_t f = round % FIELDS, count = 0;
        unsigned value = round % 8 < 4 ? values[(unsigned)rand_r(&seed) % EVENTS][f]
                                       : (unsigned)rand_r(&seed) % distinct[f];
        for (size_t i = 0; i < EVENTS; i++)
            if (values[i][f] == value)
                wanted[count++] = (uint32_t)(i + (i + 6) / 7);
        int size = snprintf(text[0], sizeof text[0], "%u", value);
        expect(table, oyez_index_key(fields[f], text[0], (size_t)size), wanted, count);
    }
    oyez_index_table_close(&table);
}

static void test_types_actors_and_hours_are_counted(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    struct oyez_event event = {.event_type = "a", .actor_id = "1", .actor_name = "Ada"};
    event.stamp.broker_time = RECORDED_TIME; // 09:00 to 10:00
    assert_int_equal(add(table, &event), OYEZ_OK);
    event.stamp.broker_time = RECORDED_TIME + HOUR - 1;
    event.actor_id = "";
    assert_int_equal(add(table, &event), OYEZ_OK);
    event.stamp.broker_time = RECORDED_TIME + HOUR;
    event.event_type = "b";
    event.actor_name = NULL;
    event.actor_type = "agent";
    assert_int_equal(add(table, &event), OYEZ_OK);
    event.stamp.broker_time = RECORDED_TIME;
    event.actor_type = NULL;
    assert_int_equal(add(table, &event), OYEZ_OK);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_TYPES, "a"), 2);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_TYPES, "b"), 2);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_ACTORS, "1"), 1);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_ACTORS, "Ada"), 1);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_ACTORS, "agent"), 1);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_ACTORS, ""), 1);
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_ACTORS), 4);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_HOURS, "2025-11-20T09"), 3);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_HOURS, "2025-11-20T10"), 1);
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_HOURS), 2);
    oyez_index_table_close(&table);
}

// Whoever adds these up with groups that were read must find the same names.
static void test_groups_have_the_names_that_reading_gives_them(void **state)
{
    (void)state;
    static oyez_v1_QueryAnswer answer;
    static char names[8][400];
    static const uint64_t times[] = {0,          RECORDED_TIME, (uint64_t)INT64_MAX,
                                     UINT64_MAX, HOUR - 1,      HOUR};
    oyez_index_table *table = open_table(ROOM);
    memset(names[0], 'x', 256);
    memset(names[1], 'x', 257);
    for (size_t i = 2; i < 6; i++) { // cut within, before and behind a code point
        memset(names[i], 'y', 250 + i);
        memcpy(names[i] + 250 + i, "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", 9);
    }
    memset(names[6], '\x80', 399);
    for (size_t i = 0; i < 8; i++) {
        struct oyez_event event = {.event_type = "a", .actor_name = names[i]};
        event.stamp.broker_time = times[i % 6];
        assert_int_equal(add(table, &event), OYEZ_OK);
        assert_true(oyez_groups_count(&answer, oyez_v1_StatsBy_STATS_BY_ACTOR, &event));
        assert_true(oyez_groups_count(&answer, oyez_v1_StatsBy_STATS_BY_HOUR, &event));
    }
    for (size_t i = 0; i < answer.groups_count; i++) {
        const oyez_v1_Group *group = &answer.groups[i];
        assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_ACTORS, group->key) +
                             count_of(table, OYEZ_INDEX_COUNT_HOURS, group->key),
                         group->count);
    }
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_ACTORS) +
                         groups_of(table, OYEZ_INDEX_COUNT_HOURS),
                     answer.groups_count);
    oyez_index_table_close(&table);
}

static void test_a_telling_can_be_ended(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    struct told told = {.stop_after = 2};
    for (unsigned i = 0; i < 5; i++) {
        char type[2] = {(char)('a' + i), '\0'};
        struct oyez_event event = {.event_type = type};
        assert_int_equal(add(table, &event), OYEZ_OK);
    }
    assert_true(oyez_index_table_tell(table, OYEZ_INDEX_COUNT_TYPES, hear, &told));
    assert_int_equal(told.groups, 2);
    oyez_index_table_close(&table);
}

static void test_more_actors_than_are_counted_are_not_counted_and_all_types_are(void **state)
{
    (void)state;
    oyez_index_table *table = open_table(ROOM);
    struct told told = {0};
    char name[16];
    struct oyez_event event = {.event_type = name, .actor_id = name};
    for (unsigned i = 0; i < OYEZ_INDEX_GROUPS_MAX; i++) {
        snprintf(name, sizeof name, "t%u", i);
        assert_int_equal(add(table, &event), OYEZ_OK);
    }
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_TYPES), OYEZ_INDEX_GROUPS_MAX);
    assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_ACTORS), OYEZ_INDEX_GROUPS_MAX);
    size_t before = oyez_index_table_memory(table);
    event.actor_id = "one more";
    assert_int_equal(add(table, &event), OYEZ_OK);
    assert_int_equal(add(table, &event), OYEZ_OK);
    assert_false(oyez_index_table_tell(table, OYEZ_INDEX_COUNT_ACTORS, hear, &told));
    assert_int_equal(told.groups, 0);
    assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_TYPES, name), 3);
    assert_true(oyez_index_table_memory(table) < before);
    expect(table, oyez_index_key(OYEZ_INDEX_ACTOR_ID, "one more", 8),
           (uint32_t[]){OYEZ_INDEX_GROUPS_MAX, OYEZ_INDEX_GROUPS_MAX + 1}, 2);
    oyez_index_table_close(&table);
}

static void fill(oyez_index_table *table, char name[16])
{
    struct oyez_event event = {.event_type = "a", .plan_id = name, .actor_id = name};
    oyez_err err = OYEZ_OK;
    for (unsigned i = 0; err == OYEZ_OK; i++) {
        snprintf(name, 16, "%u", i);
        err = add(table, &event);
    }
    assert_int_equal(err, OYEZ_ERR_FULL);
}

static void test_a_full_table_takes_no_part_of_a_record(void **state)
{
    (void)state;
    for (size_t memory = 0; memory < 3000000; memory = memory * 3 / 2 + 20000) {
        oyez_index_table *table = open_table(memory);
        char name[16];
        fill(table, name);
        uint32_t records = oyez_index_table_records(table);
        assert_true(memory < 100000 || oyez_index_table_memory(table) <= memory);
        assert_true(memory < 400000 || records > 1000);
        assert_int_equal(oyez_index_table_count(table, plan_key(name)), 0);
        assert_int_equal(
            oyez_index_table_count(table, oyez_index_key(OYEZ_INDEX_EVENT_TYPE, "a", 1)), records);
        assert_int_equal(count_of(table, OYEZ_INDEX_COUNT_TYPES, "a"), records);
        assert_int_equal(groups_of(table, OYEZ_INDEX_COUNT_ACTORS), records);
        add_hidden(table, OYEZ_RECORD_REPEAT);
        oyez_index_table_close(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_table_knows_nothing),
        cmocka_unit_test(test_a_key_leads_to_its_records_in_their_order),
        cmocka_unit_test(test_a_list_is_added_to_what_is_in_it),
        cmocka_unit_test(test_gaps_and_ends_of_epochs_are_marks_and_other_records_have_no_key),
        cmocka_unit_test(test_tables_answer_as_looking_at_every_event_does),
        cmocka_unit_test(test_types_actors_and_hours_are_counted),
        cmocka_unit_test(test_groups_have_the_names_that_reading_gives_them),
        cmocka_unit_test(test_a_telling_can_be_ended),
        cmocka_unit_test(test_more_actors_than_are_counted_are_not_counted_and_all_types_are),
        cmocka_unit_test(test_a_full_table_takes_no_part_of_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
