// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "proof_source.h"
#include "record_source.h"

struct checkpoint_values {
    const char *directory;
    uint32_t timeout_ms;
};

static int run(const struct arguments *arguments)
{
    const struct checkpoint_values *values = arguments->values;
    struct proof_answer answer;
    int code = proof_source_checkpoint(arguments, values->directory, values->timeout_ms, &answer);
    if (code == EXIT_DONE) {
        fwrite(answer.bytes, 1, answer.size, stdout);
    }
    free(answer.bytes);
    return code;
}

static const struct checkpoint_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"[--dir DIR] > FILE", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "the newest of this journal, instead of a fresh one from the server",
     OPTION_TEXT, offsetof(struct checkpoint_values, directory)},
    {"--timeout", "MS", "how long to wait for the answer (default: 5000)", OPTION_MILLISECONDS,
     offsetof(struct checkpoint_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command checkpoint_command = {
    .name = "checkpoint",
    .summary = "print a signed statement of all that is recorded",
    .usage = usage,
    .notes = "A C2SP checkpoint: the journal's name, its size, the root of its tree, signed. Kept\n"
             "where nobody who can write the journal can write, it shows any later change to what\n"
             "it covers: oyez verify DIR --checkpoint FILE.",
    .options = options,
    .values_size = sizeof(struct checkpoint_values),
    .defaults = &defaults,
    .run = run,
};
