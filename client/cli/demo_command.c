// SPDX-License-Identifier: MIT
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "deadline.h"
#include "demo.h"
#include "interrupt.h"
#include "message.h"
#include "oyez/uuid.h"

struct demo_values {
    int64_t for_ms; // 0 = until it is stopped
    uint64_t seed;  // 0 = another story each time
};

static uint64_t choose_seed(void)
{
    struct oyez_uuid uuid = oyez_uuid_new();
    uint64_t seed;
    memcpy(&seed, uuid.bytes + OYEZ_UUID_SIZE - sizeof seed, sizeof seed);
    return seed;
}

// Whoever starts the parts of a system in any order need not know when the broker is there.
static oyez_err start(demo **story, const char *endpoint, uint64_t seed, int64_t ends_at)
{
    oyez_err err = demo_start(story, endpoint, seed);
    if (err != OYEZ_ERR_UNREACHABLE && err != OYEZ_ERR_TIMEOUT) {
        return err;
    }
    message_print("no broker answers at %s yet; waiting", endpoint);
    while ((err == OYEZ_ERR_UNREACHABLE || err == OYEZ_ERR_TIMEOUT) && !interrupt_pending() &&
           (ends_at == 0 || deadline_left(ends_at) > 0)) {
        err = demo_start(story, endpoint, seed);
    }
    return err;
}

static int run(const struct arguments *arguments)
{
    const struct demo_values *values = arguments->values;
    int64_t ends_at = values->for_ms > 0 ? deadline_now() + values->for_ms : 0;
    demo *story = NULL;
    int interrupt_fd = interrupt_open();
    oyez_err err = start(&story, arguments->endpoint,
                         values->seed != 0 ? values->seed : choose_seed(), ends_at);
    if (err != OYEZ_OK && !interrupt_pending()) {
        return command_fail_at(arguments->endpoint, err);
    }
    struct pollfd item = {.fd = interrupt_fd, .events = POLLIN};
    if (err == OYEZ_OK) {
        message_print("telling a story of agents at %s; SIGINT ends it", arguments->endpoint);
        (void)poll(&item, 1, ends_at == 0 ? -1 : (int)deadline_left(ends_at));
    }
    demo_stop(&story);
    return EXIT_DONE;
}

static const char *const usage[] = {"[--for SECONDS] [--seed N]", NULL};

static const struct command_option options[] = {
    {"--for", "SECONDS", "end by itself after so long", OPTION_SECONDS,
     offsetof(struct demo_values, for_ms)},
    {"--seed", "N", "tell the same story each time; default: another one", OPTION_COUNT,
     offsetof(struct demo_values, seed)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command demo_command = {
    .name = "demo",
    .summary = "emit a demonstration's events to a bus that runs",
    .usage = usage,
    .notes = "A small agent platform emits events of all catalogs, a few a second, until it is\n"
             "stopped. It waits for a broker that is not there yet.",
    .options = options,
    .values_size = sizeof(struct demo_values),
    .run = run,
};
