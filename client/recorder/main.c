// SPDX-License-Identifier: MIT
// oyez-recorder: the recorder core as a process of its own.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"
#include "oyez/recorder.h"
#include "program/program.h"

#define LOOK_MS 50u // how often the recorder is looked at
#define SEGMENT_SIZE_MIN 4096u
#define CHECKPOINT_MS_MAX (24u * 60u * 60u * 1000u)
#define CATALOGS_MAX 64u // on the command line

struct settings {
    struct oyez_recorder_options options;
    const char *catalogs[CATALOGS_MAX];
    size_t catalog_count;
};

static bool set_endpoint(void *arg, const char *value)
{
    struct settings *settings = arg;
    settings->options.endpoint = value;
    return true;
}

static bool set_data(void *arg, const char *value)
{
    struct settings *settings = arg;
    settings->options.directory = value;
    return *value != '\0';
}

static bool set_key(void *arg, const char *value)
{
    struct settings *settings = arg;
    settings->options.key = value;
    return *value != '\0';
}

static bool set_origin(void *arg, const char *value)
{
    struct settings *settings = arg;
    settings->options.origin = value;
    return *value != '\0';
}

static bool add_catalog(void *arg, const char *value)
{
    struct settings *settings = arg;
    if (settings->catalog_count == CATALOGS_MAX)
        return false;
    settings->catalogs[settings->catalog_count++] = value;
    return *value != '\0';
}

static bool set_checkpoint_interval(void *arg, const char *value)
{
    struct settings *settings = arg;
    uint64_t ms;
    if (!program_read_number(&ms, value, 1, CHECKPOINT_MS_MAX))
        return false;
    settings->options.checkpoint_ms = (uint32_t)ms;
    return true;
}

static bool set_mirror(void *arg, const char *value)
{
    struct settings *settings = arg;
    (void)value;
    settings->options.mirror = true;
    return true;
}

static bool set_segment_size(void *arg, const char *value)
{
    struct settings *settings = arg;
    return program_read_number(&settings->options.segment_size, value, SEGMENT_SIZE_MIN,
                               UINT64_MAX);
}

static const struct program_option option_table[] = {
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
    {NULL, NULL, NULL, NULL},
};

static const struct program program = {
    .name = "oyez-recorder",
    .version = OYEZ_VERSION,
    .purpose =
        "Records every event of a bus in a journal and confirms each one once it is safe on disk.\n"
        "Prints \"ready DIR\" on stdout when it is attached and has caught up; SIGTERM or SIGINT\n"
        "records what has arrived, confirms it and ends it with 0.",
    .exits = "0 done, 2 usage, 4 refused by the broker, or a catalog that breaks a rule, 5 the\n"
             "journal cannot be written (disk full, input or output error, damaged, or written by\n"
             "another process), or no such catalog",
    .options = option_table,
};

struct watched {
    oyez_recorder *recorder;
    const char *directory;
    bool ready;
    bool refused;
    atomic_bool failed; // set from a thread of the recorder
};

static void print_log(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    program_log(&program, severity, line);
}

static void print_failed(void *arg, oyez_err err, const char *line)
{
    struct watched *watched = arg;
    atomic_store(&watched->failed, true);
    fprintf(stderr,
            "oyez-recorder: error: %s: %s; nothing is recorded or acknowledged from here on\n",
            oyez_strerror(err), line);
}

static enum exit_code explain(oyez_err err)
{
    fprintf(stderr, "oyez-recorder: %s\n", oyez_error_detail());
    return err == OYEZ_ERR_INVALID ? EXIT_USAGE : EXIT_ENVIRONMENT;
}

static oyez_err load_catalogs(const struct settings *settings)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < settings->catalog_count; i++)
        err = oyez_catalog_load(settings->catalogs[i]);
    return err == OYEZ_OK ? oyez_catalog_load_environment() : err;
}

static int refuse_catalog(oyez_err err)
{
    fprintf(stderr, "oyez-recorder: %s\n", oyez_error_detail());
    return err == OYEZ_ERR_IO || err == OYEZ_ERR_NO_MEMORY ? EXIT_ENVIRONMENT : EXIT_REFUSED;
}

// False when the recorder has ended by itself; tells once that it is ready.
static bool look(void *arg)
{
    struct watched *watched = arg;
    switch (oyez_recorder_wait(watched->recorder, 0)) {
    case OYEZ_OK:
        if (!watched->ready)
            program_ready(watched->directory);
        watched->ready = true;
        return true;
    case OYEZ_ERR_REFUSED:
        watched->refused = true;
        return false;
    case OYEZ_ERR_IO:
        return false;
    default:
        return true;
    }
}

static void choose_directory(struct oyez_recorder_options *options)
{
    if (options->directory == NULL)
        options->directory = getenv("OYEZ_DATA");
    if (options->directory == NULL || *options->directory == '\0')
        options->directory = "./oyez-data";
}

int main(int argc, char **argv)
{
    struct settings settings = {.options = {.on_log = print_log, .on_failed = print_failed}};
    struct oyez_recorder_options *options = &settings.options;
    int ended = program_read_command_line(&program, &settings, argc, argv);
    if (ended >= 0)
        return ended;
    oyez_err err = load_catalogs(&settings);
    if (err != OYEZ_OK)
        return refuse_catalog(err);
    choose_directory(options);
    program_block_signals();

    struct watched watched = {.directory = options->directory};
    options->arg = &watched;
    err = oyez_recorder_open(&watched.recorder, options);
    if (err != OYEZ_OK)
        return (int)explain(err);
    program_run(look, &watched, LOOK_MS);
    oyez_recorder_close(&watched.recorder);
    if (atomic_load(&watched.failed)) // closing can fail, too
        return EXIT_ENVIRONMENT;
    return watched.refused ? EXIT_REFUSED : EXIT_DONE;
}
