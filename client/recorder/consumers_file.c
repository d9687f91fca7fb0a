// SPDX-License-Identifier: MIT
#include "consumers_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_HEAD_SIZE 12u
#define BODY_SIZE_MAX (RECORDER_CONSUMER_PATTERNS_SIZE_MAX + 512u)
#define FILE_SIZE_MAX ((size_t)1 << 28)
// The file is made anew when it is larger than this and four times what its consumers need.
#define REWRITE_SIZE (256u * 1024u)

enum { KIND_JOURNAL = 1, KIND_CONSUMER = 2, KIND_DELETED = 3 };

// FNV-1a: against half-written files, not against anybody.
static uint64_t checksum(const uint8_t *size, const uint8_t *body, size_t body_size)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < 4; i++)
        sum = (sum ^ size[i]) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < body_size; i++)
        sum = (sum ^ body[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static uint8_t *put_number(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

static uint64_t get_number(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t size = strlen(text);
    *at++ = (uint8_t)size;
    return put_bytes(at, text, size);
}

// Makes room for one more record. NULL: no memory.
static uint8_t *begin_record(struct recorder_consumers_file *file)
{
    size_t wanted = file->waiting_size + RECORD_HEAD_SIZE + BODY_SIZE_MAX;
    if (wanted > file->waiting_room) {
        uint8_t *grown = realloc(file->waiting, wanted * 2);
        if (grown == NULL)
            return NULL;
        file->waiting = grown;
        file->waiting_room = wanted * 2;
    }
    return file->waiting + file->waiting_size + RECORD_HEAD_SIZE;
}

static void end_record(struct recorder_consumers_file *file, const uint8_t *end)
{
    uint8_t *head = file->waiting + file->waiting_size;
    uint8_t *body = head + RECORD_HEAD_SIZE;
    size_t size = (size_t)(end - body);
    put_number(head, size, 4);
    put_number(head + 4, checksum(head, body, size), 8);
    file->waiting_size += RECORD_HEAD_SIZE + size;
}

static bool add_journal_id(struct recorder_consumers_file *file)
{
    uint8_t *at = begin_record(file);
    if (at == NULL)
        return false;
    *at++ = KIND_JOURNAL;
    end_record(file, put_bytes(at, file->journal_id, sizeof file->journal_id));
    return true;
}

bool recorder_consumers_file_add(struct recorder_consumers_file *file,
                                 const struct recorder_consumer *consumer)
{
    uint8_t *at = begin_record(file);
    if (at == NULL)
        return false;
    *at++ = KIND_CONSUMER;
    at = put_text(at, consumer->name);
    at = put_number(at, consumer->epoch, 8);
    at = put_number(at, consumer->position, 8);
    at = put_number(at, consumer->last_seen, 8);
    at = put_number(at, consumer->lease_ms, 4);
    at = put_bytes(at, consumer->holder, sizeof consumer->holder);
    at = put_text(at, consumer->holder_name);
    end_record(file, put_bytes(at, consumer->patterns, consumer->patterns_size));
    return true;
}

bool recorder_consumers_file_add_deletion(struct recorder_consumers_file *file, const char *name)
{
    uint8_t *at = begin_record(file);
    if (at == NULL)
        return false;
    *at++ = KIND_DELETED;
    end_record(file, put_text(at, name));
    return true;
}

// What is left of a body. Reading beyond its end leaves `cut`.
struct body {
    const uint8_t *at;
    const uint8_t *end;
    bool cut;
};

static const uint8_t *take(struct body *body, size_t size)
{
    const uint8_t *at = body->at;
    if (body->cut || (size_t)(body->end - at) < size) {
        body->cut = true;
        return NULL;
    }
    body->at += size;
    return at;
}

static uint64_t take_number(struct body *body, unsigned bytes)
{
    const uint8_t *at = take(body, bytes);
    return at != NULL ? get_number(at, bytes) : 0;
}

static void take_text(struct body *body, char *to, size_t room)
{
    size_t size = (size_t)take_number(body, 1);
    const uint8_t *at = take(body, size);
    if (at == NULL || size >= room) {
        body->cut = true;
        return;
    }
    memcpy(to, at, size);
    to[size] = '\0';
}

// False: it is no consumer, or there is no memory for it.
static bool read_consumer(struct body *body, struct recorder_consumers *consumers, uint64_t now_ms)
{
    struct recorder_consumer entry = {0};
    take_text(body, entry.name, sizeof entry.name);
    entry.epoch = take_number(body, 8);
    entry.position = take_number(body, 8);
    entry.last_seen = take_number(body, 8);
    entry.lease_ms = (uint32_t)take_number(body, 4);
    const uint8_t *holder = take(body, sizeof entry.holder);
    take_text(body, entry.holder_name, sizeof entry.holder_name);
    entry.patterns_size = (size_t)(body->end - body->at);
    if (body->cut || holder == NULL || entry.patterns_size == 0 || body->end[-1] != '\0' ||
        entry.patterns_size > RECORDER_CONSUMER_PATTERNS_SIZE_MAX ||
        !recorder_consumers_is_name(entry.name))
        return false;
    memcpy(entry.holder, holder, sizeof entry.holder);
    entry.lease_end_ms = now_ms + entry.lease_ms;
    entry.patterns = (char *)body->at;
    return recorder_consumers_put(consumers, &entry);
}

// Takes one record's body. False: another journal's file.
static bool read_body(struct recorder_consumers_file *file, struct body *body,
                      struct recorder_consumers *consumers, uint64_t now_ms)
{
    char name[sizeof((struct recorder_consumer *)0)->name];
    const uint8_t *id;
    switch (take_number(body, 1)) {
    case KIND_JOURNAL:
        id = take(body, sizeof file->journal_id);
        return id == NULL || memcmp(id, file->journal_id, sizeof file->journal_id) == 0;
    case KIND_CONSUMER:
        (void)read_consumer(body, consumers, now_ms);
        return true;
    case KIND_DELETED:
        take_text(body, name, sizeof name);
        if (!body->cut)
            recorder_consumers_remove(consumers, name);
        return true;
    default:
        return true;
    }
}

// The size of the record that stands here; 0: none does.
static size_t find_record(const uint8_t *at, size_t left)
{
    if (left < RECORD_HEAD_SIZE)
        return 0;
    size_t size = (size_t)get_number(at, 4);
    if (size == 0 || size > BODY_SIZE_MAX || size > left - RECORD_HEAD_SIZE)
        return 0;
    if (get_number(at + 4, 8) != checksum(at, at + RECORD_HEAD_SIZE, size))
        return 0;
    return RECORD_HEAD_SIZE + size;
}

// Behind damage it goes on at the next place where a record stands: cursors only ever grow, so an
// older one means that events come again, and none at all that they are not known to be handled.
static void read_records(struct recorder_consumers_file *file, const uint8_t *bytes, size_t size,
                         struct recorder_consumers *consumers, uint64_t now_ms,
                         struct recorder_consumers_report *report)
{
    uint64_t skipped = 0;
    for (size_t at = 0; at < size;) {
        size_t record = find_record(bytes + at, size - at);
        if (record == 0) {
            skipped++;
            at++;
            continue;
        }
        report->damaged_bytes += skipped;
        skipped = 0;
        struct body body = {.at = bytes + at + RECORD_HEAD_SIZE, .end = bytes + at + record};
        if (!read_body(file, &body, consumers, now_ms)) {
            recorder_consumers_free(consumers);
            report->foreign = true;
            return;
        }
        at += record;
    }
    report->torn_bytes = skipped;
}

static oyez_err open_file(struct recorder_consumers_file *file)
{
    file->fd = file->disk->open(file->disk->context, file->path, O_RDWR, 0);
    return file->fd >= 0 ? OYEZ_OK : oyez_disk_fail(file->path, "opening");
}

static void close_file(struct recorder_consumers_file *file)
{
    if (file->fd >= 0)
        file->disk->close(file->disk->context, file->fd);
    file->fd = -1;
}

oyez_err recorder_consumers_file_open(struct recorder_consumers_file *file,
                                      const struct oyez_disk *disk, const char *directory,
                                      const uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE],
                                      struct recorder_consumers *consumers, uint64_t now_ms,
                                      struct recorder_consumers_report *report)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    *report = (struct recorder_consumers_report){0};
    *file = (struct recorder_consumers_file){.disk = disk, .fd = -1};
    memcpy(file->journal_id, journal_id, sizeof file->journal_id);
    oyez_err err = oyez_disk_path(file->path, directory, RECORDER_CONSUMERS_FILE);
    if (err != OYEZ_OK)
        return err;
    err = oyez_disk_load_new(disk, file->path, FILE_SIZE_MAX, &bytes, &size);
    if (err != OYEZ_OK)
        return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
    read_records(file, bytes, size, consumers, now_ms, report);
    free(bytes);
    file->size = size;
    // What is not whole is not appended to.
    if (report->torn_bytes + report->damaged_bytes > 0 || report->foreign)
        return OYEZ_OK;
    return open_file(file);
}

static oyez_err append_waiting(struct recorder_consumers_file *file)
{
    const struct oyez_disk *disk = file->disk;
    oyez_err err =
        oyez_disk_write(disk, file->fd, file->path, file->waiting, file->waiting_size, file->size);
    if (err == OYEZ_OK && disk->fdatasync(disk->context, file->fd) != 0)
        err = oyez_disk_fail(file->path, "syncing");
    file->size += file->waiting_size;
    return err;
}

// An entry's size in the file, or more.
static uint64_t needed(const struct recorder_consumers *consumers)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < consumers->count; i++)
        sum += 256u + consumers->sorted[i]->patterns_size;
    return sum;
}

static oyez_err make_anew(struct recorder_consumers_file *file,
                          const struct recorder_consumers *consumers)
{
    close_file(file);
    file->waiting_size = 0;
    bool room = add_journal_id(file);
    for (size_t i = 0; room && i < consumers->count; i++)
        room = recorder_consumers_file_add(file, consumers->sorted[i]);
    if (!room)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to write %s", RECORDER_CONSUMERS_FILE);
    oyez_err err = oyez_disk_replace(file->disk, file->path, file->waiting, file->waiting_size);
    file->size = file->waiting_size;
    return err == OYEZ_OK ? open_file(file) : err;
}

oyez_err recorder_consumers_file_sync(struct recorder_consumers_file *file,
                                      const struct recorder_consumers *consumers)
{
    oyez_err err = OYEZ_OK;
    if (file->waiting_size == 0)
        return OYEZ_OK;
    uint64_t size = file->size + file->waiting_size;
    if (file->fd < 0 || (size > REWRITE_SIZE && size > 4 * needed(consumers)))
        err = make_anew(file, consumers);
    else
        err = append_waiting(file);
    file->waiting_size = 0;
    // After an error nobody knows what the disk has: the next write makes the file anew.
    if (err != OYEZ_OK)
        close_file(file);
    return err;
}

void recorder_consumers_file_close(struct recorder_consumers_file *file)
{
    if (file->disk != NULL)
        close_file(file);
    free(file->waiting);
    file->waiting = NULL;
    file->waiting_size = file->waiting_room = 0;
}
