// SPDX-License-Identifier: MIT
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "oyez/catalog.h"
#include "oyez/checkpoint.h"
#include "oyez/proof.h"
#include "query_source.h"
#include "question.h"

oyez_err source_open(struct source *source, const char *endpoint, const char *directory,
                     const char *key)
{
    struct oyez_note_verifier verifier;
    struct oyez_client_options options = {
        .endpoint = endpoint, .name = "oyez tui", .close_timeout_ms = 1};
    *source = (struct source){.endpoint = endpoint, .directory = directory, .key = key};
    if (key != NULL) {
        oyez_err err = oyez_note_verifier_read(&verifier, key);
        if (err != OYEZ_OK) {
            return err;
        }
    }
    if (directory == NULL) {
        return oyez_client_open(&source->client, &options, 0);
    }
    oyez_err err = oyez_catalog_load_environment();
    return err == OYEZ_OK ? oyez_query_engine_open(&source->engine, directory, NULL, NULL) : err;
}

void source_close(struct source *source)
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

oyez_err source_query(struct source *source, oyez_query **query,
                      const struct oyez_query_options *options)
{
    return source->engine != NULL ? oyez_query_open_with(query, ask_engine, source->engine, options)
                                  : oyez_query_open(query, source->client, options);
}

oyez_err source_get(struct source *source, struct oyez_uuid event_id, struct oyez_event **event)
{
    return source->engine != NULL
               ? oyez_get_with(ask_engine, source->engine, event_id, event, SOURCE_TIMEOUT_MS)
               : oyez_client_get(source->client, event_id, event, SOURCE_TIMEOUT_MS);
}

oyez_err source_stats(struct source *source, const struct oyez_stats_options *options,
                      struct oyez_stats_group **groups, size_t *count)
{
    return source->engine != NULL
               ? oyez_stats_with(ask_engine, source->engine, options, groups, count,
                                 SOURCE_TIMEOUT_MS)
               : oyez_client_stats(source->client, options, groups, count, SOURCE_TIMEOUT_MS);
}

void source_learn(struct source *source, const struct oyez_event *event)
{
    if (source->client != NULL && oyez_event_lacks_catalog(event)) {
        (void)oyez_client_fetch_catalog(source->client, event->event_type, event->schema_version,
                                        SOURCE_TIMEOUT_MS);
    }
}

static oyez_err copy(char **out, size_t *out_size, const void *bytes, size_t size)
{
    *out = malloc(size + 1);
    if (*out == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a proof");
    }
    memcpy(*out, bytes, size);
    *out_size = size;
    return OYEZ_OK;
}

// Without an event it asks for the checkpoint alone.
static oyez_err ask_server(struct source *source, const struct oyez_event *event, char **out,
                           size_t *out_size)
{
    struct asker asker = {.client = source->client};
    struct question *question = calloc(1, sizeof *question);
    size_t frame = event != NULL ? 2 : 1;
    if (question == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    }
    question->ask = ask_recorder;
    question->arg = &asker;
    question->request.which_body = oyez_v1_QueryRequest_proof_tag;
    if (event != NULL) {
        question->request.body.proof.event_id.size = OYEZ_UUID_SIZE;
        memcpy(question->request.body.proof.event_id.bytes, event->event_id.bytes, OYEZ_UUID_SIZE);
    }
    oyez_err err = question_put(question, SOURCE_TIMEOUT_MS);
    if (err == OYEZ_OK && question->page.count <= frame) {
        err = oyez_fail(OYEZ_ERR_MALFORMED, "an answer without what was asked for");
    }
    if (err == OYEZ_OK) {
        err = copy(out, out_size, question->page.frames[frame].bytes,
                   question->page.frames[frame].size);
    }
    ask_page_free(&asker.page);
    free(question);
    return err;
}

static oyez_err load_checkpoint(const char *directory, char **out, size_t *size)
{
    *out = malloc(OYEZ_NOTE_SIZE_MAX);
    return *out != NULL ? oyez_checkpoint_load(directory, NULL, *out, size)
                        : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a checkpoint");
}

static oyez_err read_checkpoint(const char *bytes, size_t size, struct oyez_checkpoint *checkpoint,
                                char *key, size_t key_size)
{
    struct oyez_note note;
    oyez_err err = oyez_note_parse(&note, bytes, size);
    if (err == OYEZ_OK) {
        err = oyez_checkpoint_read(checkpoint, note.text, note.text_size);
    }
    if (err == OYEZ_OK && key != NULL) {
        const struct oyez_note_signature *first = &note.signatures[0];
        snprintf(key, key_size, "%.*s+%08x", note.signature_count > 0 ? (int)first->name_size : 0,
                 note.signature_count > 0 ? first->name : "",
                 note.signature_count > 0 ? first->key_id : 0);
    }
    return err;
}

oyez_err source_checkpoint(struct source *source, struct source_checkpoint *out)
{
    struct oyez_checkpoint checkpoint;
    char *note = NULL;
    size_t size = 0;
    oyez_err err = source->engine != NULL ? load_checkpoint(source->directory, &note, &size)
                                          : ask_server(source, NULL, &note, &size);
    if (err == OYEZ_OK) {
        err = read_checkpoint(note, size, &checkpoint, out->key, sizeof out->key);
    }
    if (err == OYEZ_OK) {
        out->size = checkpoint.size;
    }
    free(note);
    return err;
}

static oyez_err prove_from(const char *directory, const struct oyez_event *event, char **out,
                           size_t *size)
{
    oyez_journal_reader *reader = NULL;
    uint64_t index;
    oyez_err err = oyez_journal_reader_open(&reader, directory, NULL);
    if (err == OYEZ_OK) {
        err = oyez_journal_reader_find_event_id(reader, event->event_id, &index);
    }
    if (err == OYEZ_OK) {
        err = oyez_journal_prove(reader, index, NULL, 0, out, size);
    }
    oyez_journal_reader_close(&reader);
    return err;
}

static oyez_err check_inclusion(const struct oyez_proof *proof, oyez_leaf_hasher *hasher,
                                struct oyez_checkpoint *checkpoint)
{
    struct oyez_hash hash = {.bytes = {0}};
    oyez_err err = read_checkpoint(proof->checkpoint, proof->checkpoint_size, checkpoint, NULL, 0);
    if (err == OYEZ_OK) {
        err = oyez_leaf_hash(hasher, proof->leaf, proof->leaf_size, hash.bytes);
    }
    return err == OYEZ_OK ? oyez_tree_check_inclusion(hasher, &hash, proof->index, checkpoint->size,
                                                      &checkpoint->root, &proof->path)
                          : err;
}

static oyez_err check_place(const struct oyez_proof *proof, const struct oyez_event *event)
{
    struct oyez_journal_record record;
    oyez_err err = oyez_leaf_read(&record, proof->leaf, proof->leaf_size);
    if (err == OYEZ_OK &&
        (record.epoch != event->stamp.epoch || record.position != event->stamp.position)) {
        err = oyez_fail(OYEZ_ERR_CORRUPT, "the proof is of another event");
    }
    return err;
}

static oyez_err check_proof(const char *key, const char *bytes, size_t size,
                            const struct oyez_event *event, uint64_t *records)
{
    struct oyez_note_verifier verifier;
    struct oyez_checkpoint checkpoint;
    struct oyez_proof *proof = malloc(sizeof *proof);
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    oyez_leaf_hasher *hasher = NULL;
    oyez_err err = proof != NULL && leaf != NULL
                       ? oyez_leaf_hasher_open(&hasher)
                       : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a proof");
    if (err == OYEZ_OK) {
        err = oyez_proof_read(proof, bytes, size, leaf);
    }
    if (err == OYEZ_OK && key != NULL) {
        err = oyez_note_verifier_read(&verifier, key);
    }
    if (err == OYEZ_OK) {
        err = key != NULL ? oyez_proof_check(proof, hasher, &verifier, 1, &checkpoint, NULL)
                          : check_inclusion(proof, hasher, &checkpoint);
    }
    if (err == OYEZ_OK) {
        err = check_place(proof, event);
    }
    if (err == OYEZ_OK) {
        *records = checkpoint.size;
    }
    oyez_leaf_hasher_close(&hasher);
    free(leaf);
    free(proof);
    return err;
}

oyez_err source_prove(struct source *source, const struct oyez_event *event, uint64_t *size)
{
    char *bytes = NULL;
    size_t bytes_size = 0;
    oyez_err err = source->engine != NULL
                       ? prove_from(source->directory, event, &bytes, &bytes_size)
                       : ask_server(source, event, &bytes, &bytes_size);
    if (err == OYEZ_OK) {
        err = check_proof(source->key, bytes, bytes_size, event, size);
    }
    free(bytes);
    return err;
}
