// SPDX-License-Identifier: MIT
// Asks the record whatever it is told to, for the oracle of queries:
//
//   query_asker dir DIRECTORY       as `oyez query --dir` does
//   query_asker server ENDPOINT
//
// Reads an object a line. {"patterns", "conditions", "since", "until", "epoch", "position", "limit",
// "reverse", "no_index", "pause"} is a query: of each event comes a line "INDEX EPOCH:POSITION DIGEST";
// behind as many as "pause" says comes "paused", and a line of input lets it go on, or, if it is
// "abandon", ends it there. {"by", "patterns",
// "since", "until", "no_index"} counts: a line "COUNT KEY" for each group. {"emit": [EVENT...]} emits,
// and waits until all is recorded. Each is answered to its end with "done", or with "error WHAT".
//
// A digest is that of all that a reader sees of an event, as query_naive.py takes it.
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/client.h"
#include "oyez/json.h"
#include "oyez/query.h"
#include "oyez/query_engine.h"
#include "query_source.h"
#include "wire/header.h"

#define PATIENCE_MS 60000u
#define TEXTS_MAX 64u
#define DIGEST_SIZE 8u

struct source {
    oyez_client *client;
    oyez_query_engine *engine;
};

struct texts {
    const char *at[TEXTS_MAX];
    size_t count;
};

static char *line;
static size_t line_room;

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "query_asker: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

static void add(EVP_MD_CTX *context, const void *bytes, size_t size)
{
    const uint32_t told = bytes != NULL ? (uint32_t)size : UINT32_MAX;
    require(EVP_DigestUpdate(context, &told, sizeof told) == 1, "digest");
    if (bytes != NULL)
        require(EVP_DigestUpdate(context, bytes, size) == 1, "digest");
}

static void add_number(EVP_MD_CTX *context, uint64_t number)
{
    add(context, &number, sizeof number);
}

static void add_text(EVP_MD_CTX *context, const char *text)
{
    add(context, text, text != NULL ? strlen(text) : 0);
}

static void add_header(EVP_MD_CTX *context, const struct oyez_event *event)
{
    add(context, event->event_id.bytes, OYEZ_UUID_SIZE);
    add_number(context, (uint64_t)event->occurred_at);
    add_number(context, event->has_aggregate_version ? event->aggregate_version + 1 : 0);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++)
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            add_text(context, oyez_header_text(event, &oyez_header_fields[i]));
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        add_text(context, event->tags[i].key);
        add_text(context, event->tags[i].value);
    }
}

static void add_stamp(EVP_MD_CTX *context, const struct oyez_stamp *stamp)
{
    add_number(context, stamp->type_seq);
    add_number(context, stamp->broker_time);
    add_number(context, stamp->emitter_seq);
    add(context, stamp->emitter_id.bytes, OYEZ_UUID_SIZE);
    add_number(context, stamp->lane);
}

static void tell_event(const struct oyez_event *event)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    require(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1, "digest");
    add_header(context, event);
    add_stamp(context, &event->stamp);
    add_number(context, event->details_format);
    add(context, event->details != NULL ? event->details : "", event->details_size);
    add(context, event->salt, OYEZ_SALT_SIZE);
    add(context, event->signature, event->signature_size);
    require(EVP_DigestFinal_ex(context, digest, NULL) == 1, "digest");
    EVP_MD_CTX_free(context);
    printf("%" PRIu64 " %" PRIu64 ":%" PRIu64 " ", event->stamp.index - 1, event->stamp.epoch,
           event->stamp.position);
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        printf("%02x", digest[i]);
    printf("\n");
}

static uint64_t read_number(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

static struct texts read_texts(const json_t *object, const char *name)
{
    struct texts texts = {.count = json_array_size(json_object_get(object, name))};
    require(texts.count <= TEXTS_MAX, name);
    for (size_t i = 0; i < texts.count; i++)
        texts.at[i] = json_string_value(json_array_get(json_object_get(object, name), i));
    return texts;
}

static void conclude(oyez_err err)
{
    if (err == OYEZ_OK)
        printf("done\n");
    else
        printf("error %s: %s\n", oyez_strerror(err), oyez_error_detail());
    fflush(stdout);
}

static oyez_err ask_engine(void *arg, const uint8_t *request, size_t size,
                           struct oyez_query_page *page, uint32_t timeout_ms)
{
    (void)timeout_ms;
    return oyez_query_engine_ask(arg, request, size, page);
}

static oyez_err open_query(oyez_query **query, const struct source *source, const json_t *object)
{
    struct texts patterns = read_texts(object, "patterns");
    struct texts conditions = read_texts(object, "conditions");
    const struct oyez_query_options options = {
        .patterns = patterns.at,
        .pattern_count = patterns.count,
        .conditions = conditions.at,
        .condition_count = conditions.count,
        .since = (int64_t)read_number(object, "since"),
        .until = (int64_t)read_number(object, "until"),
        .from_epoch = read_number(object, "epoch"),
        .from_position = read_number(object, "position"),
        .limit = read_number(object, "limit"),
        .reverse = json_is_true(json_object_get(object, "reverse")),
        .no_index = json_is_true(json_object_get(object, "no_index")),
    };
    return source->engine != NULL
               ? oyez_query_open_with(query, ask_engine, source->engine, &options)
               : oyez_query_open(query, source->client, &options);
}

static void ask(const struct source *source, const json_t *object)
{
    uint64_t pause = read_number(object, "pause");
    bool abandoned = false;
    oyez_query *query = NULL;
    oyez_err err = open_query(&query, source, object);
    for (uint64_t count = 1; err == OYEZ_OK && !abandoned; count++) {
        const struct oyez_event *event;
        err = oyez_query_next(query, &event, PATIENCE_MS);
        if (err == OYEZ_OK)
            tell_event(event);
        if (err == OYEZ_OK && count == pause) {
            printf("paused\n");
            fflush(stdout);
            require(getline(&line, &line_room, stdin) > 0, "paused for ever");
            abandoned = strcmp(line, "abandon\n") == 0;
        }
    }
    conclude(err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err);
    oyez_query_close(&query);
}

static void count(const struct source *source, const json_t *object)
{
    struct texts patterns = read_texts(object, "patterns");
    const struct oyez_stats_options options = {
        .by = (enum oyez_stats_by)read_number(object, "by"),
        .patterns = patterns.at,
        .pattern_count = patterns.count,
        .since = (int64_t)read_number(object, "since"),
        .until = (int64_t)read_number(object, "until"),
        .no_index = json_is_true(json_object_get(object, "no_index")),
    };
    struct oyez_stats_group *groups = NULL;
    size_t group_count = 0;
    oyez_err err = source->engine != NULL ? oyez_stats_with(ask_engine, source->engine, &options,
                                                            &groups, &group_count, PATIENCE_MS)
                                          : oyez_client_stats(source->client, &options, &groups,
                                                              &group_count, PATIENCE_MS);
    for (size_t i = 0; i < group_count; i++)
        printf("%" PRIu64 " %s\n", groups[i].count, groups[i].key);
    free(groups);
    conclude(err);
}

static oyez_err emit_one(oyez_client *client, const json_t *fields)
{
    struct oyez_event *event = NULL;
    char *text = json_dumps(fields, JSON_COMPACT);
    require(text != NULL, "no memory");
    oyez_err err = oyez_event_from_json(&event, text, strlen(text));
    while (err == OYEZ_OK && (err = oyez_client_emit(client, event, NULL)) == OYEZ_ERR_FULL)
        err = oyez_client_flush(client, OYEZ_LEVEL_SENT, PATIENCE_MS);
    oyez_event_free(&event);
    free(text);
    return err;
}

static void emit(const struct source *source, const json_t *events)
{
    oyez_err err = OYEZ_OK;
    size_t i;
    const json_t *fields;
    json_array_foreach(events, i, fields)
    {
        if (err == OYEZ_OK)
            err = emit_one(source->client, fields);
    }
    if (err == OYEZ_OK)
        err = oyez_client_flush(source->client, OYEZ_LEVEL_RECORDED, PATIENCE_MS);
    conclude(err);
}

static void obey(const struct source *source)
{
    json_error_t fault;
    json_t *object = json_loads(line, 0, &fault);
    require(json_is_object(object), fault.text);
    if (json_object_get(object, "emit") != NULL)
        emit(source, json_object_get(object, "emit"));
    else if (json_object_get(object, "by") != NULL)
        count(source, object);
    else
        ask(source, object);
    json_decref(object);
}

static void take_notice(void *arg, const char *text)
{
    (void)arg;
    fprintf(stderr, "notice: %s\n", text);
}

int main(int argc, char **argv)
{
    struct source source = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: query_asker dir DIRECTORY | server ENDPOINT\n");
        return 2;
    }
    const struct oyez_client_options options = {.endpoint = argv[2], .name = "query_asker"};
    oyez_err err = strcmp(argv[1], "dir") == 0
                       ? oyez_query_engine_open(&source.engine, argv[2], take_notice, NULL)
                       : oyez_client_open(&source.client, &options, PATIENCE_MS);
    require(err == OYEZ_OK, argv[2]);
    while (getline(&line, &line_room, stdin) > 0)
        obey(&source);
    free(line);
    oyez_client_close(&source.client);
    oyez_query_engine_close(&source.engine);
    return 0;
}
