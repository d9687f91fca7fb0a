// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oyez/holds.h"
#include "recorded_events.h"

#define NOW (RECORDED_TIME + 1)

static oyez_holds *load(const struct recorded *recorded)
{
    oyez_journal_reader *reader;
    oyez_holds *holds;
    assert_int_equal(oyez_journal_reader_open(&reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_holds_load(&holds, reader, recorded->directory, NULL), OYEZ_OK);
    oyez_journal_reader_close(&reader);
    return holds;
}

static void set(struct recorded *recorded, const struct oyez_legal_hold *hold)
{
    oyez_holds *holds = load(recorded);
    assert_int_equal(oyez_holds_set(recorded->journal, holds, hold, NOW), OYEZ_OK);
    oyez_holds_close(&holds);
}

static void add(struct recorded *recorded, const char *type, const char *user, const char *details)
{
    struct oyez_event event = recorded_event(type, details);
    event.user_id = user;
    recorded_add(recorded, &event);
    recorded_commit(recorded);
}

// The name of the hold that covers a record, or "".
static const char *covering(const struct recorded *recorded, oyez_holds *holds, uint64_t index)
{
    oyez_journal_reader *reader;
    struct oyez_journal_record record;
    const char *name = "";
    assert_int_equal(oyez_journal_reader_open(&reader, recorded->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_read(reader, index, &record), OYEZ_OK);
    bool covered = oyez_holds_cover(holds, &record, &name);
    assert_int_equal(covered, name[0] != '\0');
    oyez_journal_reader_close(&reader);
    return name;
}

static void
test_a_hold_covers_the_events_of_its_patterns_that_fulfil_all_its_conditions(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add(&recorded, "plan.created", "anna", "{\"n\":1}");
    add(&recorded, "plan.created", "anna", "{\"n\":2}");
    add(&recorded, "plan.created", "bert", "{\"n\":1}");
    add(&recorded, "step.done", "anna", "{\"n\":1}");
    const struct oyez_legal_hold hold = {
        .name = "suit-7",
        .patterns = (const char *const[]){"plan.*", "nothing.like.it"},
        .pattern_count = 2,
        .conditions = (const char *const[]){"user_id=anna", "details.n=1"},
        .condition_count = 2,
        .by = "clerk",
        .why = "a letter of 3 May",
    };
    set(&recorded, &hold);
    oyez_holds *holds = load(&recorded);
    assert_int_equal(oyez_holds_count(holds), 1);
    const struct oyez_legal_hold *found = oyez_holds_at(holds, 0);
    assert_string_equal(found->name, "suit-7");
    assert_string_equal(found->conditions[1], "details.n=1");
    assert_string_equal(found->by, "clerk");
    assert_string_equal(found->why, "a letter of 3 May");
    assert_int_equal(found->index, 4);
    assert_int_equal(found->time, NOW);
    assert_string_equal(covering(&recorded, holds, 0), "suit-7");
    for (uint64_t i = 1; i < 5; i++)
        assert_string_equal(covering(&recorded, holds, i), "");
    oyez_holds_close(&holds);
    recorded_close(&recorded);
}

static void
test_a_hold_without_patterns_and_conditions_covers_every_event_and_nothing_else(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add(&recorded, "plan.created", NULL, NULL);
    set(&recorded, &(struct oyez_legal_hold){.name = "all", .by = "", .why = "a court"});
    add(&recorded, "step.done", NULL, NULL);
    oyez_holds *holds = load(&recorded);
    assert_string_equal(covering(&recorded, holds, 0), "all");
    assert_string_equal(covering(&recorded, holds, 1), "");
    assert_string_equal(covering(&recorded, holds, 2), "all");
    oyez_holds_close(&holds);
    recorded_close(&recorded);
}

static void test_a_released_hold_covers_nothing_and_its_name_may_be_used_again(void **state)
{
    (void)state;
    struct recorded recorded;
    const struct oyez_legal_hold hold = {.name = "h", .by = "", .why = "w"};
    recorded_open(&recorded);
    add(&recorded, "plan.created", NULL, NULL);
    set(&recorded, &hold);
    oyez_holds *holds = load(&recorded);
    assert_int_equal(oyez_holds_set(recorded.journal, holds, &hold, NOW), OYEZ_ERR_IN_USE);
    assert_int_equal(oyez_holds_release(recorded.journal, holds, "other", "", "w", NOW),
                     OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_holds_release(recorded.journal, holds, "h", "", "", NOW),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_holds_release(recorded.journal, holds, "h", "", "over", NOW), OYEZ_OK);
    oyez_holds_close(&holds);
    holds = load(&recorded);
    assert_int_equal(oyez_holds_count(holds), 0);
    assert_null(oyez_holds_find(holds, "h"));
    assert_string_equal(covering(&recorded, holds, 0), "");
    oyez_holds_close(&holds);
    set(&recorded, &hold);
    recorded_close(&recorded);
}

static void test_the_file_spares_the_search_and_is_only_believed_of_its_journal(void **state)
{
    (void)state;
    struct recorded recorded;
    char path[128];
    recorded_open(&recorded);
    add(&recorded, "plan.created", NULL, NULL);
    set(&recorded, &(struct oyez_legal_hold){.name = "one", .by = "", .why = "w"});
    oyez_holds *holds = load(&recorded);
    assert_int_equal(oyez_holds_save(holds), OYEZ_OK);
    oyez_holds_close(&holds);
    set(&recorded, &(struct oyez_legal_hold){.name = "two", .by = "", .why = "w"});
    holds = load(&recorded);
    assert_int_equal(oyez_holds_count(holds), 2);
    assert_int_equal(oyez_holds_save(holds), OYEZ_OK);
    oyez_holds_close(&holds);
    snprintf(path, sizeof path, "%s/holds.state", recorded.directory);
    for (off_t at = 0; at < 90; at += 7) {
        uint8_t byte;
        int fd = open(path, O_RDWR);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        holds = load(&recorded);
        assert_int_equal(oyez_holds_count(holds), 2);
        assert_int_equal(oyez_holds_save(holds), OYEZ_OK);
        oyez_holds_close(&holds);
    }
    recorded_close(&recorded);
}

static void append(struct recorded *recorded, const char *text)
{
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_HELD,
                                            .broker_time = NOW,
                                            .details = (const uint8_t *)text,
                                            .details_size = strlen(text)};
    recorded_add_record(recorded, &act);
    recorded_commit(recorded);
}

static void test_a_hold_that_cannot_be_understood_covers_every_event(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "hold later\nunless 7=8\npattern no.such\nby x\nwhy y\n",
        "hold field\nwhere unknown_field=1\nby x\nwhy y\n",
        "hold domain\npattern @no_such_domain\nby x\nwhy y\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct recorded recorded;
        recorded_open(&recorded);
        add(&recorded, "plan.created", NULL, NULL);
        append(&recorded, "pattern it.has.no.name\n");
        append(&recorded, texts[i]);
        oyez_holds *holds = load(&recorded);
        assert_int_equal(oyez_holds_count(holds), 1);
        assert_string_not_equal(covering(&recorded, holds, 0), "");
        oyez_holds_close(&holds);
        recorded_close(&recorded);
    }
}

static void make_unreadable(struct oyez_journal_record *record)
{
    record->flags = OYEZ_RECORD_INVALID;
    record->details_format = 0;
    record->event_id = (struct oyez_uuid){.bytes = {0}};
    record->header_size = record->salt_size = record->signature_size = 0;
}

static void test_an_event_that_cannot_be_read_is_covered_by_any_hold(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_event event = recorded_event("plan.created", NULL);
    recorded_open(&recorded);
    recorded_add_as(&recorded, &event, make_unreadable);
    recorded_commit(&recorded);
    set(&recorded, &(struct oyez_legal_hold){.name = "h",
                                             .patterns = (const char *const[]){"other.type"},
                                             .pattern_count = 1,
                                             .by = "",
                                             .why = "w"});
    oyez_holds *holds = load(&recorded);
    assert_string_equal(covering(&recorded, holds, 0), "h");
    oyez_holds_close(&holds);
    recorded_close(&recorded);
}

static void test_what_is_wrong_with_a_hold_is_refused(void **state)
{
    (void)state;
    static char large[OYEZ_HOLD_ACT_SIZE_MAX + 1];
    memset(large, 'a', sizeof large - 1);
    const struct {
        struct oyez_legal_hold hold;
        oyez_err err;
    } cases[] = {
        {{.name = "", .by = "", .why = "w"}, OYEZ_ERR_INVALID},
        {{.name = "a b", .by = "", .why = "w"}, OYEZ_ERR_INVALID},
        {{.name = "0123456789012345678901234567890123456789012345678901234567890123456789",
          .by = "",
          .why = "w"},
         OYEZ_ERR_INVALID},
        {{.name = "h", .by = ""}, OYEZ_ERR_INVALID},
        {{.name = "h", .by = "", .why = "two\nlines"}, OYEZ_ERR_INVALID},
        {{.name = "h", .by = "", .why = large}, OYEZ_ERR_TOO_LARGE},
        {{.name = "h",
          .patterns = (const char *const[]){"a b"},
          .pattern_count = 1,
          .by = "",
          .why = "w"},
         OYEZ_ERR_INVALID},
        {{.name = "h",
          .conditions = (const char *const[]){"no_field=1"},
          .condition_count = 1,
          .by = "",
          .why = "w"},
         OYEZ_ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(oyez_holds_check(&cases[i].hold), cases[i].err);
    assert_int_equal(
        oyez_holds_check(&(struct oyez_legal_hold){.name = "A.b-c_9", .by = "", .why = "w"}),
        OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_a_hold_covers_the_events_of_its_patterns_that_fulfil_all_its_conditions),
        cmocka_unit_test(
            test_a_hold_without_patterns_and_conditions_covers_every_event_and_nothing_else),
        cmocka_unit_test(test_a_released_hold_covers_nothing_and_its_name_may_be_used_again),
        cmocka_unit_test(test_the_file_spares_the_search_and_is_only_believed_of_its_journal),
        cmocka_unit_test(test_a_hold_that_cannot_be_understood_covers_every_event),
        cmocka_unit_test(test_an_event_that_cannot_be_read_is_covered_by_any_hold),
        cmocka_unit_test(test_what_is_wrong_with_a_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
