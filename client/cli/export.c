// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "data_directory.h"
#include "message.h"
#include "oyez/tlog_tiles.h"
#include "progress.h"

struct export_values {
    const char *directory;
    int format; // 0 = tlog-tiles
};

struct bar {
    bool open;
};

static void take_progress(void *arg, uint64_t done, uint64_t all)
{
    struct bar *bar = arg;
    if (!bar->open) {
        progress_open(all, "records");
        bar->open = true;
    }
    progress_set(done, done);
}

static int run(const struct arguments *arguments)
{
    const struct export_values *values = arguments->values;
    const char *directory = data_directory(values->directory);
    struct oyez_checkpoint checkpoint;
    struct bar bar = {false};
    oyez_err err = oyez_tlog_tiles_export(directory, arguments->positional[0], take_progress, &bar,
                                          &checkpoint);
    if (bar.open) {
        progress_close();
    }
    if (err == OYEZ_ERR_IN_USE) {
        message_print("%s: files of a tiled log never change; name a new directory",
                      command_reason(err));
        return command_exit_code(err);
    }
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    message_print("%" PRIu64 " records of %s, in %s", checkpoint.size, checkpoint.origin,
                  arguments->positional[0]);
    return EXIT_DONE;
}

static const char *const usage[] = {"--format tlog-tiles OUTDIR [--dir DIR]", NULL};

static const struct command_option options[] = {
    {"--format", "tlog-tiles", "a C2SP tiled log: static files that stock tools verify",
     OPTION_CHOICE, offsetof(struct export_values, format)},
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct export_values, directory)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command export_command = {
    .name = "export",
    .summary = "write a journal in a form that other tools read",
    .usage = usage,
    .notes =
        "OUTDIR is made, or is empty. It gets what the newest checkpoint covers: checkpoint,\n"
        "tile/LEVEL/N and tile/entries/N, where an entry is a record's leaf. May be run while\n"
        "a server writes the journal.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .values_size = sizeof(struct export_values),
    .run = run,
};
