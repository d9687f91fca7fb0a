// SPDX-License-Identifier: MIT
// The recorder that `oyez serve` runs next to its broker.
#ifndef OYEZ_SERVE_RECORDER_H
#define OYEZ_SERVE_RECORDER_H

#include <stdbool.h>

#include "oyez/recorder.h"

struct serve_recorder {
    oyez_recorder *recorder; // NULL = none
    int failed_fd;           // becomes readable when the journal has failed; -1 = not open
};

// serve_recorder_open opens the journal, attaches to the broker and waits until
// the recorder has caught up, or a signal has come. Returns EXIT_DONE, or the
// exit code with the reason printed. serve_recorder_close either way.
// on_log, on_failed and arg of the options are set here.
int serve_recorder_open(struct serve_recorder *recorder,
                        const struct oyez_recorder_options *options);

// serve_recorder_close: after the broker's own close, which waits for the last
// confirm.
void serve_recorder_close(struct serve_recorder *recorder);

#endif
