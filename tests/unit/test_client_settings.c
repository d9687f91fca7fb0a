// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oyez/client.h"
#include "oyez/event.h"
#include "oyez/settings.h"

#define NOWHERE "tcp://127.0.0.1:1"

static char file[] = "/tmp/oyez-client-settings-XXXXXX";
static oyez_client *client;

static void write_file(const char *text)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static int enter(void **state)
{
    (void)state;
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        unsetenv(oyez_setting_table[id].environment);
    }
    strcpy(file + sizeof file - 7, "XXXXXX");
    int fd = mkstemp(file);
    return fd >= 0 ? close(fd) : -1;
}

static int leave(void **state)
{
    (void)state;
    oyez_client_close(&client);
    return unlink(file);
}

static struct oyez_setting_value find(const char *name)
{
    struct oyez_setting_value values[OYEZ_SETTING_COUNT];
    size_t count = oyez_client_config(client, values, OYEZ_SETTING_COUNT);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].setting->name, name) == 0) {
            return values[i];
        }
    }
    fail_msg("there is no setting %s", name);
    return values[0];
}

static void test_a_client_says_what_it_goes_by_and_where_that_came_from(void **state)
{
    (void)state;
    const struct oyez_client_options options = {
        .endpoint = NOWHERE, .close_timeout_ms = 1, .config = file};
    write_file("[client]\nname = filed\nendpoint = tcp://127.0.0.1:2\nqueue-size = 70000\n");
    setenv("OYEZ_NAME", "named", 1);
    setenv("OYEZ_ENDPOINT", "tcp://127.0.0.1:3", 1);
    setenv("OYEZ_HOLD_MAX", "a broker's, and none of its business", 1);
    assert_int_equal(oyez_client_open(&client, &options, 0), OYEZ_OK);
    assert_string_equal(find("endpoint").text, NOWHERE);
    assert_int_equal(find("endpoint").source, OYEZ_SETTING_OPTION);
    assert_string_equal(find("name").text, "named");
    assert_string_equal(find("name").place, "OYEZ_NAME");
    assert_int_equal(find("queue-size").number, 70000);
    assert_int_equal(find("queue-size").source, OYEZ_SETTING_FILE);
    assert_int_equal(find("close-timeout").number, 1);
    assert_int_equal(find("polling-interval").source, OYEZ_SETTING_DEFAULT);
    assert_int_equal(find("disk-degraded").number, 10);
}

static void test_a_wrong_file_or_variable_is_named_and_there_is_no_client(void **state)
{
    (void)state;
    char wanted[256];
    const struct oyez_client_options options = {.endpoint = NOWHERE, .config = file};
    write_file("[client]\n\nqueue-size = 5\n");
    assert_int_equal(oyez_client_open(&client, &options, 0), OYEZ_ERR_INVALID);
    assert_null(client);
    snprintf(wanted, sizeof wanted, "%s:3: queue-size: \"5\" will not do", file);
    assert_int_equal(strncmp(oyez_error_detail(), wanted, strlen(wanted)), 0);
    write_file("");
    setenv("OYEZ_WINDOW_SIZE", "1", 1);
    assert_int_equal(oyez_client_open(&client, &options, 0), OYEZ_ERR_INVALID);
    assert_int_equal(strncmp(oyez_error_detail(), "OYEZ_WINDOW_SIZE: \"1\"", 21), 0);
}

static void test_a_file_that_is_named_must_be_there(void **state)
{
    (void)state;
    const struct oyez_client_options options = {.endpoint = NOWHERE, .config = "/tmp/oyez-none"};
    assert_int_equal(oyez_client_open(&client, &options, 0), OYEZ_ERR_NOT_FOUND);
    assert_null(client);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        CASE(test_a_client_says_what_it_goes_by_and_where_that_came_from),
        CASE(test_a_wrong_file_or_variable_is_named_and_there_is_no_client),
        CASE(test_a_file_that_is_named_must_be_there),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
