// SPDX-License-Identifier: MIT
#include "proving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/proof.h"
#include "wire/field.h"

struct proof {
    uint64_t request_id;
    struct oyez_uuid event_id; // zero = only the checkpoint
    uint64_t index;
    char note[OYEZ_NOTE_SIZE_MAX];
    size_t note_size;
    char *bytes;
    size_t size;
};

// Looks for the one body that is ours: a whole request is large to decode.
static bool read_request(const struct recorder_ask *ask, struct proof *proof,
                         struct wire_field *body)
{
    struct wire_reader reader = {.at = ask->request, .end = ask->request + ask->size};
    struct wire_field field;
    bool found = false;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return false;
        if (field.number == oyez_v1_QueryRequest_request_id_tag && field.type == WIRE_VARINT)
            proof->request_id = field.integer;
        if (field.number == oyez_v1_QueryRequest_proof_tag && field.type == WIRE_BYTES) {
            found = true;
            *body = field;
        }
    }
    return found;
}

static oyez_err read_event_id(const struct wire_field *body, struct proof *proof)
{
    struct wire_reader reader = {.at = body->bytes, .end = body->bytes + body->size};
    struct wire_field field;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return oyez_fail(OYEZ_ERR_MALFORMED, "no such question");
        if (field.number != oyez_v1_ProofRequest_event_id_tag || field.size == 0)
            continue;
        if (field.type != WIRE_BYTES || field.size != OYEZ_UUID_SIZE)
            return oyez_fail(OYEZ_ERR_MALFORMED, "event_id: 16 bytes, or none");
        memcpy(proof->event_id.bytes, field.bytes, OYEZ_UUID_SIZE);
    }
    return OYEZ_OK;
}

static oyez_err prove_event(const struct oyez_recorder *recorder, struct proof *proof)
{
    oyez_journal_reader *reader = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, recorder->directory, recorder->disk);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_find_event_id(reader, proof->event_id, &proof->index);
    if (err == OYEZ_ERR_NOT_FOUND) {
        err = oyez_fail(OYEZ_ERR_NOT_FOUND, "no event with this id is recorded");
    } else if (err == OYEZ_OK) {
        err = oyez_journal_prove(reader, proof->index, proof->note, proof->note_size, &proof->bytes,
                                 &proof->size);
        // It is there, but was not safe yet when the checkpoint was made.
        if (err == OYEZ_ERR_NOT_FOUND)
            err = OYEZ_ERR_BUSY;
    }
    oyez_journal_reader_close(&reader);
    return err;
}

static oyez_err prove(struct oyez_recorder *recorder, struct proof *proof)
{
    oyez_err err = oyez_journal_checkpoint(recorder->journal);
    if (err == OYEZ_OK)
        err = oyez_checkpoint_load(recorder->directory, recorder->disk, proof->note,
                                   &proof->note_size);
    if (err == OYEZ_OK && !oyez_uuid_is_zero(proof->event_id))
        err = prove_event(recorder, proof);
    return err;
}

static oyez_v1_QueryFault fault_of(oyez_err err)
{
    switch (err) {
    case OYEZ_OK:
        return oyez_v1_QueryFault_QUERY_FAULT_NONE;
    case OYEZ_ERR_MALFORMED:
        return oyez_v1_QueryFault_QUERY_FAULT_INVALID;
    case OYEZ_ERR_NOT_FOUND:
        return oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND;
    case OYEZ_ERR_CORRUPT:
        return oyez_v1_QueryFault_QUERY_FAULT_CORRUPT;
    case OYEZ_ERR_BUSY:
        return oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE;
    default:
        return oyez_v1_QueryFault_QUERY_FAULT_IO;
    }
}

static bool add_answer(struct recorder_answer *answer, const struct proof *proof, oyez_err err)
{
    static _Thread_local oyez_v1_QueryAnswer first;
    memset(&first, 0, sizeof first);
    first.request_id = proof->request_id;
    first.fault = fault_of(err);
    if (err != OYEZ_OK)
        snprintf(first.text, sizeof first.text, "%s", oyez_error_detail());
    if (err == OYEZ_OK && proof->bytes != NULL)
        first.indexes[first.indexes_count++] = proof->index;
    return recorder_answer_add_message(answer, &first) &&
           (err != OYEZ_OK || recorder_answer_add(answer, proof->note, proof->note_size)) &&
           (proof->bytes == NULL || recorder_answer_add(answer, proof->bytes, proof->size));
}

bool recorder_prove(struct oyez_recorder *recorder, const struct recorder_ask *ask,
                    struct recorder_answer *answer, bool *made)
{
    static _Thread_local struct proof proof;
    struct wire_field body;
    proof = (struct proof){.bytes = NULL};
    if (!read_request(ask, &proof, &body))
        return false;
    oyez_err err = read_event_id(&body, &proof);
    if (err == OYEZ_OK)
        err = prove(recorder, &proof);
    *made = add_answer(answer, &proof, err);
    free(proof.bytes);
    return true;
}
