// SPDX-License-Identifier: MIT
#include "record_source.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "message.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "query_source.h"
#include "wire/batch.h"

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    (void)arg;
    // What is live is not this command's business.
    if (notice->kind == OYEZ_NOTICE_DISCONNECTED || notice->kind == OYEZ_NOTICE_CONNECTED) {
        message_notice(notice);
    }
}

static void take_index_notice(void *arg, const char *text)
{
    (void)arg;
    message_print("%s", text);
}

int record_source_open(struct record_source *source, const struct arguments *arguments,
                       const char *directory, uint32_t timeout_ms)
{
    struct oyez_client_options options = {.endpoint = arguments->endpoint,
                                          .name = arguments->command->name,
                                          .on_notice = take_notice,
                                          .close_timeout_ms = 1};
    *source = (struct record_source){
        .endpoint = arguments->endpoint, .directory = directory, .timeout_ms = timeout_ms};
    // A client does it itself.
    oyez_err err = directory != NULL ? oyez_catalog_load_environment() : OYEZ_OK;
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    err = directory != NULL
              ? oyez_query_engine_open(&source->engine, directory, take_index_notice, NULL)
              : oyez_client_open(&source->client, &options, timeout_ms);
    return err == OYEZ_OK ? EXIT_DONE : record_source_fail(source, err);
}

void record_source_close(struct record_source *source)
{
    oyez_client_close(&source->client);
    oyez_query_engine_close(&source->engine);
}

static oyez_err ask_engine(void *arg, const uint8_t *request, size_t size,
                           struct oyez_query_page *page, uint32_t timeout_ms)
{
    (void)timeout_ms;
    return oyez_query_engine_ask(arg, request, size, page);
}

oyez_err record_source_query(struct record_source *source, oyez_query **query,
                             const struct oyez_query_options *options)
{
    return source->engine != NULL ? oyez_query_open_with(query, ask_engine, source->engine, options)
                                  : oyez_query_open(query, source->client, options);
}

oyez_err record_source_get(struct record_source *source, struct oyez_uuid event_id,
                           struct oyez_event **event)
{
    return source->engine != NULL
               ? oyez_get_with(ask_engine, source->engine, event_id, event, source->timeout_ms)
               : oyez_client_get(source->client, event_id, event, source->timeout_ms);
}

oyez_err record_source_stats(struct record_source *source, const struct oyez_stats_options *options,
                             struct oyez_stats_group **groups, size_t *count)
{
    return source->engine != NULL
               ? oyez_stats_with(ask_engine, source->engine, options, groups, count,
                                 source->timeout_ms)
               : oyez_client_stats(source->client, options, groups, count, source->timeout_ms);
}

// Keeps the event's bytes of an answer that passes by: an event that was
// decoded has lost the fields of a newer emitter.
struct capture {
    oyez_query_engine *engine; // NULL = the asker asks
    struct asker asker;
    uint8_t *bytes;
    size_t size;
    bool failed; // no memory
};

static void keep_event(struct capture *capture, const struct oyez_query_frame *frame)
{
    struct oyez_batch batch;
    const uint8_t *event;
    size_t size;
    if (oyez_batch_walk(&batch, frame->bytes, frame->size) != OYEZ_BATCH_OK) {
        return;
    }
    const uint8_t *cursor = batch.events;
    if (!oyez_batch_next_event(&batch, &cursor, &event, &size)) {
        return;
    }
    free(capture->bytes);
    capture->bytes = malloc(size > 0 ? size : 1);
    capture->failed = capture->bytes == NULL;
    if (!capture->failed) {
        memcpy(capture->bytes, event, size);
        capture->size = size;
    }
}

static oyez_err ask_and_keep(void *arg, const uint8_t *request, size_t size,
                             struct oyez_query_page *page, uint32_t timeout_ms)
{
    struct capture *capture = arg;
    oyez_err err = capture->engine != NULL
                       ? oyez_query_engine_ask(capture->engine, request, size, page)
                       : ask_recorder(&capture->asker, request, size, page, timeout_ms);
    if (err == OYEZ_OK && page->count > 1) {
        keep_event(capture, &page->frames[1]);
    }
    return err;
}

oyez_err record_source_get_bytes(struct record_source *source, struct oyez_uuid event_id,
                                 uint8_t **bytes, size_t *size)
{
    struct capture capture = {.engine = source->engine, .asker = {.client = source->client}};
    struct oyez_event *event = NULL;
    oyez_err err = oyez_get_with(ask_and_keep, &capture, event_id, &event, source->timeout_ms);
    oyez_event_free(&event);
    ask_page_free(&capture.asker.page);
    if (err == OYEZ_OK && capture.failed) {
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event");
    }
    if (err != OYEZ_OK) {
        free(capture.bytes);
        return err;
    }
    *bytes = capture.bytes;
    *size = capture.size;
    return OYEZ_OK;
}

void record_source_learn(struct record_source *source, const struct oyez_event *event)
{
    if (source->client != NULL && oyez_event_lacks_catalog(event)) {
        (void)oyez_client_fetch_catalog(source->client, event->event_type, event->schema_version,
                                        source->timeout_ms);
    }
}

int record_source_fail(const struct record_source *source, oyez_err err)
{
    return command_fail_at(source->directory != NULL ? source->directory : source->endpoint, err);
}
