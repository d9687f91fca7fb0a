// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"

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

static void test_a_command_line_emits_the_same_again(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    struct oyez_event event = sample();
    event.actor_name = "it's";
    assert_int_equal(acts_emit_command(&event, &text, &size), OYEZ_OK);
    assert_non_null(strstr(text, "oyez emit plan.created '{\"goal\":"));
    assert_non_null(strstr(text, " --plan-id 'P7'"));
    assert_non_null(strstr(text, " --actor-name 'it'\\''s'"));
    assert_non_null(strstr(text, " --aggregate-version 0"));
    assert_non_null(strstr(text, " --tag 'env=prod'"));
    assert_null(strstr(text, "event-id"));
    free(text);
}

static bool next_line(void *arg, char **line)
{
    int *left = arg;
    *line = strdup("{}");
    if (--*left >= 0) {
        return true;
    }
    free(*line);
    return false;
}

static void test_a_file_that_is_there_is_not_written_over(void **state)
{
    (void)state;
    char path[] = "/tmp/oyez-export-XXXXXX";
    size_t count;
    int left = 3;
    char text[32] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(acts_export(path, next_line, &left, &count), OYEZ_ERR_BUSY);
    unlink(path);
    left = 3;
    assert_int_equal(acts_export(path, next_line, &left, &count), OYEZ_OK);
    assert_int_equal(count, 3);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text, file), 9);
    assert_string_equal(text, "{}\n{}\n{}\n");
    fclose(file);
    unlink(path);
    assert_int_equal(acts_export("/nowhere/at/all", next_line, &left, &count), OYEZ_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_command_line_emits_the_same_again),
        cmocka_unit_test(test_a_file_that_is_there_is_not_written_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
