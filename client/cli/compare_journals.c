// SPDX-License-Identifier: MIT
#include "compare_journals.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "inert.h"
#include "oyez/compare.h"
#include "progress.h"

struct bar {
    bool open;
};

static void take_progress(void *arg, uint64_t records)
{
    struct bar *bar = arg;
    if (!bar->open) {
        progress_open(0, "records");
        bar->open = true;
    }
    progress_set(records, records);
}

static void print_json(const char *a, const char *b, const struct oyez_journal_difference *found)
{
    json_t *object = json_pack("{s:s, s:s, s:b, s:I}", "first", a, "second", b, "equal",
                               found->equal ? 1 : 0, "records", (json_int_t)found->records);
    if (!found->equal) {
        json_object_set_new(object, "why", json_string(found->why));
        json_object_set_new(object, "first_kind", json_integer((json_int_t)found->kind_a));
        json_object_set_new(object, "second_kind", json_integer((json_int_t)found->kind_b));
    }
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_place(const char *word, unsigned kind, uint64_t epoch, uint64_t position)
{
    if (kind != 0 && epoch != 0) {
        printf("; %s stands at %" PRIu64 ":%" PRIu64, word, epoch, position);
    }
}

static void print_text(const char *a, const char *b, const struct oyez_journal_difference *found)
{
    inert_write(stdout, a, strlen(a));
    printf(" and ");
    inert_write(stdout, b, strlen(b));
    if (found->equal) {
        printf(": the same %" PRIu64 " records, the same root\n", found->records);
        return;
    }
    printf(": part at record %" PRIu64 ": %s", found->records, found->why);
    print_place("the first", found->kind_a, found->epoch_a, found->position_a);
    print_place("the second", found->kind_b, found->epoch_b, found->position_b);
    putchar('\n');
}

int compare_journals(const char *a, const char *b, bool json)
{
    struct oyez_journal_difference found;
    struct bar bar = {false};
    oyez_err err = oyez_journal_compare(a, b, NULL, take_progress, &bar, &found);
    if (bar.open) {
        progress_close();
    }
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    if (json) {
        print_json(a, b, &found);
    } else {
        print_text(a, b, &found);
    }
    return found.equal ? EXIT_DONE : EXIT_CHECK_FAILED;
}
