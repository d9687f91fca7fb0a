// SPDX-License-Identifier: MIT
#include "records_answering.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oyez/checkpoint.h"
#include "oyez/tiles.h"
#include "query.pb.h"
#include "wire/field.h"

// A page ends behind the record that fills it.
#define PAGE_SIZE (512u * 1024u)
// Of the frames that a page travels in: a record may be larger than a frame can be.
#define CHUNK_SIZE (512u * 1024u)

struct question {
    uint64_t request_id;
    uint64_t from;
};

// Looks for the one body that is ours: a whole request is large to decode.
static bool read_request(const struct recorder_ask *ask, struct question *out)
{
    struct wire_reader reader = {.at = ask->request, .end = ask->request + ask->size};
    struct wire_field field, body = {.number = 0};
    *out = (struct question){.from = 0};
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return false;
        if (field.number == oyez_v1_QueryRequest_request_id_tag && field.type == WIRE_VARINT)
            out->request_id = field.integer;
        if (field.number == oyez_v1_QueryRequest_records_tag && field.type == WIRE_BYTES)
            body = field;
    }
    struct wire_reader inner = {.at = body.bytes, .end = body.bytes + body.size};
    while (body.number != 0 && inner.at < inner.end && wire_read_field(&inner, &field)) {
        if (field.number == oyez_v1_RecordsRequest_from_index_tag && field.type == WIRE_FIXED64)
            out->from = field.integer;
    }
    return body.number != 0;
}

static oyez_err open_desk(struct oyez_recorder *recorder, struct recorder_records_desk *desk)
{
    oyez_err err = OYEZ_OK;
    if (desk->hasher == NULL)
        err = oyez_leaf_hasher_open(&desk->hasher);
    if (err == OYEZ_OK && desk->reader == NULL)
        err = oyez_journal_reader_open(&desk->reader, recorder->directory, recorder->disk);
    return err;
}

static oyez_err read_hash(const struct oyez_recorder *recorder, uint64_t index,
                          uint8_t hash[OYEZ_LEAF_HASH_SIZE])
{
    struct oyez_hash found = {0};
    oyez_tiles *tiles = NULL;
    oyez_err err = oyez_tiles_open(&tiles, recorder->directory, recorder->disk);
    if (err == OYEZ_OK)
        err = oyez_tiles_read(tiles, 0, index, 1, &found);
    oyez_tiles_close(&tiles);
    memcpy(hash, found.bytes, sizeof found.bytes);
    return err;
}

static oyez_err hash_before(const struct oyez_recorder *recorder,
                            struct recorder_records_desk *desk, uint64_t from, uint64_t end,
                            uint8_t hash[OYEZ_LEAF_HASH_SIZE], size_t *size)
{
    static _Thread_local uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    struct oyez_journal_record record;
    size_t leaf_size;
    *size = 0;
    if (from == 0 || from > end)
        return OYEZ_OK;
    *size = OYEZ_LEAF_HASH_SIZE;
    if (from == desk->begin.index) // the record has expired, its hash has not
        return read_hash(recorder, from - 1, hash);
    oyez_err err = oyez_journal_reader_read(desk->reader, from - 1, &record);
    if (err == OYEZ_OK)
        err = oyez_leaf_build(desk->hasher, &record, leaf, &leaf_size);
    if (err == OYEZ_OK)
        err = oyez_leaf_hash(desk->hasher, leaf, leaf_size, hash);
    return err;
}

// Without a checkpoint that can be read the mirror has none to compare: no reason to give nothing.
static void read_checkpoint(const struct oyez_recorder *recorder, struct oyez_checkpoint *out)
{
    static _Thread_local char bytes[OYEZ_NOTE_SIZE_MAX];
    struct oyez_note note;
    size_t size;
    if (oyez_checkpoint_load(recorder->directory, recorder->disk, bytes, &size) != OYEZ_OK ||
        oyez_note_parse(&note, bytes, size) != OYEZ_OK ||
        oyez_checkpoint_read(out, note.text, note.text_size) != OYEZ_OK)
        out->size = 0;
}

static oyez_err make_page(const struct oyez_recorder *recorder, struct recorder_records_desk *desk,
                          uint64_t from, uint64_t end)
{
    uint8_t before[OYEZ_LEAF_HASH_SIZE];
    struct oyez_checkpoint checkpoint;
    read_checkpoint(recorder, &checkpoint);
    struct recorder_records_head head = {.end = end,
                                         .before = before,
                                         .checkpoint = checkpoint.size,
                                         .root = checkpoint.root.bytes,
                                         .root_size =
                                             checkpoint.size > 0 ? OYEZ_LEAF_HASH_SIZE : 0};
    struct oyez_journal_record record;
    size_t segments;
    oyez_err err = oyez_journal_reader_refresh(desk->reader, &segments);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_begin(desk->reader, &desk->begin);
    if (err == OYEZ_OK && from < desk->begin.index)
        err = oyez_fail(OYEZ_ERR_NOT_FOUND,
                        "the records before %" PRIu64 " have expired here: a mirror that has not "
                        "come so far begins with a backup (oyez backup, oyez restore)",
                        desk->begin.index);
    if (err == OYEZ_OK)
        err = hash_before(recorder, desk, from, end, before, &head.before_size);
    if (err == OYEZ_OK)
        err = recorder_records_begin(&desk->page, &head);
    if (err == OYEZ_OK && from < end)
        err = oyez_journal_reader_seek_index(desk->reader, from);
    while (err == OYEZ_OK && from < end && desk->page.size < PAGE_SIZE) {
        err = oyez_journal_reader_next(desk->reader, &record);
        if (err == OYEZ_OK)
            err = recorder_records_add(&desk->page, desk->hasher, &record);
        from++;
    }
    return err;
}

static oyez_v1_QueryFault fault_of(oyez_err err)
{
    return err == OYEZ_OK              ? oyez_v1_QueryFault_QUERY_FAULT_NONE
           : err == OYEZ_ERR_CORRUPT   ? oyez_v1_QueryFault_QUERY_FAULT_CORRUPT
           : err == OYEZ_ERR_NOT_FOUND ? oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE
                                       : oyez_v1_QueryFault_QUERY_FAULT_IO;
}

static bool add_answer(struct recorder_answer *answer, const struct question *question,
                       const struct recorder_bytes *page, oyez_err err)
{
    static _Thread_local oyez_v1_QueryAnswer first;
    memset(&first, 0, sizeof first);
    first.request_id = question->request_id;
    first.fault = fault_of(err);
    if (err != OYEZ_OK)
        snprintf(first.text, sizeof first.text, "%s", oyez_error_detail());
    bool made = recorder_answer_add_message(answer, &first);
    for (size_t at = 0; made && err == OYEZ_OK && at < page->size; at += CHUNK_SIZE) {
        size_t left = page->size - at;
        made = recorder_answer_add(answer, page->bytes + at, left < CHUNK_SIZE ? left : CHUNK_SIZE);
    }
    return made;
}

bool recorder_records_answer(struct oyez_recorder *recorder, struct recorder_records_desk *desk,
                             const struct recorder_ask *ask, struct recorder_answer *answer,
                             bool *made)
{
    struct question question;
    if (!read_request(ask, &question))
        return false;
    pthread_mutex_lock(&recorder->lock);
    uint64_t end = recorder->safe_records;
    pthread_mutex_unlock(&recorder->lock);
    oyez_err err = open_desk(recorder, desk);
    if (err == OYEZ_OK)
        err = make_page(recorder, desk, question.from, end);
    *made = add_answer(answer, &question, &desk->page, err);
    // A reader that has failed may be of use again when it is opened anew.
    if (err != OYEZ_OK)
        oyez_journal_reader_close(&desk->reader);
    return true;
}

void recorder_records_desk_close(struct recorder_records_desk *desk)
{
    oyez_journal_reader_close(&desk->reader);
    oyez_leaf_hasher_close(&desk->hasher);
    recorder_bytes_free(&desk->page);
}
