// SPDX-License-Identifier: MIT
// oyez-broker: the broker core as a process of its own.
#include <stdio.h>
#include <sys/resource.h>

#include "oyez/broker.h"
#include "program/program.h"

static const struct program program = {
    .name = "oyez-broker",
    .version = OYEZ_VERSION,
    .purpose = "Stamps domain events and passes them on to all who listen. Prints \"ready "
               "ENDPOINT\"\n"
               "on stdout when clients can connect; SIGTERM or SIGINT passes on what has arrived "
               "and\n"
               "ends it with 0.",
    .exits = "0 done, 2 usage, 4 an address that needs --insecure-listen, 5 an address in use\n"
             "or one that cannot be listened on",
    .options = OYEZ_FOR_BROKER,
};

static void print_log(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    program_log(&program, severity, line);
}

static enum exit_code explain(oyez_err err)
{
    const char *next = "";
    enum exit_code code = EXIT_ENVIRONMENT;
    switch (err) {
    case OYEZ_ERR_INVALID:
        next = "; see --help";
        code = EXIT_USAGE;
        break;
    case OYEZ_ERR_FORBIDDEN:
        code = EXIT_REFUSED;
        break;
    case OYEZ_ERR_IN_USE:
        next = "; stop what listens there, or choose another address with --listen";
        break;
    case OYEZ_ERR_SYSTEM:
        next = "; choose an address of this machine with --listen";
        break;
    default:
        break;
    }
    char line[640];
    snprintf(line, sizeof line, "%s%s", oyez_error_detail(), next);
    program_log(&program, OYEZ_ERROR, line);
    return code;
}

// Each connection is a file descriptor, and ZeroMQ spins when there are none left.
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

struct running {
    oyez_broker *broker;
    uint64_t rounds; // of it, when it was last looked at
    oyez_settings *settings;
};

static void reload(void *arg)
{
    struct running *running = arg;
    if (program_reload(&program, &running->settings))
        oyez_broker_reload(running->broker, running->settings);
}

static bool is_alive(void *arg)
{
    struct running *running = arg;
    uint64_t before = running->rounds;
    running->rounds = oyez_broker_rounds(running->broker);
    return running->rounds != before;
}

int main(int argc, char **argv)
{
    struct running running = {.broker = NULL};
    int ended = program_read_command_line(&program, &running.settings, argc, argv);
    if (ended >= 0)
        goto done;
    program_block_signals();
    raise_file_limit();

    struct oyez_broker_options options = {.on_log = print_log};
    oyez_broker_options_read(&options, running.settings);
    oyez_err err = oyez_broker_open(&running.broker, &options);
    ended = err == OYEZ_OK ? EXIT_DONE : (int)explain(err);
    if (err != OYEZ_OK)
        goto done;
    program_ready(oyez_broker_endpoint(running.broker));
    program_run(&(struct program_work){.reload = reload, .is_alive = is_alive, .arg = &running});
    oyez_broker_close(&running.broker);
done:
    oyez_settings_close(&running.settings);
    return ended;
}
