// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/query/tally.h"
#include "indexed_journal.h"

struct fixture {
    struct indexed indexed;
    oyez_journal_reader *reader;
    oyez_index_set *set;
    struct oyez_index_source source;
    struct oyez_tally tally;
};

static void open_set(struct fixture *fixture)
{
    const char *directory = fixture->indexed.recorded.directory;
    size_t segments;
    assert_int_equal(oyez_journal_reader_open(&fixture->reader, directory, NULL), 0);
    assert_int_equal(oyez_index_set_open(&fixture->set, fixture->reader, directory, NULL, NULL), 0);
    assert_int_equal(oyez_index_set_refresh(fixture->set, &segments), 0);
    assert_int_equal(oyez_index_set_use(fixture->set, 0, &fixture->source), 0);
}

static void tear_down(struct fixture *fixture)
{
    oyez_tally_free(&fixture->tally);
    oyez_index_set_close(&fixture->set);
    oyez_journal_reader_close(&fixture->reader);
    indexed_close(&fixture->indexed);
}

static void fill(struct fixture *fixture, oyez_v1_StatsBy by, const oyez_v1_Query *query)
{
    static struct oyez_plan plan;
    oyez_plan_make(&plan, query);
    assert_int_equal(oyez_tally_fill(&fixture->tally, &fixture->source, by, &plan), 0);
}

// So a page that goes on finds the rest, whether a file or a table tells it.
static void test_groups_stand_in_order_each_once(void **state)
{
    (void)state;
    static const oyez_v1_Query everything;
    struct fixture fixture = {0};
    indexed_open(&fixture.indexed, 1u << 20);
    indexed_add(&fixture.indexed, 500);
    open_set(&fixture);
    assert_non_null(fixture.source.table);
    for (int by = 0; by <= _oyez_v1_StatsBy_MAX; by++) {
        fill(&fixture, (oyez_v1_StatsBy)by, &everything);
        const struct oyez_tally *tally = &fixture.tally;
        assert_true(tally->count > 0);
        for (size_t i = 1; i < tally->count; i++) {
            const struct oyez_tally_group *one = &tally->groups[i - 1];
            const struct oyez_tally_group *next = &tally->groups[i];
            uint32_t size = one->size < next->size ? one->size : next->size;
            int order = memcmp(tally->names + one->name, tally->names + next->name, size);
            assert_true(order < 0 || (order == 0 && one->size < next->size));
        }
    }
    tear_down(&fixture);
}

static void test_only_types_that_are_wanted_are_counted_and_a_full_answer_goes_on(void **state)
{
    (void)state;
    static oyez_v1_Query query;
    static oyez_v1_QueryAnswer answer;
    struct fixture fixture = {0};
    indexed_open(&fixture.indexed, 1u << 20);
    indexed_add(&fixture.indexed, 500);
    open_set(&fixture);
    strcpy(query.patterns[query.patterns_count++], "plan.*");
    fill(&fixture, oyez_v1_StatsBy_STATS_BY_TYPE, &query);
    assert_int_equal(fixture.tally.count, 3);
    memset(&answer, 0, sizeof answer);
    answer.groups_count = 126;
    assert_int_equal(oyez_tally_give(&fixture.tally, 0, &answer), 2);
    assert_string_equal(answer.groups[126].key, "plan.applied");
    answer.groups_count = 0;
    assert_int_equal(oyez_tally_give(&fixture.tally, 2, &answer), 3);
    assert_int_equal(answer.groups_count, 1);
    assert_string_equal(answer.groups[0].key, "plan.errored");
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_stand_in_order_each_once),
        cmocka_unit_test(test_only_types_that_are_wanted_are_counted_and_a_full_answer_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
