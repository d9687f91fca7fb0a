// SPDX-License-Identifier: MIT
// oyez-broker: the broker core as a process of its own.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "oyez/broker.h"
#include "program/program.h"

static bool set_listen(void *settings, const char *value)
{
    struct oyez_broker_options *options = settings;
    options->listen = value;
    return true;
}

static bool set_advertise(void *settings, const char *value)
{
    struct oyez_broker_options *options = settings;
    options->advertise = value;
    return true;
}

static bool set_insecure_listen(void *settings, const char *value)
{
    struct oyez_broker_options *options = settings;
    (void)value;
    options->insecure_listen = true;
    return true;
}

static bool set_recorder(void *settings, const char *value)
{
    struct oyez_broker_options *options = settings;
    bool waits = strcmp(value, "wait") == 0;
    options->recorder = waits ? OYEZ_BROKER_RECORDER_WAIT : OYEZ_BROKER_RECORDER_NONE;
    return waits || strcmp(value, "none") == 0;
}

static bool set_hold_max(void *settings, const char *value)
{
    struct oyez_broker_options *options = settings;
    uint64_t seconds;
    if (!program_read_number(&seconds, value, 0, UINT32_MAX / 1000))
        return false;
    options->hold_max_ms = (uint32_t)seconds * 1000u;
    return true;
}

static const struct program_option option_table[] = {
    {"listen", "ENDPOINT",
     "tcp://HOST:PORT (ingress and egress on the next two ports; port 0 = any\n"
     "three free ones) or ipc://PATH; default " OYEZ_ENDPOINT_DEFAULT,
     set_listen},
    {"advertise", "CONTROL,INGRESS,EGRESS",
     "endpoints that clients are told instead of those listened on, where\n"
     "ports or addresses are mapped",
     set_advertise},
    {"insecure-listen", NULL,
     "allow an address that other machines can reach: there are no keys yet,\n"
     "whoever reaches it can emit and listen",
     set_insecure_listen},
    {"recorder", "none|wait",
     "wait (the default): emitters keep durable events until a recorder has\n"
     "them; none: an event is safe once it is stamped, and nothing is recorded",
     set_recorder},
    {"hold-max", "SECONDS",
     "how long intake may wait for a recorder that confirms nothing, before\n"
     "events may be missing from the record; 0 = for ever; default 30",
     set_hold_max},
    {NULL, NULL, NULL, NULL},
};

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
    .options = option_table,
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
    fprintf(stderr, "oyez-broker: %s%s\n", oyez_error_detail(), next);
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

int main(int argc, char **argv)
{
    struct oyez_broker_options options = {
        .recorder = OYEZ_BROKER_RECORDER_WAIT, .hold_max_ms = 30000, .on_log = print_log};
    int ended = program_read_command_line(&program, &options, argc, argv);
    if (ended >= 0)
        return ended;
    program_block_signals();
    raise_file_limit();

    oyez_broker *broker;
    oyez_err err = oyez_broker_open(&broker, &options);
    if (err != OYEZ_OK)
        return (int)explain(err);
    program_ready(oyez_broker_endpoint(broker));
    program_run(NULL, NULL, 0);
    oyez_broker_close(&broker);
    return EXIT_DONE;
}
