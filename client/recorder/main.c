// SPDX-License-Identifier: MIT
// oyez-recorder: the recorder core as a process of its own.
#include <czmq.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"
#include "oyez/recorder.h"

enum exit_code { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_REFUSED = 4, EXIT_ENVIRONMENT = 5 };

#define LOOK_MS 50u // how often the recorder is looked at
#define SEGMENT_SIZE_MIN 4096u
#define CHECKPOINT_MS_MAX (24u * 60u * 60u * 1000u)
#define CATALOGS_MAX 64u // on the command line

struct option_entry {
    const char *name;
    const char *argument; // NULL = takes none
    const char *help;
    // Returns false when the value will not do. NULL: handled by name in main.
    bool (*apply)(struct oyez_recorder_options *options, const char *value);
};

static bool set_endpoint(struct oyez_recorder_options *options, const char *value)
{
    options->endpoint = value;
    return true;
}

static bool set_data(struct oyez_recorder_options *options, const char *value)
{
    options->directory = value;
    return *value != '\0';
}

static bool set_key(struct oyez_recorder_options *options, const char *value)
{
    options->key = value;
    return *value != '\0';
}

static bool set_origin(struct oyez_recorder_options *options, const char *value)
{
    options->origin = value;
    return *value != '\0';
}

static const char *catalogs[CATALOGS_MAX];
static size_t catalog_count;

static bool add_catalog(struct oyez_recorder_options *options, const char *value)
{
    (void)options;
    if (catalog_count == CATALOGS_MAX)
        return false;
    catalogs[catalog_count++] = value;
    return *value != '\0';
}

static bool set_checkpoint_interval(struct oyez_recorder_options *options, const char *value)
{
    char *end;
    errno = 0;
    unsigned long ms = strtoul(value, &end, 10);
    options->checkpoint_ms = (uint32_t)ms;
    return errno == 0 && *value >= '0' && *value <= '9' && *end == '\0' && ms > 0 &&
           ms <= CHECKPOINT_MS_MAX;
}

static bool set_mirror(struct oyez_recorder_options *options, const char *value)
{
    (void)value;
    options->mirror = true;
    return true;
}

static bool set_segment_size(struct oyez_recorder_options *options, const char *value)
{
    char *end;
    errno = 0;
    unsigned long long bytes = strtoull(value, &end, 10);
    options->segment_size = bytes;
    return errno == 0 && *value >= '0' && *value <= '9' && *end == '\0' &&
           bytes >= SEGMENT_SIZE_MIN;
}

static const struct option_entry option_table[] = {
    {"endpoint", "ENDPOINT",
     "control endpoint of the broker; default OYEZ_ENDPOINT, else\n" OYEZ_ENDPOINT_DEFAULT,
     set_endpoint},
    {"data", "DIR", "directory of the journal; default OYEZ_DATA, else ./oyez-data", set_data},
    {"key", "FILE",
     "the key that signs checkpoints, made if there is none; default DIR.key\nbeside the directory",
     set_key},
    {"origin", "NAME", "what a key that is made is called; default a name of its own", set_origin},
    {"checkpoint-interval", "MS",
     "sign a checkpoint so long after the first record that none covers;\ndefault 900",
     set_checkpoint_interval},
    {"catalog", "FILE",
     "a catalog besides the built-in ones and those of OYEZ_CATALOGS; may be given\nagain",
     add_catalog},
    {"mirror", NULL,
     "keep the same journal as the recorder of this broker, a second or so\n"
     "behind it: copies its records, and holds them against what comes over\n"
     "the bus. Where they differ it says so and ends with 5",
     set_mirror},
    {"segment-size", "BYTES", "begin a new file of the journal after so many; default 67108864",
     set_segment_size},
    {"help", NULL, "print this and end", NULL},
    {"version", NULL, "print the version and end", NULL},
};

enum { OPTION_COUNT = sizeof option_table / sizeof option_table[0] };

static void print_help(void)
{
    puts(
        "usage: oyez-recorder [OPTION]...\n\n"
        "Records every event of a bus in a journal and confirms each one once it is safe on disk.\n"
        "Prints \"ready DIR\" on stdout when it is attached and has caught up; SIGTERM or SIGINT\n"
        "records what has arrived, confirms it and ends it with 0.\n");
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
    puts(
        "\nexit: 0 done, 2 usage, 4 refused by the broker, or a catalog that breaks a rule, 5 the\n"
        "journal cannot be written (disk full, input or output error, damaged, or written by\n"
        "another process), or no such catalog");
}

static void print_version(void)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("oyez-recorder %s (protocol %u, libzmq %d.%d.%d)\n", OYEZ_VERSION, OYEZ_PROTOCOL_VERSION,
           major, minor, patch);
}

// Fills the options; an exit code when the program is to end now, else -1.
static int read_command_line(struct oyez_recorder_options *options, int argc, char **argv)
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
            fprintf(stderr, "oyez-recorder: --%s: \"%s\" is no %s; see --help\n", entry->name,
                    optarg, entry->argument);
            return EXIT_USAGE;
        }
    }
    if (found == -1 && optind == argc)
        return -1;
    if (found == -1)
        fprintf(stderr, "oyez-recorder: \"%s\": no arguments are taken\n", argv[optind]);
    fputs("oyez-recorder: see oyez-recorder --help\n", stderr);
    return EXIT_USAGE;
}

struct program {
    oyez_recorder *recorder;
    const char *directory;
    bool ready;
    bool refused;
    atomic_bool failed; // set from a thread of the recorder
};

static void print_log(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    static const char *const names[] = {"", "warning: ", "error: "};
    fprintf(stderr, "oyez-recorder: %s%s\n", names[severity], line);
}

static void print_failed(void *arg, oyez_err err, const char *line)
{
    struct program *program = arg;
    atomic_store(&program->failed, true);
    fprintf(stderr,
            "oyez-recorder: error: %s: %s; nothing is recorded or acknowledged from here on\n",
            oyez_strerror(err), line);
}

static enum exit_code explain(oyez_err err)
{
    fprintf(stderr, "oyez-recorder: %s\n", oyez_error_detail());
    return err == OYEZ_ERR_INVALID ? EXIT_USAGE : EXIT_ENVIRONMENT;
}

static oyez_err load_catalogs(void)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < catalog_count; i++)
        err = oyez_catalog_load(catalogs[i]);
    return err == OYEZ_OK ? oyez_catalog_load_environment() : err;
}

static int refuse_catalog(oyez_err err)
{
    fprintf(stderr, "oyez-recorder: %s\n", oyez_error_detail());
    return err == OYEZ_ERR_IO || err == OYEZ_ERR_NO_MEMORY ? EXIT_ENVIRONMENT : EXIT_REFUSED;
}

static int stop_loop(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    (void)arg;
    return -1;
}

// Ends the loop when the recorder has ended by itself; says once that it is ready.
static int look(zloop_t *loop, int timer_id, void *arg)
{
    struct program *program = arg;
    (void)loop;
    (void)timer_id;
    switch (oyez_recorder_wait(program->recorder, 0)) {
    case OYEZ_OK:
        if (!program->ready) {
            printf("ready %s\n", program->directory);
            fflush(stdout);
        }
        program->ready = true;
        return 0;
    case OYEZ_ERR_REFUSED:
        program->refused = true;
        return -1;
    case OYEZ_ERR_IO:
        return -1;
    default:
        return 0;
    }
}

// Runs until one of the blocked signals comes, or the recorder ends by itself.
static void run(struct program *program, const sigset_t *signals)
{
    int fd = signalfd(-1, signals, SFD_CLOEXEC);
    zmq_pollitem_t item = {.fd = fd, .events = ZMQ_POLLIN};
    zloop_t *loop = zloop_new();
    zloop_poller(loop, &item, stop_loop, NULL);
    zloop_timer(loop, LOOK_MS, 0, look, program);
    zloop_start(loop);
    zloop_destroy(&loop);
    close(fd);
}

int main(int argc, char **argv)
{
    struct oyez_recorder_options options = {.on_log = print_log, .on_failed = print_failed};
    int ended = read_command_line(&options, argc, argv);
    if (ended >= 0)
        return ended;
    oyez_err err = load_catalogs();
    if (err != OYEZ_OK)
        return refuse_catalog(err);
    if (options.directory == NULL)
        options.directory = getenv("OYEZ_DATA");
    if (options.directory == NULL || *options.directory == '\0')
        options.directory = "./oyez-data";

    // Blocked before the first thread starts, so that every thread inherits it and none is
    // interrupted; czmq keeps its own handlers out.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    zsys_handler_set(NULL);

    struct program program = {.directory = options.directory};
    options.arg = &program;
    err = oyez_recorder_open(&program.recorder, &options);
    if (err != OYEZ_OK)
        return (int)explain(err);
    run(&program, &signals);
    oyez_recorder_close(&program.recorder);
    if (atomic_load(&program.failed)) // closing can fail, too
        return EXIT_ENVIRONMENT;
    return program.refused ? EXIT_REFUSED : EXIT_DONE;
}
