// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oyez/config_file.h"

struct broker_values {
    char *listen;
    uint64_t sessions;
    bool hold;
};

static struct broker_values broker;
static char taken[4096]; // what the open section got: "LINE NAME=VALUE;", a + before what goes on

static const struct oyez_config_key broker_keys[] = {
    {"listen", OYEZ_CONFIG_TEXT, offsetof(struct broker_values, listen)},
    {"sessions", OYEZ_CONFIG_COUNT, offsetof(struct broker_values, sessions)},
    {"hold", OYEZ_CONFIG_FLAG, offsetof(struct broker_values, hold)},
    {NULL, OYEZ_CONFIG_FLAG, 0},
};

static oyez_err take(void *values, const struct oyez_config_entry *entry)
{
    char *text = values;
    size_t used = strlen(text);
    if (strcmp(entry->value, "bad") == 0) {
        return oyez_fail(OYEZ_ERR_INVALID, "bad is bad");
    }
    snprintf(text + used, sizeof taken - used, "%s%u %s=%s;", entry->continued ? "+" : "",
             entry->line, entry->name, entry->value);
    return OYEZ_OK;
}

static const struct oyez_config_section sections[] = {
    {.name = "broker", .keys = broker_keys, .values = &broker},
    {.name = "names", .take = take, .values = taken},
    {0},
};

static oyez_err parse_bytes(const char *text, size_t size)
{
    free(broker.listen);
    broker = (struct broker_values){0};
    taken[0] = '\0';
    return oyez_config_file_parse("f.ini", text, size, sections);
}

static oyez_err parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void assert_told(const char *text, const char *told)
{
    assert_int_equal(parse(text), OYEZ_ERR_INVALID);
    if (strstr(oyez_error_detail(), told) == NULL) {
        print_error("%s\n  is told as: %s\n  wanted: %s\n", text, oyez_error_detail(), told);
    }
    assert_non_null(strstr(oyez_error_detail(), told));
}

static int drop_values(void **state)
{
    (void)state;
    free(broker.listen);
    broker.listen = NULL;
    return 0;
}

static void test_values_go_where_their_keys_say(void **state)
{
    (void)state;
    assert_int_equal(parse("# of a test\n[broker]\nlisten = tcp://127.0.0.1:5570 ; loopback\n\n"
                           "; also\nsessions=16384\r\nhold = yes\n[names]\nx = 1"),
                     OYEZ_OK);
    assert_string_equal(broker.listen, "tcp://127.0.0.1:5570");
    assert_int_equal(broker.sessions, 16384);
    assert_true(broker.hold);
    assert_string_equal(taken, "9 x=1;");
}

static void test_nothing_at_all_is_a_configuration(void **state)
{
    (void)state;
    assert_int_equal(parse(""), OYEZ_OK);
    assert_int_equal(parse("\n\n# nothing\n[names]\n[broker]\n[names]"), OYEZ_OK);
    assert_string_equal(taken, "");
}

static void test_a_value_goes_on_in_lines_that_begin_with_a_blank(void **state)
{
    (void)state;
    assert_int_equal(parse("[names]\na = 1\n  2 ; two\n# between\n\n\t3;3 ;\nb =\n 4\n   ; 5\n"),
                     OYEZ_OK);
    assert_string_equal(taken, "2 a=1;+3 a=2 ;+6 a=3;3 ;7 b=;+8 b=4;");
}

static void test_no_value_goes_on_behind_another_section(void **state)
{
    (void)state;
    assert_int_equal(parse("  [names]\n a = 1\n[broker]\n  sessions = 2\n[names]\n b = 3\n"),
                     OYEZ_OK);
    assert_string_equal(taken, "2 a=1;6 b=3;");
    assert_int_equal(broker.sessions, 2);
}

// The parser itself keeps the first 49 bytes of it.
static void test_a_name_of_64_bytes_is_whole_in_the_line_that_goes_on(void **state)
{
    (void)state;
    char text[256], expected[256], name[66];
    memset(name, 'n', 65);
    name[64] = '\0';
    snprintf(text, sizeof text, "[names]\n%s = 1\n 2\n", name);
    snprintf(expected, sizeof expected, "2 %s=1;+3 %s=2;", name, name);
    assert_int_equal(parse(text), OYEZ_OK);
    assert_string_equal(taken, expected);
    snprintf(text, sizeof text, "[names]\nx = 1\nn%s = 1\n", name);
    assert_told(text, "f.ini:3: nnnnnnnnnnnnnnnn...: a name longer than 64 bytes");
}

static void test_what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    assert_told("\n[brokers]\n",
                "f.ini:2: there is no section [brokers]; there is [broker] [names]");
    assert_told("[names]\nx=1\n[Names]\n", "f.ini:3: there is no section [Names]");
    assert_told("[broker]\nlisten=a\n\nlistn=b\n",
                "f.ini:4: [broker] has no listn; it has listen sessions hold");
    assert_told("[broker]\nhold=no\nlisten=a\nhold=yes\n", "f.ini:4: hold: a second time");
    assert_told("[broker]\nhold=no\n[names]\n[broker]\nhold=no", "f.ini:5: hold: a second time");
    assert_told("[broker]\nhold=maybe\n", "f.ini:2: hold: 'maybe' is neither yes nor no");
    assert_told("[broker]\nlisten=\n", "f.ini:2: listen: no value");
    assert_told("[broker]\nlisten=a\n  b\n", "f.ini:3: listen: its value stands in one line");
    assert_told("[names]\nx = 1\nx = bad\n", "f.ini:3: bad is bad");
    assert_told("x = 1\n[names]\n", "f.ini:1: x stands before the first [section]");
    assert_told("[names]\n= 1\n", "f.ini:2: a value without a name");
    assert_told("[names]\nx = 1\nabc\n", "f.ini:3: neither a [section] nor NAME = VALUE");
    assert_told("[names\n", "f.ini:1: neither a [section] nor NAME = VALUE");
    assert_told("[names] x = 1\n", "f.ini:1: something stands behind the section's ]");
    assert_told("[]\n", "f.ini:1: there is no section []");
}

static void test_of_several_mistakes_the_first_is_told(void **state)
{
    (void)state;
    assert_told("[names]\nabc\n[broker]\nhold = 7\n", "f.ini:2: neither");
    assert_told("[names]\nabc\n[nams]\n", "f.ini:2: neither");
    assert_told("[broker]\nhold = 7\nabc\n", "f.ini:2: hold");
    assert_told("[broker]\nhold = 7\nhold = 8\n", "f.ini:2: hold: '7'");
}

static void test_numbers_are_whole_and_from_1(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "0", "-1", "+1", "1.5", "1k", "0x10", "", "x", "18446744073709551616"};
    char text[64];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "[broker]\nsessions = %s\n", bad[i]);
        assert_told(text, "f.ini:2: sessions: '");
    }
    assert_int_equal(parse("[broker]\nsessions = 18446744073709551615\n"), OYEZ_OK);
    assert_true(broker.sessions == UINT64_MAX);
}

static void test_what_is_no_plain_text_is_refused(void **state)
{
    (void)state;
    assert_told("\xef\xbb\xbf[names]\n", "f.ini:1: begins with a byte order mark");
    assert_told("\xff\xfe[", "f.ini:1: begins with a byte order mark");
    assert_told("\xfe\xff[", "f.ini:1: begins with a byte order mark");
    static const char with_nul[] = "[names]\nx = 1\ny = 2\0 3\n";
    assert_int_equal(parse_bytes(with_nul, sizeof with_nul - 1), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "f.ini:3: a NUL byte"));
    static const char in_a_comment[] = "# \0\n";
    assert_int_equal(parse_bytes(in_a_comment, sizeof in_a_comment - 1), OYEZ_ERR_INVALID);
}

// One byte more would be cut by the parser, and the rest taken for a line.
static void test_a_line_is_as_long_as_it_may_be_and_no_longer(void **state)
{
    (void)state;
    size_t before = strlen("[names]\nx =");
    char *text = malloc(before + OYEZ_CONFIG_LINE_SIZE_MAX + 2);
    assert_non_null(text);
    strcpy(text, "[names]\nx =");
    memset(text + before, 'v', OYEZ_CONFIG_LINE_SIZE_MAX + 1);
    size_t size = strlen("[names]\n") + OYEZ_CONFIG_LINE_SIZE_MAX;
    assert_int_equal(parse_bytes(text, size), OYEZ_OK);
    assert_int_equal(strlen(taken), strlen("2 x=;") + OYEZ_CONFIG_LINE_SIZE_MAX - strlen("x ="));
    assert_int_equal(parse_bytes(text, size + 1), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "f.ini:2: longer than 4000 bytes"));
    text[strlen("[names]\n")] = '#';
    assert_int_equal(parse_bytes(text, size + 1), OYEZ_ERR_INVALID);
    free(text);
}

static void test_a_text_is_as_large_as_it_may_be_and_no_larger(void **state)
{
    (void)state;
    char *text = malloc(OYEZ_CONFIG_FILE_SIZE_MAX + 1);
    assert_non_null(text);
    memset(text, '\n', OYEZ_CONFIG_FILE_SIZE_MAX + 1);
    assert_int_equal(parse_bytes(text, OYEZ_CONFIG_FILE_SIZE_MAX), OYEZ_OK);
    assert_int_equal(parse_bytes(text, OYEZ_CONFIG_FILE_SIZE_MAX + 1), OYEZ_ERR_TOO_LARGE);
    assert_string_equal(oyez_error_detail(), "f.ini: more than 262144 bytes");
    free(text);
}

static void test_files_that_cannot_be_read_are_told_by_name(void **state)
{
    (void)state;
    char directory[] = "/tmp/oyez-config-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/f.ini", directory);
    assert_int_equal(oyez_config_file_read(path, sections), OYEZ_ERR_NOT_FOUND);
    assert_non_null(strstr(oyez_error_detail(), path));
    assert_int_equal(oyez_config_file_read(directory, sections), OYEZ_ERR_IO);
    assert_non_null(strstr(oyez_error_detail(), directory));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("[names]\na = 1\n", file);
    fclose(file);
    taken[0] = '\0';
    assert_int_equal(oyez_config_file_read(path, sections), OYEZ_OK);
    assert_string_equal(taken, "2 a=1;");
    assert_int_equal(truncate(path, OYEZ_CONFIG_FILE_SIZE_MAX + 1), 0);
    assert_int_equal(oyez_config_file_read(path, sections), OYEZ_ERR_TOO_LARGE);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_go_where_their_keys_say),
        cmocka_unit_test(test_nothing_at_all_is_a_configuration),
        cmocka_unit_test(test_a_value_goes_on_in_lines_that_begin_with_a_blank),
        cmocka_unit_test(test_no_value_goes_on_behind_another_section),
        cmocka_unit_test(test_a_name_of_64_bytes_is_whole_in_the_line_that_goes_on),
        cmocka_unit_test(test_what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(test_of_several_mistakes_the_first_is_told),
        cmocka_unit_test(test_numbers_are_whole_and_from_1),
        cmocka_unit_test(test_what_is_no_plain_text_is_refused),
        cmocka_unit_test(test_a_line_is_as_long_as_it_may_be_and_no_longer),
        cmocka_unit_test(test_a_text_is_as_large_as_it_may_be_and_no_larger),
        cmocka_unit_test(test_files_that_cannot_be_read_are_told_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, drop_values);
}
