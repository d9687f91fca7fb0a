// SPDX-License-Identifier: MIT
// Appending: records become a group in memory, a group is one write, a sync makes it safe.
#include <fcntl.h>
#include <string.h>

#include "journal_state.h"
#include "oyez/disk.h"
#include "record_kind.h"

oyez_err oyez_journal_fail(oyez_journal *journal, oyez_err err)
{
    pthread_mutex_lock(&journal->lock);
    if (journal->failed == OYEZ_OK) {
        const char *detail = oyez_error_detail();
        size_t size = strnlen(detail, sizeof(journal->failure) - 1);
        memcpy(journal->failure, detail, size);
        journal->failure[size] = '\0';
        journal->failed = err;
    }
    pthread_mutex_unlock(&journal->lock);
    return err;
}

oyez_err oyez_journal_check_failed(oyez_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    oyez_err err = journal->failed;
    if (err != OYEZ_OK)
        (void)oyez_fail(err, "%s", journal->failure);
    pthread_mutex_unlock(&journal->lock);
    return err;
}

static uint32_t seed(const oyez_journal *journal)
{
    return journal->segment.header.sum;
}

static void note_cursor(oyez_journal *journal, const struct oyez_journal_record *record)
{
    if (!oyez_record_has_position(record->kind))
        return;
    journal->epoch = record->epoch;
    journal->position = oyez_record_reaches(record);
}

oyez_err oyez_journal_append(oyez_journal *journal, const struct oyez_journal_record *record,
                             uint64_t *index)
{
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];
    struct oyez_journal_record taken = *record;
    struct oyez_frame frame;
    oyez_err err = oyez_journal_check_failed(journal);

    if (err == OYEZ_OK)
        err = oyez_frame_check(record);
    if (err != OYEZ_OK)
        return err;
    size_t size = oyez_frame_measure(record);
    if (journal->group_size + size + OYEZ_MARK_SIZE + OYEZ_JOURNAL_FILL_STEP > journal->group_room)
        return oyez_fail(OYEZ_ERR_FULL, "the group holds %zu bytes", journal->group_size);
    if (oyez_record_is_repeat(record->kind) && record->commitment == NULL) {
        err = oyez_leaf_commit(journal->hasher, record, commitment);
        taken.commitment = commitment;
    }
    if (err == OYEZ_OK)
        err = oyez_journal_hash_leaf(journal, &taken);
    if (err == OYEZ_OK)
        err = oyez_segment_map_add(&journal->map, &taken, journal->end + journal->group_size);
    if (err != OYEZ_OK)
        return err;
    frame.bytes = journal->group + journal->group_size;
    oyez_frame_encode(journal->group + journal->group_size, &taken, journal->next_index,
                      seed(journal));
    journal->chain = oyez_frame_chain(journal->chain, &frame);
    oyez_journal_keep_hash(journal);
    journal->group_size += size;
    note_cursor(journal, &taken);
    if (index != NULL)
        *index = journal->next_index;
    journal->next_index++;
    return OYEZ_OK;
}

// Behind a small group zeros go to disk with it; a large one grows the file anyway.
static size_t fill_ahead(oyez_journal *journal, size_t size)
{
    uint64_t end = journal->end + size;

    if (end <= journal->filled || size >= OYEZ_JOURNAL_FILL_STEP)
        return 0;
    size_t zeros = OYEZ_JOURNAL_FILL_STEP - (size_t)(end % OYEZ_JOURNAL_FILL_STEP);
    memset(journal->group + size, 0, zeros);
    return zeros;
}

static bool is_due(const oyez_journal *journal)
{
    if (journal->end >= journal->segment_size)
        return true;
    return journal->segment_age > 0 && journal->disk->now(journal->disk->context) >=
                                           journal->segment.header.created + journal->segment_age;
}

// Seals the open segment and begins the next. What was written is safe before the seal says so.
static oyez_err rotate(oyez_journal *journal)
{
    oyez_err err = oyez_journal_sync(journal, NULL);

    if (err == OYEZ_OK)
        err = oyez_journal_settle(journal);
    pthread_mutex_lock(&journal->sync_lock);
    if (err == OYEZ_OK)
        err = oyez_journal_write_mark(journal, OYEZ_MARK_SEAL, true);
    if (err == OYEZ_OK && journal->disk->ftruncate(journal->disk->context, journal->segment.fd,
                                                   (off_t)journal->end) != 0)
        err = oyez_disk_fail(journal->segment.path, "cutting the zeros at the end");
    // Made again by whoever looks for an id, if this fails.
    if (err == OYEZ_OK)
        (void)oyez_event_ids_write(journal->disk, journal->directory, &journal->segment.header,
                                   journal->chain, &journal->map);
    if (err == OYEZ_OK)
        err = oyez_journal_begin_segment(journal);
    pthread_mutex_unlock(&journal->sync_lock);
    return err == OYEZ_OK ? OYEZ_OK : oyez_journal_fail(journal, err);
}

uint64_t oyez_journal_segment_first(const oyez_journal *journal)
{
    return journal->segment.header.first_index;
}

static void note_written(oyez_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    journal->written_end = journal->end;
    journal->written_index = journal->next_index;
    journal->written_epoch = journal->epoch;
    journal->written_position = journal->position;
    oyez_journal_hand_hashes_on(journal);
    pthread_mutex_unlock(&journal->lock);
}

static uint64_t read_synced(oyez_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t synced = journal->synced_end;
    pthread_mutex_unlock(&journal->lock);
    return synced;
}

oyez_err oyez_journal_write(oyez_journal *journal)
{
    oyez_err err = oyez_journal_check_failed(journal);

    if (err != OYEZ_OK || journal->group_size == 0)
        return err;
    err = oyez_journal_reserve_hashes(journal);
    if (err == OYEZ_OK && journal->closed)
        err = oyez_journal_reopen(journal);
    if (err != OYEZ_OK)
        return oyez_journal_fail(journal, err);
    const struct oyez_mark mark = {.kind = OYEZ_MARK_COMMIT,
                                   .index = journal->next_index,
                                   .records =
                                       (uint32_t)(journal->next_index - journal->group_first),
                                   .group_start = journal->end,
                                   .synced = read_synced(journal),
                                   .chain = journal->chain};
    size_t size = journal->group_size;
    size += oyez_mark_encode(journal->group + size, &mark, seed(journal));
    size_t zeros = fill_ahead(journal, size);
    err = oyez_disk_write(journal->disk, journal->segment.fd, journal->segment.path, journal->group,
                          size + zeros, journal->end);
    if (err != OYEZ_OK)
        return oyez_journal_fail(journal, err);
    journal->end += size;
    if (journal->end + zeros > journal->filled)
        journal->filled = journal->end + zeros;
    journal->group_size = 0;
    journal->closed = false;
    journal->group_first = journal->next_index;
    note_written(journal);
    return is_due(journal) ? rotate(journal) : OYEZ_OK;
}

oyez_err oyez_journal_sync(oyez_journal *journal, uint64_t *durable)
{
    pthread_mutex_lock(&journal->sync_lock);
    pthread_mutex_lock(&journal->lock);
    int fd = journal->segment.fd;
    uint64_t end = journal->written_end;
    uint64_t index = journal->written_index;
    uint64_t epoch = journal->written_epoch, position = journal->written_position;
    bool needed = end > journal->synced_end;
    pthread_mutex_unlock(&journal->lock);

    oyez_err err = oyez_journal_check_failed(journal);
    if (err == OYEZ_OK && needed && journal->disk->fdatasync(journal->disk->context, fd) != 0)
        err = oyez_journal_fail(journal, oyez_disk_fail(journal->segment.path, "syncing"));
    if (err == OYEZ_OK) {
        pthread_mutex_lock(&journal->lock);
        journal->synced_end = end;
        journal->durable = index;
        journal->durable_epoch = epoch;
        journal->durable_position = position;
        pthread_mutex_unlock(&journal->lock);
        if (durable != NULL)
            *durable = index;
    }
    pthread_mutex_unlock(&journal->sync_lock);
    return err;
}

oyez_err oyez_journal_commit(oyez_journal *journal, uint64_t *durable)
{
    oyez_err err = oyez_journal_write(journal);

    return err == OYEZ_OK ? oyez_journal_sync(journal, durable) : err;
}

oyez_err oyez_journal_write_mark(oyez_journal *journal, uint8_t kind, bool clean)
{
    uint8_t bytes[OYEZ_MARK_SEAL_SIZE];
    const struct oyez_mark mark = {.kind = kind,
                                   .clean = clean,
                                   .index = journal->next_index,
                                   .group_start = journal->end,
                                   .synced = journal->end,
                                   .chain = journal->chain,
                                   .span = journal->map.span};
    size_t size = oyez_mark_encode(bytes, &mark, seed(journal));
    oyez_err err = oyez_disk_write(journal->disk, journal->segment.fd, journal->segment.path, bytes,
                                   size, journal->end);

    if (err == OYEZ_OK &&
        journal->disk->fdatasync(journal->disk->context, journal->segment.fd) != 0)
        err = oyez_disk_fail(journal->segment.path, "syncing");
    if (err == OYEZ_OK)
        journal->end += size;
    return err;
}

static oyez_err write_new_file(oyez_journal *journal, struct oyez_segment *segment,
                               const char *path)
{
    const struct oyez_disk *disk = journal->disk;
    uint8_t bytes[OYEZ_SEGMENT_HEADER_SIZE];

    segment->fd = disk->open(disk->context, path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (segment->fd < 0)
        return oyez_disk_fail(path, "making");
    oyez_segment_header_encode(bytes, &segment->header);
    oyez_err err = oyez_disk_write(disk, segment->fd, path, bytes, sizeof(bytes), 0);
    if (err == OYEZ_OK && disk->fdatasync(disk->context, segment->fd) != 0)
        err = oyez_disk_fail(path, "syncing");
    if (err == OYEZ_OK && disk->rename(disk->context, path, segment->path) != 0)
        err = oyez_disk_fail(path, "renaming");
    if (err == OYEZ_OK && disk->sync_directory(disk->context, journal->directory) != 0)
        err = oyez_disk_fail(journal->directory, "syncing the directory");
    return err;
}

oyez_err oyez_journal_begin_segment(oyez_journal *journal)
{
    struct oyez_segment segment = {.fd = -1};
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];

    segment.header = (struct oyez_segment_header){
        .first_index = journal->next_index,
        .created = journal->disk->now(journal->disk->context),
        .chain = journal->next_index == 0 ? 0 : journal->chain,
    };
    memcpy(segment.header.journal_id, journal->journal_id, OYEZ_JOURNAL_ID_SIZE);
    oyez_segment_name(segment.name, journal->next_index, ".seg");
    oyez_segment_name(name, journal->next_index, ".seg.new");
    oyez_err err = oyez_disk_path(segment.path, journal->directory, segment.name);
    if (err == OYEZ_OK)
        err = oyez_disk_path(path, journal->directory, name);
    if (err == OYEZ_OK)
        err = write_new_file(journal, &segment, path);
    if (err != OYEZ_OK) {
        oyez_segment_close(&segment, journal->disk);
        return err;
    }
    oyez_segment_map_clear(&journal->map);
    journal->chain = segment.header.sum;
    journal->end = journal->filled = OYEZ_SEGMENT_HEADER_SIZE;
    journal->group_first = journal->next_index;
    journal->closed = false;
    pthread_mutex_lock(&journal->lock);
    oyez_segment_close(&journal->segment, journal->disk);
    journal->segment = segment;
    journal->written_end = journal->synced_end = OYEZ_SEGMENT_HEADER_SIZE;
    journal->written_index = journal->durable = journal->next_index;
    pthread_mutex_unlock(&journal->lock);
    return OYEZ_OK;
}
