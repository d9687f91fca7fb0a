// SPDX-License-Identifier: MIT
// oyez-broker: the broker core as a process of its own.
#include <czmq.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "oyez/broker.h"

enum exit_code { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_REFUSED = 4, EXIT_ENVIRONMENT = 5 };

struct option_entry {
    const char *name;
    const char *argument; // NULL = takes none
    const char *help;
    // Returns false when the value will not do. NULL: handled by name in main.
    bool (*apply)(struct oyez_broker_options *options, const char *value);
};

static bool set_listen(struct oyez_broker_options *options, const char *value)
{
    options->listen = value;
    return true;
}

static bool set_advertise(struct oyez_broker_options *options, const char *value)
{
    options->advertise = value;
    return true;
}

static bool set_insecure_listen(struct oyez_broker_options *options, const char *value)
{
    (void)value;
    options->insecure_listen = true;
    return true;
}

static bool set_recorder(struct oyez_broker_options *options, const char *value)
{
    bool waits = strcmp(value, "wait") == 0;
    options->recorder = waits ? OYEZ_BROKER_RECORDER_WAIT : OYEZ_BROKER_RECORDER_NONE;
    return waits || strcmp(value, "none") == 0;
}

static bool set_hold_max(struct oyez_broker_options *options, const char *value)
{
    char *end;
    errno = 0;
    unsigned long seconds = strtoul(value, &end, 10);
    if (errno != 0 || *value < '0' || *value > '9' || *end != '\0' || seconds > UINT32_MAX / 1000)
        return false;
    options->hold_max_ms = (uint32_t)seconds * 1000u;
    return true;
}

static const struct option_entry option_table[] = {
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
    {"help", NULL, "print this and end", NULL},
    {"version", NULL, "print the version and end", NULL},
};

enum { OPTION_COUNT = sizeof option_table / sizeof option_table[0] };

static void print_help(void)
{
    puts("usage: oyez-broker [OPTION]...\n\n"
         "Stamps domain events and passes them on to all who listen. Prints \"ready ENDPOINT\"\n"
         "on stdout when clients can connect; SIGTERM or SIGINT passes on what has arrived and\n"
         "ends it with 0.\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *entry = &option_table[i];
        printf("  --%s%s%s\n", entry->name, entry->argument == NULL ? "" : " ",
               entry->argument == NULL ? "" : entry->argument);
        for (const char *line = entry->help; line != NULL;) {
            const char *end = strchr(line, '\n');
            printf("        %.*s\n", end == NULL ? (int)strlen(line) : (int)(end - line), line);
            line = end == NULL ? NULL : end + 1;
        }
    }
    puts("\nexit: 0 done, 2 usage, 4 an address that needs --insecure-listen, 5 an address in use\n"
         "or one that cannot be listened on");
}

static void print_version(void)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("oyez-broker %s (protocol %u, libzmq %d.%d.%d)\n", OYEZ_VERSION, OYEZ_PROTOCOL_VERSION,
           major, minor, patch);
}

// Fills the options; an exit code when the program is to end now, else -1.
static int read_command_line(struct oyez_broker_options *options, int argc, char **argv)
{
    struct option long_options[OPTION_COUNT + 1] = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        long_options[i].name = option_table[i].name;
        long_options[i].has_arg =
            option_table[i].argument == NULL ? no_argument : required_argument;
    }
    int at = 0, found;
    while ((found = getopt_long(argc, argv, "", long_options, &at)) == 0) {
        const struct option_entry *entry = &option_table[at];
        if (strcmp(entry->name, "help") == 0)
            return print_help(), EXIT_DONE;
        if (strcmp(entry->name, "version") == 0)
            return print_version(), EXIT_DONE;
        if (!entry->apply(options, optarg)) {
            fprintf(stderr, "oyez-broker: --%s: \"%s\" is not %s; see --help\n", entry->name,
                    optarg, entry->argument);
            return EXIT_USAGE;
        }
    }
    if (found == -1 && optind == argc)
        return -1;
    if (found == -1)
        fprintf(stderr, "oyez-broker: \"%s\": no arguments are taken\n", argv[optind]);
    fputs("oyez-broker: see oyez-broker --help\n", stderr);
    return EXIT_USAGE;
}

static void print_log(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    static const char *const names[] = {"", "warning: ", "error: "};
    fprintf(stderr, "oyez-broker: %s%s\n", names[severity], line);
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

static int stop_loop(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    (void)arg;
    return -1;
}

// Sleeps until one of the blocked signals comes.
static void wait_for_signal(const sigset_t *signals)
{
    int fd = signalfd(-1, signals, SFD_CLOEXEC);
    zmq_pollitem_t item = {.fd = fd, .events = ZMQ_POLLIN};
    zloop_t *loop = zloop_new();
    zloop_poller(loop, &item, stop_loop, NULL);
    zloop_start(loop);
    zloop_destroy(&loop);
    close(fd);
}

int main(int argc, char **argv)
{
    struct oyez_broker_options options = {
        .recorder = OYEZ_BROKER_RECORDER_WAIT, .hold_max_ms = 30000, .on_log = print_log};
    int ended = read_command_line(&options, argc, argv);
    if (ended >= 0)
        return ended;

    // Blocked before the first thread starts, so that every thread inherits it and none is
    // interrupted; czmq keeps its own handlers out.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    zsys_handler_set(NULL);
    raise_file_limit();

    oyez_broker *broker;
    oyez_err err = oyez_broker_open(&broker, &options);
    if (err != OYEZ_OK)
        return (int)explain(err);
    printf("ready %s\n", oyez_broker_endpoint(broker));
    fflush(stdout);
    wait_for_signal(&signals);
    oyez_broker_close(&broker);
    return EXIT_DONE;
}
