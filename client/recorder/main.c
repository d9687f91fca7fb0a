// SPDX-License-Identifier: MIT
// oyez-recorder: the recorder core as a process of its own.
#include <stdatomic.h>
#include <stdio.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"
#include "oyez/recorder.h"
#include "program/program.h"

#define LOOK_MS 50u // how often the recorder is looked at

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
    .options = OYEZ_FOR_RECORDER,
};

struct watched {
    oyez_recorder *recorder;
    oyez_settings *settings;
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
    char text[1024];
    atomic_store(&watched->failed, true);
    snprintf(text, sizeof text, "%s: %s; nothing is recorded or acknowledged from here on",
             oyez_strerror(err), line);
    program_log(&program, OYEZ_ERROR, text);
}

static enum exit_code explain(oyez_err err)
{
    program_log(&program, OYEZ_ERROR, oyez_error_detail());
    return err == OYEZ_ERR_INVALID ? EXIT_USAGE : EXIT_ENVIRONMENT;
}

// Those of the environment the library loads by itself.
static oyez_err load_catalogs(const oyez_settings *settings)
{
    enum oyez_setting_source source;
    const char *file;
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK; i++) {
        file = oyez_settings_item(settings, OYEZ_SETTING_RECORDER_CATALOG, i, &source);
        if (file == NULL)
            break;
        if (source != OYEZ_SETTING_ENVIRONMENT)
            err = oyez_catalog_load(file);
    }
    return err == OYEZ_OK ? oyez_catalog_load_environment() : err;
}

static int refuse_catalog(oyez_err err)
{
    program_log(&program, OYEZ_ERROR, oyez_error_detail());
    return err == OYEZ_ERR_IO || err == OYEZ_ERR_NO_MEMORY ? EXIT_ENVIRONMENT : EXIT_REFUSED;
}

// False when the recorder has ended by itself; tells once that it is ready.
static bool look(void *arg)
{
    struct watched *watched = arg;
    switch (oyez_recorder_wait(watched->recorder, 0)) {
    case OYEZ_OK:
        if (!watched->ready)
            program_ready(oyez_settings_text(watched->settings, OYEZ_SETTING_RECORDER_DATA));
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

static void reload(void *arg)
{
    struct watched *watched = arg;
    if (program_reload(&program, &watched->settings))
        oyez_recorder_reload(watched->recorder, watched->settings);
}

// From opened settings to the exit code.
static int record(struct watched *watched)
{
    oyez_err err = load_catalogs(watched->settings);
    if (err != OYEZ_OK)
        return refuse_catalog(err);
    program_block_signals();
    struct oyez_recorder_options options = {
        .on_log = print_log, .on_failed = print_failed, .arg = watched};
    err = oyez_recorder_options_read(&options, watched->settings);
    if (err == OYEZ_OK)
        err = oyez_recorder_open(&watched->recorder, &options);
    if (err != OYEZ_OK)
        return (int)explain(err);
    program_run(
        &(struct program_work){.look = look, .look_ms = LOOK_MS, .reload = reload, .arg = watched});
    oyez_recorder_close(&watched->recorder);
    if (atomic_load(&watched->failed)) // closing can fail, too
        return EXIT_ENVIRONMENT;
    return watched->refused ? EXIT_REFUSED : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct watched watched = {.ready = false};
    int ended = program_read_command_line(&program, &watched.settings, argc, argv);
    if (ended < 0)
        ended = record(&watched);
    oyez_settings_close(&watched.settings);
    return ended;
}
