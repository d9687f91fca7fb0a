// SPDX-License-Identifier: MIT
#include "serve_recorder.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "message.h"

#define SLICE_MS 100u // how often a recorder that catches up looks for signals

static void take_log(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    message_log(severity, line);
}

static void take_failure(void *arg, oyez_err err, const char *line)
{
    const struct serve_recorder *recorder = arg;
    uint64_t one = 1;
    (void)err;
    char text[1024];
    snprintf(text, sizeof text, "the journal has failed; nothing is acknowledged any more: %s",
             line);
    message_log(OYEZ_ERROR, text);
    // It cannot fail: nobody else adds to the counter.
    (void)!write(recorder->failed_fd, &one, sizeof one);
}

// A directory that cannot be recorded to, and what to do about it.
static int fail_at(const char *directory, oyez_err err)
{
    const char *reason = command_reason(err);
    const char *place = strstr(reason, directory) == NULL ? directory : "";
    const char *colon = place[0] != '\0' ? ": " : "";
    switch (err) {
    case OYEZ_ERR_LOCKED:
        message_print("%s%s%s; stop it, or choose another --data", place, colon, reason);
        return command_exit_code(err);
    case OYEZ_ERR_CORRUPT:
        message_print("%s%s%s; see: oyez verify %s; keep it and start with another --data", place,
                      colon, reason, directory);
        return command_exit_code(err);
    default:
        return command_fail_at(directory, err);
    }
}

static int wait_until_ready(const struct serve_recorder *recorder, const char *directory)
{
    for (;;) {
        oyez_err err = oyez_recorder_wait(recorder->recorder, SLICE_MS);
        if (err == OYEZ_OK || (err == OYEZ_ERR_TIMEOUT && interrupt_pending())) {
            return EXIT_DONE;
        }
        if (err == OYEZ_ERR_IO) {
            return EXIT_ENVIRONMENT; // take_failure has said it
        }
        if (err != OYEZ_ERR_TIMEOUT) {
            return fail_at(directory, err);
        }
    }
}

int serve_recorder_open(struct serve_recorder *recorder,
                        const struct oyez_recorder_options *options)
{
    struct oyez_recorder_options all = *options;
    recorder->failed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (recorder->failed_fd < 0) {
        message_print("eventfd: %s", strerror(errno));
        return EXIT_ENVIRONMENT;
    }
    all.on_log = take_log;
    all.on_failed = take_failure;
    all.arg = recorder;
    oyez_err err = oyez_recorder_open(&recorder->recorder, &all);
    return err == OYEZ_OK ? wait_until_ready(recorder, all.directory) : fail_at(all.directory, err);
}

void serve_recorder_close(struct serve_recorder *recorder)
{
    oyez_recorder_close(&recorder->recorder);
    if (recorder->failed_fd >= 0) {
        close(recorder->failed_fd);
    }
    recorder->failed_fd = -1;
}
