// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "system_page.h"
#include "terminal.h"

static struct text_lines lines;

static void build(const struct system_facts *facts, const char *directory)
{
    const struct system_view view = {.endpoint = "tcp://h:1",
                                     .directory = directory,
                                     .link = "connected",
                                     .breaks = 2,
                                     .lost = 7,
                                     .now = INT64_C(60000000000)};
    terminal_open();
    system_page_build(&lines, facts, &view);
}

static bool has_line(const char *part)
{
    return text_lines_find(&lines, 0, 1, part) != SIZE_MAX;
}

static void test_a_server_is_told_with_consumers_gaps_and_checkpoint(void **state)
{
    (void)state;
    struct system_facts *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts->has_status = true;
    facts->status.position = 50;
    facts->status.component_count = 1;
    strcpy(facts->status.components[0].name, "recorder");
    strcpy(facts->status.components[0].message, "stopped \033[2J");
    facts->status.components[0].status = OYEZ_DEGRADED;
    facts->status.counter_count = 1;
    strcpy(facts->status.counters[0].name, "recorded_position");
    facts->status.counters[0].value = 48;
    facts->has_checkpoint = true;
    facts->checkpointed = 44;
    strcpy(facts->key, "oyez/key");
    facts->has_consumers = true;
    facts->consumer_count = 1;
    strcpy(facts->consumers[0].name, "billing");
    facts->consumers[0].lag = 9;
    build(facts, NULL);
    assert_true(has_line("recorder           degraded: stopped"));
    assert_true(has_line("48 (2 behind)"));
    assert_true(has_line("first 44 records are signed for"));
    assert_true(has_line("by the key         oyez/key"));
    assert_true(has_line("billing            9 behind"));
    assert_true(has_line("7 events, 2 breaks"));
    assert_true(has_line("Dead letters"));
    free(facts);
}

static void test_a_directory_has_no_server_but_a_disk(void **state)
{
    (void)state;
    struct system_facts *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts->has_disk = true;
    facts->disk_size = UINT64_C(100) << 30;
    facts->disk_free = UINT64_C(5) << 30;
    build(facts, "d1");
    assert_false(has_line("Server"));
    assert_true(has_line("directory          d1"));
    assert_true(has_line("5.0 GiB free of 100.0 GiB, 5 %"));
    assert_int_equal(lines.lines[text_lines_find(&lines, 0, 1, "GiB")].rest, STYLE_WARN);
    assert_true(has_line("none is known"));
    free(facts);
}

static void test_a_server_that_does_not_answer_is_told(void **state)
{
    (void)state;
    struct system_facts *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    strcpy(facts->failure, "nobody there");
    build(facts, NULL);
    assert_true(has_line("status             nobody there"));
    free(facts);
}

static void test_dead_letters_are_subjects_of_their_lines(void **state)
{
    (void)state;
    struct system_facts *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts->dead_letter_count = 1;
    facts->dead_letters[0].attempts = 3;
    strcpy(facts->dead_letters[0].handler, "mailer");
    strcpy(facts->dead_letters[0].event_type, "order.created");
    strcpy(facts->dead_letters[0].error_text, "no \033[2J route");
    build(facts, NULL);
    size_t at = text_lines_find(&lines, 0, 1, "mailer  order.created  3 attempts");
    assert_int_not_equal(at, SIZE_MAX);
    assert_int_equal(lines.lines[at].subject, 0);
    assert_true(has_line("r retries, d discards"));
    text_lines_free(&lines);
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_is_told_with_consumers_gaps_and_checkpoint),
        cmocka_unit_test(test_a_directory_has_no_server_but_a_disk),
        cmocka_unit_test(test_a_server_that_does_not_answer_is_told),
        cmocka_unit_test(test_dead_letters_are_subjects_of_their_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
