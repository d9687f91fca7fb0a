// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oyez/archive.h"
#include "oyez/retention.h"
#include "recorded_events.h"

#define SECOND RECORDED_SECOND
#define NOW (RECORDED_TIME + 1000 * SECOND)

// Event number n, from 1, has position n, index n - 1 and the time RECORDED_TIME + (n - 1) s.
static void add(struct recorded *recorded, unsigned count, const char *type)
{
    for (unsigned n = 0; n < count; n++) {
        struct oyez_event event = recorded_event(type, "{\"secret\":\"word\"}");
        recorded_add(recorded, &event);
        recorded_commit(recorded);
    }
}

// The age that lets go what is older than event number n.
static uint64_t keep_from(unsigned n)
{
    return NOW - (RECORDED_TIME + (n - 1) * SECOND);
}

static struct oyez_retention_plan survey(const struct recorded *recorded,
                                         const struct oyez_retention_rules *rules)
{
    struct oyez_retention_plan plan;
    if (oyez_retention_survey(&plan, recorded->directory, NULL, rules, NOW, NULL) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return plan;
}

static struct oyez_retention_report apply(struct recorded *recorded,
                                          const struct oyez_retention_rules *rules)
{
    struct oyez_retention_report report = {.records = 0};
    struct oyez_retention_plan plan = survey(recorded, rules);
    do {
        if (oyez_retention_apply(recorded->journal, &plan, "a test", "old", &report) != OYEZ_OK)
            fail_msg("%s", oyez_error_detail());
    } while (oyez_retention_goes_on(&plan));
    oyez_retention_plan_free(&plan);
    return report;
}

static void set_hold(struct recorded *recorded, const char *name, const char *pattern)
{
    oyez_journal_reader *reader;
    oyez_holds *holds;
    const struct oyez_legal_hold hold = {
        .name = name, .patterns = &pattern, .pattern_count = 1, .by = "clerk", .why = "a suit"};
    assert_int_equal(oyez_journal_reader_open(&reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_load(&holds, reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_set(recorded->journal, holds, &hold, NOW), OYEZ_OK);
    oyez_holds_close(&holds);
    oyez_journal_reader_close(&reader);
}

static void verify(const struct recorded *recorded, uint64_t expired, uint64_t erased)
{
    struct oyez_journal_verdict verdict;
    assert_int_equal(oyez_journal_verify(recorded->directory, NULL, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.expired, expired);
    assert_int_equal(verdict.erased, erased);
}

static void test_segments_go_by_age(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add(&recorded, 20, "plan.created");
    const struct oyez_retention_rules rules = {.keep_for = keep_from(13)};
    struct oyez_retention_report report = apply(&recorded, &rules);
    assert_int_equal(report.records, 12);
    assert_int_equal(report.events, 12);
    assert_int_equal(report.segments, 12);
    assert_int_equal(report.begins, 12);
    assert_true(report.bytes > 0);
    verify(&recorded, 12, 0);
    report = apply(&recorded, &rules);
    assert_int_equal(report.records, 0);
    recorded_close(&recorded);
}

static void test_the_segment_that_is_written_stays_however_old_it_is(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add(&recorded, 5, "plan.created");
    const struct oyez_retention_rules rules = {.keep_for = 1};
    assert_int_equal(apply(&recorded, &rules).records, 5);
    // What stands behind is acts alone: they are not old.
    assert_int_equal(apply(&recorded, &rules).records, 0);
    add(&recorded, 2, "plan.created");
    assert_int_equal(apply(&recorded, &rules).events, 2);
    verify(&recorded, 8, 0);
    recorded_close(&recorded);
}

static void test_segments_go_by_size(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add(&recorded, 20, "plan.created");
    struct oyez_retention_plan all =
        survey(&recorded, &(struct oyez_retention_rules){.keep_for = 1});
    uint64_t bytes = all.expiry.bytes; // of 20 segments
    oyez_retention_plan_free(&all);
    const struct oyez_retention_rules rules = {.keep_size = bytes / 2};
    struct oyez_retention_report report = apply(&recorded, &rules);
    assert_in_range(report.records, 10, 12);
    assert_int_equal(apply(&recorded, &rules).events <= 1, 1); // the act has bytes too
    recorded_close(&recorded);
}

static void test_a_hold_keeps_its_segment_and_those_behind_it_and_is_named(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add(&recorded, 6, "plan.created");
    add(&recorded, 1, "step.done");
    add(&recorded, 13, "plan.created");
    set_hold(&recorded, "suit-7", "step.*");
    const struct oyez_retention_rules rules = {.keep_for = keep_from(13)};
    struct oyez_retention_plan plan = survey(&recorded, &rules);
    assert_int_equal(plan.expiry.before, 6);
    assert_int_equal(plan.held_from, 6);
    assert_int_equal(plan.held_until, 12);
    assert_string_equal(plan.hold, "suit-7");
    assert_false(plan.more);
    oyez_retention_plan_free(&plan);
    assert_int_equal(apply(&recorded, &rules).records, 6);
    assert_int_equal(apply(&recorded, &rules).records, 0);
    verify(&recorded, 6, 0);
    recorded_close(&recorded);
}

static void test_old_events_of_a_type_are_blanked_but_for_what_is_held(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_retention_rules rules = {.keep_for = 0};
    recorded_open_segments(&recorded);
    add(&recorded, 4, "metric.sampled");
    add(&recorded, 4, "metric.counted");
    add(&recorded, 4, "plan.created");
    add(&recorded, 4, "metric.sampled");
    set_hold(&recorded, "suit-7", "metric.counted");
    assert_int_equal(oyez_retention_add_type(&rules, "metric.*=1d"), OYEZ_OK);
    assert_int_equal(oyez_retention_add_type(&rules, "metric.sampled=2d"), OYEZ_OK);
    rules.types[0].keep_for = keep_from(15); // not the last two
    rules.types[1].keep_for = keep_from(3);
    struct oyez_retention_plan plan = survey(&recorded, &rules);
    assert_int_equal(plan.blank_count, 6);
    assert_int_equal(plan.blanks[0], 0);
    assert_int_equal(plan.blanks[5], 13);
    assert_int_equal(plan.held_events, 4);
    assert_string_equal(plan.hold, "suit-7");
    oyez_retention_plan_free(&plan);
    struct oyez_retention_report report = apply(&recorded, &rules);
    assert_int_equal(report.blanked, 6);
    assert_int_equal(report.records, 0);
    verify(&recorded, 0, 6);
    assert_int_equal(apply(&recorded, &rules).blanked, 0);
    recorded_close(&recorded);
}

static void test_many_events_take_several_plans(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_retention_plan plan;
    struct oyez_retention_rules rules = {.keep_for = keep_from(9)};
    const struct oyez_retention_limits limits = {.segments = 5, .blanks = 3};
    struct oyez_retention_report report = {.records = 0};
    unsigned plans = 0;
    recorded_open_segments(&recorded);
    add(&recorded, 20, "metric.sampled");
    assert_int_equal(oyez_retention_add_type(&rules, "metric.*=1s"), OYEZ_OK);
    rules.types[0].keep_for = keep_from(17);
    bool more;
    do {
        assert_int_equal(
            oyez_retention_survey(&plan, recorded.directory, NULL, &rules, NOW, &limits), OYEZ_OK);
        assert_int_equal(oyez_retention_apply(recorded.journal, &plan, "me", "old", &report),
                         OYEZ_OK);
        assert_false(oyez_retention_goes_on(&plan));
        more = plan.more;
        oyez_retention_plan_free(&plan);
        plans++;
    } while (more);
    assert_int_equal(report.records, 8);
    assert_int_equal(report.blanked, 8);
    assert_int_equal(plans, 4); // 5, 3 and 3 blanks, 3, 2
    verify(&recorded, 8, 8);
    recorded_close(&recorded);
}

static void archive(struct recorded *recorded, uint64_t first_index)
{
    struct oyez_archive_report prepared;
    assert_int_equal(oyez_journal_archive_prepare(recorded->journal, first_index, &prepared),
                     OYEZ_OK);
    assert_int_equal(oyez_journal_archive(recorded->journal, &prepared, "me"), OYEZ_OK);
}

static void test_one_step_writes_no_more_than_one_archived_segment_anew(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_retention_rules rules = {.keep_for = keep_from(2)};
    struct oyez_retention_report report = {.records = 0};
    recorded_open_segments(&recorded);
    add(&recorded, 6, "metric.sampled"); // each in a segment of its own
    for (uint64_t first = 0; first < 5; first++)
        archive(&recorded, first);
    assert_int_equal(oyez_retention_add_type(&rules, "metric.*=1s"), OYEZ_OK);
    rules.types[0].keep_for = keep_from(6);
    struct oyez_retention_plan plan = survey(&recorded, &rules);
    assert_int_equal(plan.blank_count, 4);
    for (unsigned step = 1; step <= 4; step++) {
        assert_true(oyez_retention_goes_on(&plan));
        assert_int_equal(report.records, 0);
        assert_int_equal(oyez_retention_apply(recorded.journal, &plan, "me", "old", &report),
                         OYEZ_OK);
        assert_int_equal(report.blanked, step);
    }
    assert_false(oyez_retention_goes_on(&plan));
    assert_int_equal(report.records, 1);
    oyez_retention_plan_free(&plan);
    verify(&recorded, 1, 4);
    recorded_close(&recorded);
}

// Nothing more is blanked while somebody has to look at them; segments go.
static void test_files_that_a_repair_set_aside_keep_single_events_and_no_segment(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_retention_rules rules = {.keep_for = keep_from(9)};
    struct oyez_retention_report report = {.records = 0};
    const struct oyez_retention_limits limits = {.segments = 5, .blanks = 3};
    char path[128];
    recorded_open_segments(&recorded);
    add(&recorded, 20, "metric.sampled");
    assert_int_equal(oyez_retention_add_type(&rules, "metric.*=1s"), OYEZ_OK);
    rules.types[0].keep_for = keep_from(17);
    snprintf(path, sizeof path, "%s/00000000000000000003.seg.damaged", recorded.directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    bool more = true;
    for (unsigned plans = 0; more; plans++) {
        struct oyez_retention_plan plan;
        assert_true(plans < 4);
        assert_int_equal(
            oyez_retention_survey(&plan, recorded.directory, NULL, &rules, NOW, &limits), OYEZ_OK);
        assert_int_equal(oyez_retention_apply(recorded.journal, &plan, "me", "old", &report),
                         OYEZ_OK);
        assert_false(oyez_retention_goes_on(&plan));
        more = plan.more;
        oyez_retention_plan_free(&plan);
    }
    assert_int_equal(report.records, 8);
    assert_int_equal(report.blanked, 0);
    assert_int_equal(report.unblanked, 3);
    assert_int_equal(unlink(path), 0);
    report = apply(&recorded, &rules);
    assert_int_equal(report.blanked, 8);
    assert_int_equal(report.unblanked, 0);
    verify(&recorded, 8, 8);
    recorded_close(&recorded);
}

static void test_holds_that_stand_are_recorded_once_more_and_released_ones_are_not(void **state)
{
    (void)state;
    struct recorded recorded;
    oyez_journal_reader *reader;
    oyez_holds *holds;
    recorded_open_segments(&recorded);
    set_hold(&recorded, "stands", "nothing.like.it");
    set_hold(&recorded, "over", "nothing.like.it");
    assert_int_equal(oyez_journal_reader_open(&reader, recorded.directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_load(&holds, reader, recorded.directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_release(recorded.journal, holds, "over", "me", "w", NOW), OYEZ_OK);
    oyez_holds_close(&holds);
    oyez_journal_reader_close(&reader);
    add(&recorded, 5, "plan.created");
    const struct oyez_retention_rules rules = {.keep_for = 1};
    for (unsigned i = 0; i < 3; i++) {
        struct oyez_retention_plan plan = survey(&recorded, &rules);
        assert_int_equal(plan.carried_count, 1);
        assert_int_equal(plan.carried_catalogs, 0);
        oyez_retention_plan_free(&plan);
        struct oyez_retention_report report = apply(&recorded, &rules);
        assert_true(report.records > 0);
        assert_int_equal(oyez_journal_reader_open(&reader, recorded.directory, NULL), OYEZ_OK);
        assert_int_equal(oyez_holds_load(&holds, reader, recorded.directory, NULL), OYEZ_OK);
        assert_int_equal(oyez_holds_count(holds), 1);
        assert_non_null(oyez_holds_find(holds, "stands"));
        assert_int_equal(oyez_holds_at(holds, 0)->time, NOW);
        assert_int_equal(oyez_holds_at(holds, 0)->index, report.first_copy);
        oyez_holds_close(&holds);
        oyez_journal_reader_close(&reader);
        add(&recorded, 3, "plan.created");
    }
    recorded_close(&recorded);
}

static void add_catalog(struct recorded *recorded, const char *text)
{
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_CATALOG_ADDED,
                                            .broker_time = RECORDED_TIME,
                                            .details = (const uint8_t *)text,
                                            .details_size = strlen(text)};
    recorded_add_record(recorded, &act);
    recorded_commit(recorded);
}

static void test_catalogs_are_recorded_once_more_unless_they_were(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add_catalog(&recorded, "one");
    add_catalog(&recorded, "two");
    add(&recorded, 10, "plan.created");
    add_catalog(&recorded, "two");
    add(&recorded, 2, "plan.created");
    const struct oyez_retention_rules rules = {.keep_for = keep_from(8)};
    struct oyez_retention_plan plan = survey(&recorded, &rules);
    assert_int_equal(plan.carried_count, 1);
    assert_int_equal(plan.carried_catalogs, 1);
    assert_int_equal(plan.carried[0], 0);
    oyez_retention_plan_free(&plan);
    assert_int_equal(apply(&recorded, &rules).copied_catalogs, 1);
    recorded_close(&recorded);
}

static void test_rules_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ns;
    } ages[] = {{"90s", 90}, {"15m", 900}, {"12h", 43200}, {"30d", 2592000}};
    static const char *const bad[] = {
        "", "0d", "d", "-1d", "1", "1w", "1dd", " 1d", "1.5d", "1e3s", "99999999999999999999d"};
    struct oyez_retention_rules rules = {.keep_for = 0};
    uint64_t ns;
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        assert_int_equal(oyez_age_read(&ns, ages[i].text), OYEZ_OK);
        assert_int_equal(ns, ages[i].ns * SECOND);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(oyez_age_read(&ns, bad[i]), OYEZ_ERR_INVALID);
    assert_false(oyez_retention_has_rules(&rules));
    assert_int_equal(oyez_retention_add_type(&rules, "plan.*"), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_retention_add_type(&rules, "=1d"), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_retention_add_type(&rules, "a b=1d"), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_retention_add_type(&rules, "plan.*=soon"), OYEZ_ERR_INVALID);
    assert_int_equal(rules.type_count, 0);
    for (unsigned i = 0; i < OYEZ_RETENTION_TYPES_MAX; i++)
        assert_int_equal(oyez_retention_add_type(&rules, "plan.*=1d"), OYEZ_OK);
    assert_int_equal(oyez_retention_add_type(&rules, "plan.*=1d"), OYEZ_ERR_TOO_LARGE);
    assert_true(oyez_retention_has_rules(&rules));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_go_by_age),
        cmocka_unit_test(test_the_segment_that_is_written_stays_however_old_it_is),
        cmocka_unit_test(test_segments_go_by_size),
        cmocka_unit_test(test_a_hold_keeps_its_segment_and_those_behind_it_and_is_named),
        cmocka_unit_test(test_old_events_of_a_type_are_blanked_but_for_what_is_held),
        cmocka_unit_test(test_many_events_take_several_plans),
        cmocka_unit_test(test_one_step_writes_no_more_than_one_archived_segment_anew),
        cmocka_unit_test(test_files_that_a_repair_set_aside_keep_single_events_and_no_segment),
        cmocka_unit_test(test_holds_that_stand_are_recorded_once_more_and_released_ones_are_not),
        cmocka_unit_test(test_catalogs_are_recorded_once_more_unless_they_were),
        cmocka_unit_test(test_rules_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
