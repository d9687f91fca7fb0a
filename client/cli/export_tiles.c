// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include "data_directory.h"
#include "export.h"
#include "message.h"
#include "oyez/tlog_tiles.h"
#include "progress.h"

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

int export_tiles(const struct arguments *arguments)
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
