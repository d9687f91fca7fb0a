// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "oyez/settings.h"

static oyez_settings *settings;

static int enter(void **state)
{
    (void)state;
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        unsetenv(oyez_setting_table[id].environment);
    }
    unsetenv("OYEZ_CONFIG");
    return oyez_settings_open(&settings) == OYEZ_OK ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    oyez_settings_close(&settings);
    return 0;
}

static oyez_err parse(const char *text)
{
    return oyez_settings_parse_file(settings, "f.ini", text, strlen(text), NULL);
}

static const char *place(enum oyez_setting_id id)
{
    return oyez_settings_get(settings, id).place;
}

static void test_without_any_source_the_defaults_are_in_force(void **state)
{
    (void)state;
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_BROKER_HOLD_MAX), 30000);
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_BROKER_RECORDER), 1);
    assert_string_equal(oyez_settings_text(settings, OYEZ_SETTING_CLIENT_ENDPOINT),
                        OYEZ_ENDPOINT_DEFAULT);
    assert_null(oyez_settings_text(settings, OYEZ_SETTING_BROKER_LISTEN));
    assert_string_equal(place(OYEZ_SETTING_BROKER_HOLD_MAX), "default");
}

static void test_the_defaults_of_the_table_are_those_of_the_limits(void **state)
{
    (void)state;
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_BROKER_RING_SIZE),
                     OYEZ_RING_BYTES_DEFAULT);
    assert_int_equal(oyez_setting_table[OYEZ_SETTING_BROKER_RING_SIZE].min, OYEZ_RING_BYTES_MIN);
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_CLIENT_WINDOW_SIZE),
                     OYEZ_WINDOW_BYTES_MAX);
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_CLIENT_QUEUE_SIZE),
                     OYEZ_SUBSCRIPTION_BYTES_MAX);
}

static void test_a_flag_goes_before_the_environment_and_that_before_the_file(void **state)
{
    (void)state;
    setenv("OYEZ_HOLD_MAX", "2", 1);
    setenv("OYEZ_KEY", "environment.key", 1);
    assert_int_equal(oyez_settings_give(settings, OYEZ_SETTING_BROKER_HOLD_MAX, "1.5",
                                        OYEZ_SETTING_OPTION, "--hold-max"),
                     OYEZ_OK);
    assert_int_equal(oyez_settings_read_environment(settings), OYEZ_OK);
    assert_int_equal(parse("[broker]\nhold-max = 3\n[recorder]\nkey = file.key\norigin = o\n"),
                     OYEZ_OK);
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_BROKER_HOLD_MAX), 1500);
    assert_string_equal(place(OYEZ_SETTING_BROKER_HOLD_MAX), "--hold-max");
    assert_string_equal(oyez_settings_text(settings, OYEZ_SETTING_RECORDER_KEY), "environment.key");
    assert_string_equal(place(OYEZ_SETTING_RECORDER_KEY), "OYEZ_KEY");
    assert_string_equal(oyez_settings_text(settings, OYEZ_SETTING_RECORDER_ORIGIN), "o");
    assert_string_equal(place(OYEZ_SETTING_RECORDER_ORIGIN), "f.ini:5");
}

static void test_what_the_file_has_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } cases[] = {
        {"[broker]\nhold-max = soon\n",
         "f.ini:2: hold-max: \"soon\" will not do, it takes SECONDS, 0 to 4294967 s"},
        {"[broker]\n\nrecorder = maybe\n",
         "f.ini:3: recorder: \"maybe\" will not do, it takes none|wait"},
        {"[broker]\ninsecure-listen = true\n",
         "f.ini:2: insecure-listen: \"true\" will not do, it takes yes or no"},
        {"[log]\nformat = json\n", "f.ini:2: [log] has no format; it has log-format log-level"},
        {"[broker]\nhold-max = 1\nhold-max = 2\n", "f.ini:3: hold-max: a second time"},
        {"[recorder]\nsegment-size = 4095\n",
         "f.ini:2: segment-size: \"4095\" will not do, it takes BYTES, 4096 to 1099511627776 "
         "bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(cases[i].text), OYEZ_ERR_INVALID);
        assert_string_equal(oyez_error_detail(), cases[i].detail);
    }
}

static void test_a_weaker_source_is_judged_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(oyez_settings_give(settings, OYEZ_SETTING_BROKER_HOLD_MAX, "1",
                                        OYEZ_SETTING_OPTION, "--hold-max"),
                     OYEZ_OK);
    assert_int_equal(parse("[broker]\nhold-max = x\n"), OYEZ_ERR_INVALID);
}

static void test_a_variable_that_is_wrong_is_named(void **state)
{
    (void)state;
    setenv("OYEZ_SEGMENT_SIZE", "64M", 1);
    assert_int_equal(oyez_settings_read_environment(settings), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "OYEZ_SEGMENT_SIZE: \"64M\" will not do, it takes "
                                             "BYTES, 4096 to 1099511627776 bytes");
}

static void test_a_list_adds_up_and_goes_on_in_further_lines(void **state)
{
    (void)state;
    enum oyez_setting_source source;
    setenv("OYEZ_CATALOGS", "b:c", 1);
    assert_int_equal(oyez_settings_give(settings, OYEZ_SETTING_RECORDER_CATALOG, "a",
                                        OYEZ_SETTING_OPTION, "--catalog"),
                     OYEZ_OK);
    assert_int_equal(oyez_settings_read_environment(settings), OYEZ_OK);
    assert_int_equal(oyez_settings_read_environment(settings), OYEZ_OK);
    assert_int_equal(parse("[recorder]\ncatalog = d\n  e f\n"), OYEZ_OK);
    static const char *const items[] = {"a", "b", "c", "d", "e f"};
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(oyez_settings_item(settings, OYEZ_SETTING_RECORDER_CATALOG, i, &source),
                            items[i]);
        assert_int_equal(source, i == 0  ? OYEZ_SETTING_OPTION
                                 : i < 3 ? OYEZ_SETTING_ENVIRONMENT
                                         : OYEZ_SETTING_FILE);
    }
    assert_null(oyez_settings_item(settings, OYEZ_SETTING_RECORDER_CATALOG, 5, NULL));
}

static void test_seconds_have_up_to_three_decimals_and_nothing_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",   "-1",  "1.", ".5",      "1.2345",
                                        "5s", "1e3", " 1", "4294968", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(oyez_settings_give(settings, OYEZ_SETTING_BROKER_HOLD_MAX, wrong[i],
                                            OYEZ_SETTING_OPTION, "x"),
                         OYEZ_ERR_INVALID);
    }
    assert_int_equal(oyez_settings_give(settings, OYEZ_SETTING_BROKER_HOLD_MAX, "0.05",
                                        OYEZ_SETTING_OPTION, "x"),
                     OYEZ_OK);
    assert_int_equal(oyez_settings_number(settings, OYEZ_SETTING_BROKER_HOLD_MAX), 50);
}

static void test_no_two_settings_share_a_name_a_flag_or_a_variable(void **state)
{
    (void)state;
    for (size_t i = 0; i < OYEZ_SETTING_COUNT; i++) {
        const struct oyez_setting *a = &oyez_setting_table[i];
        assert_int_equal(oyez_setting_find(a->section, a->name, 0), i);
        for (size_t k = i + 1; k < OYEZ_SETTING_COUNT; k++) {
            const struct oyez_setting *b = &oyez_setting_table[k];
            assert_string_not_equal(a->environment, b->environment);
            assert_true((a->programs & b->programs) == 0 || strcmp(a->name, b->name) != 0);
        }
    }
}

static void test_the_rows_of_a_section_stand_together(void **state)
{
    (void)state;
    for (size_t i = 1; i < OYEZ_SETTING_COUNT; i++) {
        const char *section = oyez_setting_table[i].section;
        if (strcmp(section, oyez_setting_table[i - 1].section) == 0) {
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(section, oyez_setting_table[k].section);
        }
    }
}

static char told[1024];

static void tell(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%d %s\n", (int)severity, line);
}

static void test_reading_again_keeps_options_and_tells_what_has_changed(void **state)
{
    (void)state;
    oyez_settings *now;
    told[0] = '\0';
    assert_int_equal(oyez_settings_give(settings, OYEZ_SETTING_RECORDER_ORIGIN, "kept",
                                        OYEZ_SETTING_OPTION, "--origin"),
                     OYEZ_OK);
    setenv("OYEZ_HOLD_MAX", "7", 1);
    setenv("OYEZ_LISTEN", "tcp://127.0.0.1:1", 1);
    setenv("OYEZ_CONFIG", "/dev/null", 1);
    assert_int_equal(oyez_settings_read_again(&now, settings), OYEZ_OK);
    assert_string_equal(oyez_settings_text(now, OYEZ_SETTING_RECORDER_ORIGIN), "kept");
    assert_int_equal(oyez_settings_tell_changes(settings, now, OYEZ_FOR_BROKER, tell, NULL), 2);
    assert_string_equal(told, "1 [broker] listen = tcp://127.0.0.1:1 (OYEZ_LISTEN), was nothing: "
                              "that needs a restart\n"
                              "0 [broker] hold-max = 7 (OYEZ_HOLD_MAX), was 30\n");
    oyez_settings_close(&now);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        CASE(test_without_any_source_the_defaults_are_in_force),
        CASE(test_the_defaults_of_the_table_are_those_of_the_limits),
        CASE(test_a_flag_goes_before_the_environment_and_that_before_the_file),
        CASE(test_what_the_file_has_wrong_is_told_with_its_line),
        CASE(test_a_weaker_source_is_judged_all_the_same),
        CASE(test_a_variable_that_is_wrong_is_named),
        CASE(test_a_list_adds_up_and_goes_on_in_further_lines),
        CASE(test_seconds_have_up_to_three_decimals_and_nothing_else),
        CASE(test_no_two_settings_share_a_name_a_flag_or_a_variable),
        CASE(test_the_rows_of_a_section_stand_together),
        CASE(test_reading_again_keeps_options_and_tells_what_has_changed),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
