// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "client/journal/segment.h"
#include "journal_directory.h"

static void test_only_segments_are_listed_in_order(void **state)
{
    (void)state;
    struct fake_disk *fake = fake_disk_new();
    struct oyez_segment_list list;

    fake_disk_put(fake, "00000000000000000700.seg", "", 0);
    fake_disk_put(fake, "00000000000000000000.seg", "", 0);
    fake_disk_put(fake, "00000000000000000000.ids", "", 0);
    fake_disk_put(fake, "00000000000000000900.seg.new", "", 0);
    fake_disk_put(fake, "99999999999999999999.seg", "", 0); // above 64 bits
    fake_disk_put(fake, "lock", "", 0);
    assert_int_equal(oyez_segment_list_read(&list, fake_disk_table(fake), "journal"), OYEZ_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.first[0], 0);
    assert_int_equal(list.first[1], 700);
    free(list.first);
    fake_disk_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_segments_are_listed_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
