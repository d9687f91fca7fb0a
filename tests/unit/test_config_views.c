// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/config.h"
#include "oyez/limits.h"

static struct oyez_config config;
static char expanded[65536]; // the patterns of the last expansion, a space between them

static oyez_err parse(const char *text)
{
    oyez_config_free(&config);
    return oyez_config_parse(&config, NULL, "f.ini", text, strlen(text));
}

static oyez_err expand(const char *const *words, size_t count)
{
    const char **patterns;
    size_t pattern_count;
    size_t used = 0;
    oyez_err err = oyez_config_views_expand(config.views, words, count, &patterns, &pattern_count);
    expanded[0] = '\0';
    for (size_t i = 0; i < pattern_count; i++) {
        used += (size_t)snprintf(expanded + used, sizeof expanded - used, "%s%s", i > 0 ? " " : "",
                                 patterns[i]);
    }
    free(patterns);
    return err;
}

static void assert_means(const char *word, const char *patterns)
{
    assert_int_equal(expand(&word, 1), OYEZ_OK);
    assert_string_equal(expanded, patterns);
}

static void assert_told(const char *text, const char *told)
{
    assert_int_equal(parse(text), OYEZ_ERR_INVALID);
    if (strstr(oyez_error_detail(), told) == NULL) {
        print_error("%s\n  is told as: %s\n  wanted: %s\n", text, oyez_error_detail(), told);
    }
    assert_non_null(strstr(oyez_error_detail(), told));
    assert_null(config.views);
}

static int drop_config(void **state)
{
    (void)state;
    oyez_config_free(&config);
    oyez_config_free(&config);
    oyez_config_free(NULL);
    return 0;
}

static void test_a_view_means_its_patterns(void **state)
{
    (void)state;
    assert_int_equal(parse("[views]\ndeals = deal.* action.*\tworker.*\nruns = @zakops/agent\n"),
                     OYEZ_OK);
    assert_means("view:deals", "deal.* action.* worker.*");
    assert_means("view:runs", "@zakops/agent");
    assert_means("plan.*", "plan.*");
}

static void test_words_are_the_union_in_order_and_each_pattern_once(void **state)
{
    (void)state;
    static const char *const words[] = {"b.*", "view:x", "view:y", "a.*", "view:x", "d.*", "b.*"};
    assert_int_equal(parse("[views]\nx = a.* b.* a.*\ny = c.* view:x\n"), OYEZ_OK);
    assert_int_equal(expand(words, 7), OYEZ_OK);
    assert_string_equal(expanded, "b.* a.* c.* d.*");
}

static void test_views_name_views_that_stand_before_or_behind_them(void **state)
{
    (void)state;
    assert_int_equal(parse("[views]\nbad = *.failed view:errors\nerrors = *.errored\n"
                           "all = view:bad view:errors\n  worker.*\n"),
                     OYEZ_OK);
    assert_means("view:bad", "*.failed *.errored");
    assert_means("view:all", "*.failed *.errored worker.*");
    // Two ways to one view are no circle.
    assert_int_equal(
        parse("[views]\nall = view:x view:y view:x\nx = view:z\ny = view:z\nz = z.*\n"), OYEZ_OK);
    assert_means("view:all", "z.*");
}

static void test_the_section_may_stand_in_parts(void **state)
{
    (void)state;
    unsigned line;
    assert_int_equal(parse("[views]\na = a.*\n\n[views]\nb = view:a\n"), OYEZ_OK);
    assert_means("view:b", "a.*");
    assert_string_equal(oyez_config_views_name(config.views, 1, &line), "b");
    assert_int_equal(line, 5);
    assert_null(oyez_config_views_name(config.views, 2, NULL));
    assert_true(oyez_config_views_have(config.views, "a"));
    assert_false(oyez_config_views_have(config.views, "A"));
}

static void test_a_view_that_names_no_view_of_the_file_is_told(void **state)
{
    (void)state;
    assert_told("[views]\na = b.*\nc = a.*\n  view:d\n", "f.ini:4: view c: there is no view:d");
    static const char *const word = "view:zz";
    assert_int_equal(parse("[views]\na = b.*\n"), OYEZ_OK);
    assert_int_equal(expand(&word, 1), OYEZ_ERR_NOT_FOUND);
    assert_string_equal(oyez_error_detail(), "there is no view 'zz'");
}

static void test_a_circle_is_told_with_its_chain(void **state)
{
    (void)state;
    assert_told("[views]\na = view:a\n", "f.ini:2: views name each other in a circle: a > a");
    assert_told("[views]\nx = view:a\na = z.* view:b\nb = view:c\nc =\n  y.*\n  view:a\n",
                "f.ini:7: views name each other in a circle: a > b > c > a");
}

// A chain of so many views; the first is v0, or the last, so that it is met from either end.
static const char *write_chain(unsigned count, bool upwards)
{
    static char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "[views]\n");
    for (unsigned i = 0; i < count; i++) {
        unsigned at = upwards ? i : count - 1 - i;
        used += (size_t)snprintf(text + used, sizeof text - used, "v%u = t%u.*", at, at);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 at + 1 < count ? " view:v%u\n" : "\n", at + 1);
    }
    return text;
}

static void test_views_go_16_deep_and_no_deeper_from_either_end(void **state)
{
    (void)state;
    for (int upwards = 0; upwards < 2; upwards++) {
        assert_int_equal(parse(write_chain(16, upwards != 0)), OYEZ_OK);
        assert_means("view:v15", "t15.*");
        assert_means("view:v0", "t0.* t1.* t2.* t3.* t4.* t5.* t6.* t7.* t8.* t9.* t10.* t11.* "
                                "t12.* t13.* t14.* t15.*");
        assert_told(write_chain(17, upwards != 0), "views name views more than 16 deep");
        assert_told(write_chain(40, upwards != 0), "views name views more than 16 deep");
    }
}

// Each level names the one below twice and more: walked one by one it would be 40^15 patterns.
static void test_views_that_name_one_view_often_are_walked_once(void **state)
{
    (void)state;
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "[views]\nv0 = a.*\n");
    for (unsigned i = 1; i < 16; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "v%u =", i);
        for (unsigned k = 0; k < 40; k++) {
            used += (size_t)snprintf(text + used, sizeof text - used, " view:v%u", i - 1);
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
    assert_int_equal(parse(text), OYEZ_OK);
    assert_means("view:v15", "a.*");
}

// Without a pattern a subscription is one to everything.
static void test_a_view_without_a_pattern_is_refused(void **state)
{
    (void)state;
    assert_told("[views]\nx = a.*\nnone =\n", "f.ini:3: view none: no pattern");
    assert_told("[views]\nnone = ; later\n\n", "f.ini:2: view none: no pattern");
    assert_int_equal(parse("[views]\nnone =\n  a.*\n"), OYEZ_OK);
}

static void test_bad_patterns_are_told_as_on_the_command_line(void **state)
{
    (void)state;
    char long_pattern[400] = "[views]\nx = a.*\n\ny = ";
    assert_told("[views]\nx = a.*\ny = a.* b,c\n",
                "f.ini:3: view y: 'b,c': pattern: only A-Z a-z 0-9 . _ - and * stand in one");
    assert_told("[views]\nx = a.*\n  b?\n", "f.ini:3: view x: 'b?': pattern: only");
    assert_told("[views]\nx = @\n", "f.ini:2: view x: '@': pattern @: no catalog has this domain");
    // A line that was moved in by mistake goes on with the view above.
    assert_told("[views]\nx = a.*\n  y = b.*\n", "f.ini:3: view x: '='");
    memset(long_pattern + strlen(long_pattern), 'p', OYEZ_TOPIC_SIZE_MAX + 1);
    assert_told(long_pattern, "pattern: longer than 216 characters");
}

static void test_names_are_1_to_64_of_a_few_characters_and_stand_once(void **state)
{
    (void)state;
    char text[256];
    assert_told("[views]\nDeals = a.*\n", "f.ini:2: 'Deals' is no name of a view: 1 to 64 of");
    assert_told("[views]\nmy_deals = a.*\n", "'my_deals' is no name of a view");
    assert_told("[views]\nx = view:\n", "f.ini:2: '' is no name of a view");
    assert_told("[views]\nx = view:A\n", "f.ini:2: 'A' is no name of a view");
    assert_told("[views]\nview:x = a.*\n", "f.ini:2: view view: '='");
    assert_told("[views]\nx = a.*\ny = b.*\nx = c.*\n",
                "f.ini:4: view x: a second time; first in line 2");
    snprintf(text, sizeof text, "[views]\n%064d = a.*\n", 7);
    assert_int_equal(parse(text), OYEZ_OK);
    snprintf(text, sizeof text, "[views]\nx = view:%065d\n", 7);
    assert_told(text, "is no name of a view");
}

// Which domains there are depends on who reads the file, so the others can be used.
static void test_an_unknown_domain_is_told_by_the_view_that_is_used(void **state)
{
    (void)state;
    static const char *const word = "view:shop";
    assert_int_equal(parse("[views]\nok = @zakops/agent\nshop = a.*\n  @shop\n"), OYEZ_OK);
    assert_means("view:ok", "@zakops/agent");
    assert_int_equal(expand(&word, 1), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(),
                        "f.ini:4: view shop: pattern @shop: no catalog has this domain");
}

static void test_1000_views_are_kept_and_no_more(void **state)
{
    (void)state;
    char *text = malloc(32 * 1024);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "[views]\n");
    for (unsigned i = 0; i < OYEZ_CONFIG_VIEWS_MAX; i++) {
        used += (size_t)sprintf(text + used, "v%u = t%u.*\n", i, i);
    }
    assert_int_equal(parse(text), OYEZ_OK);
    assert_means("view:v999", "t999.*");
    snprintf(text + used, 32 * 1024 - used, "one-more = a\n");
    assert_told(text, "f.ini:1002: more than 1000 views");
    free(text);
}

static void test_more_patterns_than_a_subscription_takes_are_told(void **state)
{
    (void)state;
    static const char *const words[] = {"view:x", "view:y"};
    char *text = malloc(OYEZ_CONFIG_FILE_SIZE_MAX);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "[views]\nx =");
    for (unsigned i = 0; i < OYEZ_PATTERNS_MAX; i++) {
        used += (size_t)sprintf(text + used, i % 100 == 0 ? "\n t%u" : " t%u", i);
    }
    used += (size_t)sprintf(text + used, "\ny = t9");
    assert_int_equal(parse(text), OYEZ_OK);
    assert_int_equal(expand(words, 2), OYEZ_OK);
    sprintf(text + used, " u");
    assert_int_equal(parse(text), OYEZ_OK);
    assert_int_equal(expand(words, 1), OYEZ_OK);
    assert_int_equal(expand(words, 2), OYEZ_ERR_TOO_LARGE);
    assert_string_equal(oyez_error_detail(), "more than 10000 patterns");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_view_means_its_patterns),
        cmocka_unit_test(test_words_are_the_union_in_order_and_each_pattern_once),
        cmocka_unit_test(test_views_name_views_that_stand_before_or_behind_them),
        cmocka_unit_test(test_the_section_may_stand_in_parts),
        cmocka_unit_test(test_a_view_that_names_no_view_of_the_file_is_told),
        cmocka_unit_test(test_a_circle_is_told_with_its_chain),
        cmocka_unit_test(test_views_go_16_deep_and_no_deeper_from_either_end),
        cmocka_unit_test(test_views_that_name_one_view_often_are_walked_once),
        cmocka_unit_test(test_a_view_without_a_pattern_is_refused),
        cmocka_unit_test(test_bad_patterns_are_told_as_on_the_command_line),
        cmocka_unit_test(test_names_are_1_to_64_of_a_few_characters_and_stand_once),
        cmocka_unit_test(test_an_unknown_domain_is_told_by_the_view_that_is_used),
        cmocka_unit_test(test_1000_views_are_kept_and_no_more),
        cmocka_unit_test(test_more_patterns_than_a_subscription_takes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, drop_config);
}
