// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "proof_source.h"
#include "record_source.h"

struct prove_values {
    const char *directory;
    uint32_t timeout_ms;
};

static int run(const struct arguments *arguments)
{
    const struct prove_values *values = arguments->values;
    struct proof_answer answer;
    struct oyez_uuid event_id;
    if (oyez_uuid_from_text(&event_id, arguments->positional[0]) != OYEZ_OK) {
        return command_usage_error(arguments->command, "'%s' is no event id: they are UUIDs",
                                   arguments->positional[0]);
    }
    int code =
        proof_source_prove(arguments, values->directory, values->timeout_ms, event_id, &answer);
    if (code == EXIT_DONE) {
        fwrite(answer.bytes, 1, answer.size, stdout);
    }
    free(answer.bytes);
    return code;
}

static const struct prove_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"EVENT_ID [--dir DIR] > FILE.tlog-proof", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "read this journal instead of asking the server", OPTION_TEXT,
     offsetof(struct prove_values, directory)},
    {"--timeout", "MS", "how long to wait for the answer (default: 5000)", OPTION_MILLISECONDS,
     offsetof(struct prove_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command prove_command = {
    .name = "prove",
    .summary = "write the proof that an event is recorded",
    .usage = usage,
    .notes = "The proof is a C2SP tlog-proof: the leaf, its way up the tree, and a signed\n"
             "checkpoint. Whoever has it, the verifier key and the event's bytes (oyez get --raw)\n"
             "needs nothing else: oyez verify FILE --key VKEY --event RAW. Ends with 1 if no such\n"
             "event is recorded, or, with --dir, the newest checkpoint does not cover it yet.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .values_size = sizeof(struct prove_values),
    .defaults = &defaults,
    .run = run,
};
