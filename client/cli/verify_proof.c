// SPDX-License-Identifier: MIT
#include "verify_proof.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "inert.h"
#include "message.h"
#include "oyez/limits.h"
#include "oyez/proof.h"
#include "oyez/uuid.h"
#include "whole_file.h"
#include "wire/envelope.h"

struct proven {
    uint8_t *bytes;
    size_t size;
    uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    struct oyez_proof proof;
    struct oyez_checkpoint checkpoint;
    struct oyez_journal_record record;
    bool with_event; // the bytes given are those to which the leaf commits
};

static oyez_err check_event(struct proven *proven, oyez_leaf_hasher *hasher, const char *path)
{
    uint8_t *bytes = NULL;
    size_t size;
    struct oyez_event_parts parts;
    oyez_err err = whole_file_read(path, OYEZ_DETAILS_SIZE_MAX + 65536u, &bytes, &size);
    if (err != OYEZ_OK) {
        return err;
    }
    err = oyez_event_split(&parts, bytes, size);
    if (err == OYEZ_OK) {
        const struct oyez_journal_record event = {
            .kind = proven->record.kind,
            .header = parts.header,
            .header_size = parts.header_size,
            .salt = parts.salt,
            .salt_size = parts.salt_size,
            .signature = parts.signature,
            .signature_size = parts.signature_size,
            .details = parts.details,
            .details_size = parts.details_size,
            .details_format = (uint8_t)parts.details_format,
        };
        err = oyez_leaf_check_event(hasher, &proven->record, &event);
    }
    proven->with_event = err == OYEZ_OK;
    free(bytes);
    return err;
}

static oyez_err check(struct proven *proven, const char *path, const struct verifying_key *key,
                      const char *event)
{
    oyez_leaf_hasher *hasher = NULL;
    oyez_err err = whole_file_read(path, OYEZ_PROOF_SIZE_MAX, &proven->bytes, &proven->size);
    if (err == OYEZ_OK) {
        err = oyez_leaf_hasher_open(&hasher);
    }
    if (err == OYEZ_OK) {
        err = oyez_proof_read(&proven->proof, proven->bytes, proven->size, proven->leaf);
    }
    if (err == OYEZ_OK) {
        err =
            oyez_proof_check(&proven->proof, hasher, &key->verifier, 1, &proven->checkpoint, NULL);
    }
    if (err == OYEZ_OK) {
        err = oyez_leaf_read(&proven->record, proven->proof.leaf, proven->proof.leaf_size);
    }
    if (err == OYEZ_OK && event != NULL) {
        err = check_event(proven, hasher, event);
    }
    oyez_leaf_hasher_close(&hasher);
    return err;
}

static void print_json(const struct proven *proven, const char *path)
{
    const struct oyez_journal_record *record = &proven->record;
    json_t *object =
        json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:s, s:b}", "proof", path, "proven", 1,
                  "index", (json_int_t)proven->proof.index, "kind", (json_int_t)record->kind,
                  "epoch", (json_int_t)record->epoch, "position", (json_int_t)record->position,
                  "records", (json_int_t)proven->checkpoint.size, "origin",
                  proven->checkpoint.origin, "event", proven->with_event ? 1 : 0);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const struct proven *proven, const char *path)
{
    const struct oyez_journal_record *record = &proven->record;
    inert_write(stdout, path, strlen(path));
    printf(": proven: record %" PRIu64 ", at %" PRIu64 ":%" PRIu64 ", is one of the %" PRIu64
           " that ",
           proven->proof.index, record->epoch, record->position, proven->checkpoint.size);
    inert_write(stdout, proven->checkpoint.origin, strlen(proven->checkpoint.origin));
    puts(" has signed");
    puts(proven->with_event ? "the event that was given is the one recorded there, to the byte"
                            : "what the event said is not compared: give its bytes with --event "
                              "(oyez get --raw)");
}

int verify_proof(const char *path, const struct verifying_key *key, const char *event, bool json)
{
    if (!key->found) {
        message_print("a proof needs the key that it is checked with: --key VKEY");
        return EXIT_USAGE;
    }
    struct proven *proven = calloc(1, sizeof *proven);
    if (proven == NULL) {
        return command_fail(OYEZ_ERR_NO_MEMORY);
    }
    int code = EXIT_DONE;
    oyez_err err = check(proven, path, key, event);
    if (err == OYEZ_OK) {
        if (json) {
            print_json(proven, path);
        } else {
            print_text(proven, path);
        }
    } else if (err == OYEZ_ERR_IO || err == OYEZ_ERR_NO_MEMORY || err == OYEZ_ERR_SYSTEM) {
        code = command_fail(err);
    } else {
        inert_write(stdout, path, strlen(path));
        printf(": not proven: ");
        inert_write(stdout, command_reason(err), strlen(command_reason(err)));
        putchar('\n');
        code = EXIT_CHECK_FAILED;
    }
    free(proven->bytes);
    free(proven);
    return code;
}
