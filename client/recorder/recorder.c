// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "admin.h"
#include "catalogs.h"
#include "life.h"
#include "oyez/key.h"
#include "rebuild.h"
#include "recorder_state.h"
#include "wire/clock.h"
#include "wire/endpoint.h"

void recorder_log(const struct oyez_recorder *recorder, enum oyez_severity severity,
                  const char *format, ...)
{
    char line[768];
    va_list arguments;
    if (recorder->on_log == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    recorder->on_log(recorder->arg, severity, line);
}

void recorder_wake(struct oyez_recorder *recorder)
{
    uint64_t one = 1;
    (void)!write(recorder->wake_fd, &one, sizeof one);
}

bool recorder_has_failed(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    bool failed = recorder->failed != OYEZ_OK;
    pthread_mutex_unlock(&recorder->lock);
    return failed;
}

void recorder_fail(struct oyez_recorder *recorder, oyez_err err, const char *detail)
{
    char line[sizeof recorder->failure];
    snprintf(line, sizeof line, "%s", detail);
    pthread_mutex_lock(&recorder->lock);
    bool first = recorder->failed == OYEZ_OK;
    if (first) {
        recorder->failed = err;
        recorder->counters.failed = true;
        recorder->counters.attached = false;
        memcpy(recorder->failure, line, sizeof line);
    }
    pthread_cond_broadcast(&recorder->changed);
    pthread_cond_broadcast(&recorder->for_write);
    pthread_cond_broadcast(&recorder->for_sync);
    pthread_cond_broadcast(&recorder->for_checkpoint);
    pthread_mutex_unlock(&recorder->lock);
    recorder_wake(recorder);
    if (first && recorder->on_failed != NULL)
        recorder->on_failed(recorder->arg, err, line);
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct oyez_recorder *make(const struct oyez_recorder_options *options)
{
    struct oyez_recorder *recorder = calloc(1, sizeof *recorder);
    if (recorder == NULL)
        return NULL;
    recorder->mirror = options->mirror;
    recorder->disk = options->disk != NULL ? options->disk : oyez_disk_system();
    recorder->on_log = options->on_log;
    recorder->on_failed = options->on_failed;
    recorder->arg = options->arg;
    recorder->zmq_context = options->zmq_context;
    recorder->checkpoint_ms =
        options->checkpoint_ms > 0 ? options->checkpoint_ms : RECORDER_CHECKPOINT_MS;
    recorder->wake_fd = -1;
    recorder->started_ns = oyez_clock_realtime_ns();
    pthread_mutex_init(&recorder->archiving, NULL);
    pthread_mutex_init(&recorder->lock, NULL);
    init_condition(&recorder->changed);
    init_condition(&recorder->for_write);
    init_condition(&recorder->for_sync);
    init_condition(&recorder->for_checkpoint);
    init_condition(&recorder->for_index);
    recorder_asks_open(&recorder->asks);
    return recorder;
}

static void free_recorder(struct oyez_recorder *recorder)
{
    if (recorder->owns_context)
        zmq_ctx_term(recorder->zmq_context);
    recorder_emitters_close(&recorder->emitters);
    recorder_catalogs_close(&recorder->catalogs);
    recorder_queue_close(&recorder->queue);
    recorder_commit_free(&recorder->written);
    recorder_commit_free(&recorder->safe);
    recorder_asks_close(&recorder->asks);
    if (recorder->wake_fd >= 0)
        close(recorder->wake_fd);
    pthread_cond_destroy(&recorder->changed);
    pthread_cond_destroy(&recorder->for_write);
    pthread_cond_destroy(&recorder->for_sync);
    pthread_cond_destroy(&recorder->for_checkpoint);
    pthread_cond_destroy(&recorder->for_index);
    pthread_mutex_destroy(&recorder->lock);
    pthread_mutex_destroy(&recorder->archiving);
    free(recorder);
}

static oyez_err set_endpoint(struct oyez_recorder *recorder, const char *given)
{
    const char *text = given;
    struct oyez_endpoint endpoint;
    if (text == NULL)
        text = getenv("OYEZ_ENDPOINT");
    if (text == NULL || *text == '\0')
        text = OYEZ_ENDPOINT_DEFAULT;
    oyez_err err = oyez_endpoint_parse(&endpoint, text);
    if (err == OYEZ_OK && endpoint.transport == OYEZ_TRANSPORT_TCP && endpoint.port == 0)
        err = oyez_fail(OYEZ_ERR_INVALID, "%s: a recorder needs the broker's port", text);
    if (err == OYEZ_OK)
        oyez_endpoint_format(&endpoint, recorder->endpoint);
    return err;
}

static oyez_err set_directory(struct oyez_recorder *recorder, const char *directory)
{
    if (directory == NULL || *directory == '\0' || strlen(directory) >= sizeof recorder->directory)
        return oyez_fail(OYEZ_ERR_INVALID, "directory: none, or too long a path");
    memcpy(recorder->directory, directory, strlen(directory) + 1);
    return OYEZ_OK;
}

// The same for the same directory, which has one writer at a time: so a recorder that was killed
// takes its session over when it comes back. A copy of the directory is another one.
static void make_client_id(struct oyez_recorder *recorder)
{
    struct stat directory;
    uint64_t place = 0;
    if (stat(recorder->directory, &directory) == 0)
        place = (uint64_t)directory.st_ino * UINT64_C(0x9e3779b97f4a7c15) ^
                (uint64_t)directory.st_dev * UINT64_C(0xc2b2ae3d27d4eb4f);
    place ^= recorder->mirror;
    memcpy(recorder->client_id.bytes, recorder->journal_id, OYEZ_UUID_SIZE);
    for (unsigned i = 0; i < 8; i++)
        recorder->client_id.bytes[i] ^= (uint8_t)(place >> (8 * i));
    recorder->client_id.bytes[15] |= 1; // never zero
}

static void tell_report(const struct oyez_recorder *recorder,
                        const struct oyez_journal_report *report)
{
    if (report->created)
        recorder_log(recorder, OYEZ_INFO, "made the journal %s", recorder->directory);
    if (!report->clean)
        recorder_log(recorder, OYEZ_WARNING,
                     "not closed cleanly: %" PRIu64 " bytes, %" PRIu64
                     " records behind the last commit were cut%s%s; none of them was acknowledged",
                     report->torn_bytes, report->torn_records,
                     report->torn_file[0] != '\0' ? " from " : "", report->torn_file);
}

static oyez_err open_journal(struct oyez_recorder *recorder,
                             const struct oyez_recorder_options *options)
{
    struct oyez_journal_report report;
    char key[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_key_default_path(key, recorder->directory);
    const struct oyez_journal_options journal_options = {.segment_size = options->segment_size,
                                                         .segment_age_ms = options->segment_age_ms,
                                                         .disk = recorder->disk,
                                                         .key = options->key != NULL ? options->key
                                                                                     : key,
                                                         .origin = options->origin,
                                                         .checkpointed = recorder_take_checkpoint,
                                                         .arg = recorder};
    if (err == OYEZ_OK)
        err = oyez_journal_open(&recorder->journal, recorder->directory, &journal_options, &report);
    if (err != OYEZ_OK)
        return err;
    tell_report(recorder, &report);
    if (report.key_made)
        recorder_log(recorder, OYEZ_INFO,
                     "made the key %s: keep a copy of it where the journal's copies are not",
                     journal_options.key);
    memcpy(recorder->journal_id, report.journal_id, sizeof recorder->journal_id);
    recorder->covered = (struct recorder_covered){report.epoch, report.position};
    recorder->counters.checkpointed = report.checkpointed;
    make_client_id(recorder);
    err = recorder_rebuild(recorder, report.records);
    if (err == OYEZ_OK)
        err = recorder_catalogs_open(&recorder->catalogs, recorder);
    recorder->counters.index = recorder->safe_records = report.records;
    recorder->counters.epoch = recorder->place.epoch;
    recorder->counters.position = recorder->place.position;
    return err;
}

static oyez_err start(struct oyez_recorder *recorder, pthread_t *thread, void *(*run)(void *))
{
    int failed = pthread_create(thread, NULL, run, recorder);
    if (failed != 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
    recorder->thread_count++;
    return OYEZ_OK;
}

// In the order in which they are joined.
static oyez_err start_threads(struct oyez_recorder *recorder)
{
    oyez_err err = start(recorder, &recorder->syncing_thread, recorder_syncing_run);
    if (err == OYEZ_OK)
        err = start(recorder, &recorder->writer_thread, recorder_writer_run);
    if (err == OYEZ_OK)
        err = start(recorder, &recorder->answering_thread, recorder_answering_run);
    if (err == OYEZ_OK)
        err = start(recorder, &recorder->intake_thread, recorder_intake_run);
    if (err == OYEZ_OK)
        err = start(recorder, &recorder->checkpointing_thread, recorder_checkpointing_run);
    if (err == OYEZ_OK)
        err = start(recorder, &recorder->indexing_thread, recorder_indexing_run);
    return err;
}

static oyez_err open_rest(struct oyez_recorder *recorder)
{
    recorder->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (recorder->wake_fd < 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no eventfd: %s", strerror(errno));
    if (recorder->zmq_context == NULL) {
        recorder->zmq_context = zmq_ctx_new();
        recorder->owns_context = true;
    }
    if (recorder->zmq_context == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no ZeroMQ context: %s", strerror(errno));
    return recorder_queue_open(&recorder->queue, RECORDER_QUEUE_SIZE);
}

static void join_threads(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->stopping = true;
    recorder->indexing_over = true;
    pthread_cond_signal(&recorder->for_index);
    // Without intake nobody else says that nothing more comes.
    recorder->queue_ended = recorder->queue_ended || recorder->thread_count < 4;
    recorder->writing_ended = recorder->writing_ended || recorder->thread_count < 2;
    pthread_cond_broadcast(&recorder->for_write);
    pthread_cond_broadcast(&recorder->for_sync);
    pthread_mutex_unlock(&recorder->lock);
    recorder_wake(recorder);
    if (recorder->thread_count > 3)
        pthread_join(recorder->intake_thread, NULL);
    pthread_mutex_lock(&recorder->lock);
    recorder->asks.ended = true;
    pthread_cond_broadcast(&recorder->asks.changed);
    pthread_mutex_unlock(&recorder->lock);
    if (recorder->thread_count > 2)
        pthread_join(recorder->answering_thread, NULL);
    if (recorder->thread_count > 1)
        pthread_join(recorder->writer_thread, NULL);
    if (recorder->thread_count > 0)
        pthread_join(recorder->syncing_thread, NULL);
    if (recorder->thread_count > 4)
        pthread_join(recorder->checkpointing_thread, NULL);
    if (recorder->thread_count > 5)
        pthread_join(recorder->indexing_thread, NULL);
}

static void close_journal(struct oyez_recorder *recorder)
{
    if (recorder->journal == NULL)
        return;
    uint64_t records = oyez_journal_next_index(recorder->journal);
    bool failed = recorder_has_failed(recorder);
    oyez_err err = oyez_journal_close(&recorder->journal);
    if (err == OYEZ_OK && !failed && recorder->emitters != NULL)
        recorder_state_write(recorder, records);
    else if (err != OYEZ_OK && !failed)
        recorder_fail(recorder, err, oyez_error_detail());
}

oyez_err oyez_recorder_open(oyez_recorder **out, const struct oyez_recorder_options *options)
{
    *out = NULL;
    struct oyez_recorder *recorder = make(options);
    if (recorder == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a recorder");
    oyez_err err = set_endpoint(recorder, options->endpoint);
    if (err == OYEZ_OK)
        err = set_directory(recorder, options->directory);
    if (err == OYEZ_OK)
        err = open_rest(recorder);
    if (err == OYEZ_OK)
        err = open_journal(recorder, options);
    if (err == OYEZ_OK)
        err = start_threads(recorder);
    if (err == OYEZ_OK)
        recorder_admin_open(&recorder->admin, recorder);
    if (err == OYEZ_OK)
        err = recorder_life_open(&recorder->life, recorder, options);
    if (err != OYEZ_OK) {
        char detail[512];
        snprintf(detail, sizeof detail, "%s", oyez_error_detail());
        recorder_admin_close(&recorder->admin);
        join_threads(recorder);
        (void)oyez_journal_close(&recorder->journal);
        free_recorder(recorder);
        return oyez_fail(err, "%s", detail);
    }
    *out = recorder;
    return OYEZ_OK;
}

oyez_err oyez_recorder_wait(oyez_recorder *recorder, uint32_t timeout_ms)
{
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    oyez_err err = OYEZ_OK;
    int waited = 0;
    pthread_mutex_lock(&recorder->lock);
    while (recorder->failed == OYEZ_OK && !recorder->refused && !recorder->caught_up && waited == 0)
        waited = pthread_cond_timedwait(&recorder->changed, &recorder->lock, &deadline);
    if (recorder->failed != OYEZ_OK)
        err = oyez_fail(OYEZ_ERR_IO, "%s", recorder->failure);
    else if (recorder->refused)
        err = oyez_fail(OYEZ_ERR_REFUSED, "%s", recorder->refusal);
    else if (!recorder->caught_up)
        err =
            oyez_fail(OYEZ_ERR_TIMEOUT, "not attached to %s and caught up yet", recorder->endpoint);
    pthread_mutex_unlock(&recorder->lock);
    return err;
}

void oyez_recorder_get_counters(oyez_recorder *recorder, struct oyez_recorder_counters *out)
{
    pthread_mutex_lock(&recorder->lock);
    *out = recorder->counters;
    pthread_mutex_unlock(&recorder->lock);
}

void oyez_recorder_close(oyez_recorder **recorder)
{
    struct oyez_recorder *closing = *recorder;
    if (closing == NULL)
        return;
    *recorder = NULL;
    recorder_admin_close(&closing->admin);
    recorder_life_close(&closing->life);
    join_threads(closing);
    close_journal(closing);
    free_recorder(closing);
}
