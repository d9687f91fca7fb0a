// SPDX-License-Identifier: MIT
#include "verify_telling.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "inert.h"
#include "output.h"
#include "progress.h"

#define MEBIBYTE (1024u * 1024u)

static void print_json(const struct oyez_journal_problem *problem)
{
    json_t *object = json_pack("{s:s, s:I, s:I, s:s, s:b}", "file", problem->file, "offset",
                               (json_int_t)problem->offset, "record", (json_int_t)problem->index,
                               "what", problem->what, "rebuildable", problem->derived ? 1 : 0);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const struct oyez_journal_problem *problem)
{
    inert_write(stdout, problem->file, strlen(problem->file));
    printf(": offset %" PRIu64 ", record %" PRIu64 ": %s", problem->offset, problem->index,
           problem->derived ? "notice: " : "");
    inert_write(stdout, problem->what, strlen(problem->what));
    putchar('\n');
}

static void take_problem(void *arg, const struct oyez_journal_problem *problem)
{
    const struct verify_telling *telling = arg;
    flockfile(stderr);
    progress_hide();
    fflush(stderr);
    funlockfile(stderr);
    if (telling->json) {
        print_json(problem);
    } else {
        print_text(problem);
    }
    output_flush();
}

static void take_progress(void *arg, uint64_t done, uint64_t all)
{
    struct verify_telling *telling = arg;
    if (!telling->has_bar) {
        progress_open(all, "MiB");
        telling->has_bar = true;
    }
    progress_set(done, done / MEBIBYTE);
}

struct oyez_journal_verify_options verify_telling_options(struct verify_telling *telling,
                                                          const struct verifying_key *key)
{
    return (struct oyez_journal_verify_options){.key = key->found ? &key->verifier : NULL,
                                                .problem = take_problem,
                                                .progress = take_progress,
                                                .arg = telling};
}

void verify_telling_end(struct verify_telling *telling)
{
    if (telling->has_bar) {
        progress_close();
    }
    telling->has_bar = false;
}
