// SPDX-License-Identifier: MIT
// Writes whatever records it is told to into a journal, for the oracle of queries:
//
//   query_journal DIRECTORY SEGMENT_BYTES
//
// Reads an object a line: a record, with bytes in hex and with the names below for its fields; or {},
// which commits and is answered with the number of records. Ends, and closes, with its input.
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/journal.h"

#define BYTES_FIELDS 5u // of a record

struct made {
    struct oyez_journal_record record;
    uint8_t *bytes[BYTES_FIELDS];
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "query_journal: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

// Nothing here outlives a power cut.
static int sync_nothing(void *context, int fd)
{
    (void)context;
    (void)fd;
    return 0;
}

static int sync_no_directory(void *context, const char *path)
{
    (void)context;
    (void)path;
    return 0;
}

static uint64_t read_number(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

static uint8_t *read_bytes(const json_t *object, const char *name, size_t *size)
{
    const char *hex = json_string_value(json_object_get(object, name));
    *size = 0;
    if (hex == NULL)
        return NULL;
    *size = strlen(hex) / 2;
    uint8_t *bytes = malloc(*size + 1);
    if (bytes == NULL)
        abort();
    for (size_t i = 0; i < *size; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        char *end;
        bytes[i] = (uint8_t)strtoul(digits, &end, 16);
        require(end == digits + 2, name);
    }
    return bytes;
}

static void read_uuid(const json_t *object, const char *name, struct oyez_uuid *out)
{
    size_t size;
    uint8_t *bytes = read_bytes(object, name, &size);
    if (size == OYEZ_UUID_SIZE)
        memcpy(out->bytes, bytes, OYEZ_UUID_SIZE);
    free(bytes);
}

static void read_stamp(struct oyez_journal_record *record, const json_t *object)
{
    record->kind = (enum oyez_record_kind)read_number(object, "kind");
    record->flags = (uint8_t)read_number(object, "flags");
    record->epoch = read_number(object, "epoch");
    record->position = read_number(object, "position");
    record->broker_time = read_number(object, "time");
    record->emitter_seq = read_number(object, "number");
    record->type_seq = read_number(object, "type_seq");
    read_uuid(object, "emitter", &record->emitter_id);
    read_uuid(object, "id", &record->event_id);
}

static struct made read_record(const json_t *object)
{
    struct made made = {0};
    struct oyez_journal_record *record = &made.record;
    size_t commitment_size;
    read_stamp(record, object);
    made.bytes[0] = read_bytes(object, "header", &record->header_size);
    made.bytes[1] = read_bytes(object, "salt", &record->salt_size);
    made.bytes[2] = read_bytes(object, "signature", &record->signature_size);
    made.bytes[3] = read_bytes(object, "details", &record->details_size);
    made.bytes[4] = read_bytes(object, "commitment", &commitment_size);
    record->header = made.bytes[0];
    record->salt = made.bytes[1];
    record->signature = made.bytes[2];
    record->details = made.bytes[3];
    record->commitment = made.bytes[4];
    record->details_format = (uint8_t)read_number(object, "format");
    record->event_type = json_string_value(json_object_get(object, "type"));
    record->event_type_size = record->event_type != NULL ? strlen(record->event_type) : 0;
    record->occurred_at = (int64_t)read_number(object, "occurred_at");
    record->first_index = read_number(object, "first");
    record->last_position = read_number(object, "last");
    record->reason = (enum oyez_gap_reason)read_number(object, "reason");
    record->highest_position = read_number(object, "highest");
    record->next_epoch = read_number(object, "next");
    record->clean = read_number(object, "clean") != 0;
    return made;
}

static void append(oyez_journal *journal, const json_t *object)
{
    struct made made = read_record(object);
    oyez_err err = oyez_journal_append(journal, &made.record, NULL);
    if (err == OYEZ_ERR_FULL) {
        require(oyez_journal_commit(journal, NULL) == OYEZ_OK, "commit");
        err = oyez_journal_append(journal, &made.record, NULL);
    }
    require(err == OYEZ_OK, "append");
    for (size_t i = 0; i < BYTES_FIELDS; i++)
        free(made.bytes[i]);
}

int main(int argc, char **argv)
{
    oyez_journal *journal = NULL;
    struct oyez_disk disk = *oyez_disk_system();
    char *line = NULL;
    size_t room = 0;
    if (argc != 3) {
        fprintf(stderr, "usage: query_journal DIRECTORY SEGMENT_BYTES\n");
        return 2;
    }
    disk.fdatasync = sync_nothing;
    disk.sync_directory = sync_no_directory;
    const struct oyez_journal_options options = {.disk = &disk,
                                                 .segment_size = strtoull(argv[2], NULL, 10)};
    require(oyez_journal_open(&journal, argv[1], &options, NULL) == OYEZ_OK, argv[1]);
    while (getline(&line, &room, stdin) > 0) {
        json_t *object = json_loads(line, 0, NULL);
        require(json_is_object(object), "no object");
        if (json_object_size(object) > 0) {
            append(journal, object);
        } else {
            require(oyez_journal_commit(journal, NULL) == OYEZ_OK, "commit");
            printf("%" PRIu64 "\n", oyez_journal_next_index(journal));
            fflush(stdout);
        }
        json_decref(object);
    }
    free(line);
    require(oyez_journal_close(&journal) == OYEZ_OK, "close");
    return 0;
}
