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

#include "filter_store.h"

static char folder[] = "/tmp/oyez-filters-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/oyez-filters-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/a/filters", folder);
    setenv("OYEZ_TUI_FILTERS", path, 1);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char name[64];
    unlink(path);
    snprintf(name, sizeof name, "%s/a", folder);
    rmdir(name);
    return rmdir(folder);
}

static int remove_empty(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void test_what_is_put_is_there_next_time_and_sorted(void **state)
{
    (void)state;
    static struct filter_store store, again;
    filter_store_open(&store);
    assert_int_equal(store.count, 0);
    assert_int_equal(filter_store_put(&store, "prod", "plan.* tag.env=prod"), OYEZ_OK);
    assert_int_equal(filter_store_put(&store, "deals", "@deal"), OYEZ_OK);
    assert_int_equal(filter_store_put(&store, "prod", "tag.env=\"the prod\""), OYEZ_OK);
    filter_store_open(&again);
    assert_int_equal(again.count, 2);
    assert_string_equal(again.filters[0].name, "deals");
    assert_string_equal(again.filters[1].text, "tag.env=\"the prod\"");
    assert_int_equal(filter_store_remove(&again, 0), OYEZ_OK);
    filter_store_open(&store);
    assert_int_equal(store.count, 1);
    assert_string_equal(store.filters[0].name, "prod");
}

static void test_names_are_short_and_plain(void **state)
{
    (void)state;
    static struct filter_store store;
    filter_store_open(&store);
    assert_int_equal(filter_store_put(&store, "", "plan.*"), OYEZ_ERR_INVALID);
    assert_int_equal(filter_store_put(&store, "a b", "plan.*"), OYEZ_ERR_INVALID);
    assert_int_equal(filter_store_put(&store, "a\tb", "plan.*"), OYEZ_ERR_INVALID);
    assert_int_equal(filter_store_put(&store, "01234567890123456789012345678901234567890", "*"),
                     OYEZ_ERR_INVALID);
    assert_int_equal(store.count, 0);
}

static void test_lines_that_are_no_filters_are_left_out(void **state)
{
    (void)state;
    static struct filter_store store;
    char name[64];
    snprintf(name, sizeof name, "%s/a", folder);
    assert_int_equal(mkdir(name, 0700), 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("nonsense\ngood\tplan.*\nbad\tcolour=red\nb d\t*\n\tx\n", file);
    fclose(file);
    filter_store_open(&store);
    assert_int_equal(store.count, 1);
    assert_string_equal(store.filters[0].name, "good");
}

static void test_a_full_store_says_so(void **state)
{
    (void)state;
    static struct filter_store store;
    filter_store_open(&store);
    for (unsigned i = 0; i < FILTER_STORE_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%u", i);
        assert_int_equal(filter_store_put(&store, name, "plan.*"), OYEZ_OK);
    }
    assert_int_equal(filter_store_put(&store, "more", "plan.*"), OYEZ_ERR_FULL);
    assert_int_equal(filter_store_put(&store, "f3", "deal.*"), OYEZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_put_is_there_next_time_and_sorted, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_names_are_short_and_plain, make_folder, remove_empty),
        cmocka_unit_test_setup_teardown(test_lines_that_are_no_filters_are_left_out, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_a_full_store_says_so, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
