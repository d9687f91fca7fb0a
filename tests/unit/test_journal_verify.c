// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "client/journal/verify_state.h"
#include "journal_directory.h"

static struct fake_disk *fake;
static oyez_journal *journal;
static struct oyez_journal_verdict verdict;
static char told[1024]; // problems, one a line
static uint64_t number; // of the emitter

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    journal = open_small(fake, NULL);
    number = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)oyez_journal_close(&journal);
    fake_disk_free(fake);
    return 0;
}

static void keep(void *arg, const struct oyez_journal_problem *problem)
{
    size_t used = strlen(told);

    (void)arg;
    snprintf(told + used, sizeof(told) - used, "%s:%llu: %llu: %s\n", problem->file,
             (unsigned long long)problem->offset, (unsigned long long)problem->index,
             problem->what);
}

static void verify(void)
{
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake),
                                                        .problem = keep};

    told[0] = '\0';
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
}

static void add(struct oyez_journal_record record)
{
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

static struct oyez_journal_record event(uint64_t position)
{
    struct oyez_journal_record record = sample_event(position);

    record.emitter_seq = ++number;
    return record;
}

static void assert_problem(const char *what)
{
    verify();
    assert_int_equal(verdict.problems, 1);
    if (strstr(told, what) == NULL)
        fail_msg("expected \"%s\", told: %s", what, told);
}

static void test_a_journal_of_every_kind_is_good_live_and_closed(void **state)
{
    (void)state;
    struct oyez_journal_record repeat = sample_event(11);
    struct oyez_journal_record conflict = event(12);
    struct oyez_journal_record next = event(1);

    add(event(1));
    add(sample_gap(2, 9));
    add(sample_act());
    struct oyez_journal_record personal = sample_personal(10);
    personal.emitter_seq = 10;
    personal.flags = OYEZ_RECORD_INVALID;
    add(personal);
    repeat.kind = OYEZ_RECORD_REPEAT;
    repeat.first_index = 0;
    repeat.emitter_seq = 3; // event(1) took it: two were drawn before
    add(repeat);
    conflict.flags = OYEZ_RECORD_CONFLICT;
    add(conflict);
    add(sample_epoch_end(12));
    next.epoch += 1000000;
    add(next);
    verify();
    assert_string_equal(told, "");
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.records, 8);
    assert_int_equal(verdict.events, 4);
    assert_int_equal(verdict.repeats, 1);
    assert_int_equal(verdict.gaps, 1);
    assert_int_equal(verdict.missing, 8);
    assert_int_equal(verdict.epoch_ends, 1);
    assert_int_equal(verdict.acts, 1);
    assert_int_equal(verdict.conflicts, 1);
    assert_int_equal(verdict.invalid, 1);
    assert_false(verdict.clean);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    verify();
    assert_true(verdict.clean);
    assert_int_equal(verdict.problems, 0);
}

static void test_a_missing_position_is_named(void **state)
{
    (void)state;
    add(event(1));
    add(event(3));
    assert_problem("1: positions are missing before this record");
}

static void test_a_first_position_other_than_1_is_named(void **state)
{
    (void)state;
    add(event(2));
    assert_problem("0: positions are missing before this record");
}

static void test_a_position_that_comes_twice_is_named(void **state)
{
    (void)state;
    add(event(1));
    add(sample_gap(1, 4));
    assert_problem("1: position was recorded before");
}

static void test_an_epoch_without_end_is_named(void **state)
{
    (void)state;
    struct oyez_journal_record next = event(1);

    add(event(1));
    next.epoch++;
    add(next);
    assert_problem("has not ended");
}

static void test_another_epoch_than_the_one_announced_is_named(void **state)
{
    (void)state;
    struct oyez_journal_record next = event(1);

    add(event(1));
    add(sample_epoch_end(1));
    next.epoch += 5;
    add(next);
    assert_problem("epoch is not the one that the end");
}

static void test_an_event_behind_its_epochs_end_is_named(void **state)
{
    (void)state;
    add(event(1));
    add(sample_epoch_end(1));
    add(event(2));
    assert_problem("stands behind the end of its epoch");
}

static void test_an_epoch_end_at_the_wrong_position_is_named(void **state)
{
    (void)state;
    add(event(1));
    add(sample_epoch_end(2));
    assert_problem("does not stand behind its last recorded position");
}

static void test_a_number_that_comes_twice_is_named_and_a_late_one_is_not(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {1, 2, 5, 6, 4, 3, 9, 8};

    for (uint64_t i = 0; i < 8; i++) {
        struct oyez_journal_record record = event(i + 1);
        record.emitter_seq = numbers[i];
        add(record);
    }
    verify();
    assert_int_equal(verdict.problems, 0);
    struct oyez_journal_record fast = event(9);
    fast.emitter_seq = 4;
    fast.flags = OYEZ_RECORD_FAST;
    add(fast);
    verify();
    assert_int_equal(verdict.problems, 0);
    struct oyez_journal_record twice = event(10);
    twice.emitter_seq = 4;
    add(twice);
    assert_problem("9: emitter number was recorded before");
}

static void assert_bad_repeat(struct oyez_journal_record repeat, const char *what)
{
    repeat.kind = OYEZ_RECORD_REPEAT;
    add(repeat);
    assert_problem(what);
}

static void test_a_repeat_that_differs_is_named(void **state)
{
    (void)state;
    struct oyez_journal_record repeat = event(2);

    add(event(1));
    repeat.emitter_seq = 2;
    repeat.details = (const uint8_t *)"{\"other\":1}";
    repeat.details_size = 11;
    assert_bad_repeat(repeat, "repeat differs from the event that it repeats");
}

static void test_a_repeat_of_nothing_before_it_is_named(void **state)
{
    (void)state;
    struct oyez_journal_record repeat = event(2);

    add(event(1));
    repeat.first_index = 1;
    assert_bad_repeat(repeat, "not before it");
}

static void test_a_repeat_with_another_id_is_named(void **state)
{
    (void)state;
    uint8_t header[SAMPLE_HEADER_SIZE];

    add(event(1));
    assert_bad_repeat(sample_numbered(2, header), "event with another id");
}

static void test_a_damaged_body_is_named_and_what_follows_is_judged(void **state)
{
    (void)state;
    size_t size;

    for (uint64_t position = 1; position <= 5; position++)
        add(event(position));
    uint8_t *bytes = fake_disk_file(fake, FIRST_SEGMENT, &size);
    uint8_t *details = memmem(bytes, size, "an ordinary event", 17);
    details[3] ^= 1;
    assert_problem("0: body checksum does not match");
    assert_int_equal(verdict.records, 4);
    details[3] ^= 1;
}

static void test_an_edit_with_its_checksums_made_again_breaks_the_order(void **state)
{
    (void)state;
    size_t size;

    commit_events(journal, 1, 60);
    const char *second = fake_disk_name(fake, ".seg", 1);
    uint8_t *bytes = fake_disk_file(fake, second, &size);
    bytes[20] ^= 1; // of the journal id
    verify();
    assert_true(verdict.problems > 0);
    assert_non_null(strstr(told, second));
    bytes[20] ^= 1;
}

static void test_a_missing_segment_is_named(void **state)
{
    (void)state;
    commit_events(journal, 1, 60);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_remove(fake, fake_disk_name(fake, ".seg", 1));
    verify();
    assert_true(verdict.problems > 0);
    assert_non_null(strstr(told, "the one before it ends with"));
    fake_disk_remove(fake, fake_disk_name(fake, ".seg", 0));
    verify();
    assert_non_null(strstr(told, "before it are missing"));
}

static void test_a_torn_tail_is_a_notice(void **state)
{
    (void)state;
    size_t size;

    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_file(fake, FIRST_SEGMENT, &size);
    fake_disk_resize(fake, FIRST_SEGMENT, size - 60); // the close, and a part of the commit
    verify();
    assert_int_equal(verdict.problems, 0);
    assert_false(verdict.clean);
    assert_int_equal(verdict.torn_records, 1);
    assert_string_equal(verdict.torn_file, FIRST_SEGMENT);
    assert_int_equal(verdict.records, 2);
}

static void test_runs_of_numbers_join(void **state)
{
    (void)state;
    struct oyez_verify_numbers numbers = {0};
    struct oyez_journal_record record = sample_event(1);
    uint64_t state_of_order = 7;
    bool seen[400] = {false};

    for (int i = 0; i < 4000; i++) {
        bool was;
        state_of_order = state_of_order * 6364136223846793005u + 1442695040888963407u;
        record.emitter_seq = 1 + (state_of_order >> 33) % 399;
        assert_int_equal(oyez_verify_numbers_add(&numbers, &record, &was), OYEZ_OK);
        assert_int_equal(was, seen[record.emitter_seq]);
        seen[record.emitter_seq] = true;
    }
    assert_int_equal(numbers.count, 1);
    oyez_verify_numbers_clear(&numbers);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_a_journal_of_every_kind_is_good_live_and_closed),
        IN_MEMORY(test_a_missing_position_is_named),
        IN_MEMORY(test_a_first_position_other_than_1_is_named),
        IN_MEMORY(test_a_position_that_comes_twice_is_named),
        IN_MEMORY(test_an_epoch_without_end_is_named),
        IN_MEMORY(test_another_epoch_than_the_one_announced_is_named),
        IN_MEMORY(test_an_event_behind_its_epochs_end_is_named),
        IN_MEMORY(test_an_epoch_end_at_the_wrong_position_is_named),
        IN_MEMORY(test_a_number_that_comes_twice_is_named_and_a_late_one_is_not),
        IN_MEMORY(test_a_repeat_that_differs_is_named),
        IN_MEMORY(test_a_repeat_of_nothing_before_it_is_named),
        IN_MEMORY(test_a_repeat_with_another_id_is_named),
        IN_MEMORY(test_a_damaged_body_is_named_and_what_follows_is_judged),
        IN_MEMORY(test_an_edit_with_its_checksums_made_again_breaks_the_order),
        IN_MEMORY(test_a_missing_segment_is_named),
        IN_MEMORY(test_a_torn_tail_is_a_notice),
        cmocka_unit_test(test_runs_of_numbers_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
