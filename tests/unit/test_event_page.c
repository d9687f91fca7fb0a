// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "event_page.h"
#include "oyez/json.h"
#include "terminal.h"

static struct text_lines lines;

static bool has_line(const char *part)
{
    return text_lines_find(&lines, 0, 1, part) != SIZE_MAX;
}

static struct oyez_event sample(void)
{
    static const char details[] =
        "{\"goal\":\"Grow \\u001b[2J\",\"steps\":[{\"name\":\"a\",\"ok\":true},null],\"cost\":1.5}";
    return (struct oyez_event){.event_type = "plan.created",
                               .schema_version = "1.0.0",
                               .plan_id = "P7",
                               .aggregate_version = 0,
                               .has_aggregate_version = true,
                               .tags = {{"env", "prod"}},
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = details,
                               .details_size = sizeof details - 1,
                               .stamp = {.epoch = 5,
                                         .position = 6,
                                         .type_seq = 7,
                                         .broker_time = UINT64_C(1795199455215250000)}};
}

static void build(const struct event_facts *facts, unsigned width)
{
    const struct oyez_event event = sample();
    terminal_open();
    event_page_build(&lines, &event, facts, width);
}

static void test_header_and_place_are_told(void **state)
{
    (void)state;
    const struct event_facts facts = {0};
    build(&facts, 80);
    assert_true(has_line("plan_id            P7"));
    assert_true(has_line("tag.env            prod"));
    assert_true(has_line("aggregate_version  0"));
    assert_true(has_line("cursor             5:6"));
    assert_true(has_line("asking the record"));
    assert_true(has_line("cleveragents"));
}

static void test_details_are_a_tree_with_their_types(void **state)
{
    (void)state;
    const struct event_facts facts = {0};
    build(&facts, 80);
    assert_true(has_line("steps              list of 2"));
    assert_true(has_line("    [0]              object of 2"));
    assert_true(has_line("      name           a"));
    assert_true(has_line("      ok             true"));
    assert_true(has_line("    [1]              null"));
    assert_true(has_line("  cost               1.5"));
    size_t at = text_lines_find(&lines, 0, 1, "  ok ");
    assert_int_equal(lines.lines[at].rest, STYLE_NUMBER);
}

static void test_the_receipt_says_how_safe_it_is(void **state)
{
    (void)state;
    struct event_facts facts = {.asked = true};
    build(&facts, 80);
    assert_true(has_line("sent; not recorded yet"));
    strcpy(facts.failure, "nobody answers");
    build(&facts, 80);
    assert_true(has_line("sent; nobody answers"));
    facts = (struct event_facts){.asked = true, .recorded = true, .index = 10};
    build(&facts, 80);
    assert_true(has_line("recorded, journal index 9"));
    assert_true(has_line("none covers it yet"));
    facts.has_checkpoint = true;
    facts.checkpointed = 9;
    build(&facts, 80);
    assert_true(has_line("none covers it yet"));
    facts.checkpointed = 10;
    strcpy(facts.key, "oyez/k");
    strcpy(facts.proof, "checked");
    build(&facts, 80);
    assert_true(has_line("checkpointed, journal index 9"));
    assert_true(has_line("10 records, signed by oyez/k"));
    assert_true(has_line("proof              checked"));
}

static void test_json_is_broken_into_pieces_that_join_to_the_whole(void **state)
{
    (void)state;
    const struct event_facts facts = {0};
    const struct oyez_event event = sample();
    char *whole = NULL;
    size_t size;
    char joined[2048] = "";
    assert_int_equal(oyez_event_to_json(&event, &whole, &size), OYEZ_OK);
    build(&facts, 40);
    size_t at = text_lines_find(&lines, 0, 1, "JSON");
    for (at++; at < lines.count; at++) {
        assert_true(lines.lines[at].size <= 40);
        strcat(joined, lines.lines[at].text + 2);
    }
    assert_string_equal(joined, whole);
    free(whole);
}

static void test_details_that_cannot_be_read_are_said_to_be(void **state)
{
    (void)state;
    const struct event_facts facts = {0};
    struct oyez_event event = sample();
    event.event_type = "unheard.of";
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    event_page_build(&lines, &event, &facts, 80);
    assert_true(has_line("that cannot be read"));
    assert_true(has_line("none here knows this type"));
}

static void test_details_nested_without_end_are_cut(void **state)
{
    (void)state;
    const struct event_facts facts = {0};
    char details[4096] = "";
    struct oyez_event event = sample();
    for (int i = 0; i < 100; i++) {
        strcat(details, "{\"a\":");
    }
    strcat(details, "1");
    for (int i = 0; i < 100; i++) {
        strcat(details, "}");
    }
    event.event_type = "unheard.of";
    event.details = details;
    event.details_size = strlen(details);
    event_page_build(&lines, &event, &facts, 80);
    assert_true(lines.count < 300);
    text_lines_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_and_place_are_told),
        cmocka_unit_test(test_details_are_a_tree_with_their_types),
        cmocka_unit_test(test_the_receipt_says_how_safe_it_is),
        cmocka_unit_test(test_json_is_broken_into_pieces_that_join_to_the_whole),
        cmocka_unit_test(test_details_that_cannot_be_read_are_said_to_be),
        cmocka_unit_test(test_details_nested_without_end_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
