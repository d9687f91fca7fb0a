// SPDX-License-Identifier: MIT
// Segments go from the beginning of a journal: an act says so first.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "erasures.h"
#include "expired.h"
#include "journal_state.h"
#include "oyez/disk.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define DIGITS 20u
#define ACT_SIZE_MAX (OYEZ_LEAF_SIZE_MAX - 64u)

// The text of the act.
struct text {
    char *bytes;
    size_t size;
    bool full;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
    size_t room = ACT_SIZE_MAX - text->size;
    va_list args;

    va_start(args, format);
    int size = vsnprintf(text->bytes + text->size, room, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= room)
        text->full = true;
    else
        text->size += (size_t)size;
}

static void put_time(struct text *text, uint64_t time)
{
    time_t seconds = (time_t)(time / NS_PER_SECOND);
    struct tm parts;
    char date[32];

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        return;
    put(text, "time %s.%09" PRIu64 "Z\n", date, time % NS_PER_SECOND);
}

static void put_act(struct text *text, const struct oyez_expiry *expiry, const char *by,
                    const char *why)
{
    put(text, "before %" PRIu64 "\n", expiry->before);
    if (expiry->epoch != 0)
        put(text, "last %" PRIu64 ":%" PRIu64 "\n", expiry->epoch, expiry->position);
    if (expiry->next_epoch != 0)
        put(text, "next %" PRIu64 "\n", expiry->next_epoch);
    if (expiry->time_last != 0)
        put_time(text, expiry->time_last);
    if (expiry->rotations_size > 0)
        put(text, "%s", expiry->rotations);
    put(text, "by %s\nwhy %s\n", by, why);
}

// Of copies nothing is erased but what was erased before.
static oyez_err copy_acts(oyez_journal *journal, const uint64_t *carried, size_t count,
                          uint64_t *first_copy)
{
    oyez_err err = OYEZ_OK;

    if (first_copy != NULL)
        *first_copy = journal->next_index;
    for (size_t i = 0; err == OYEZ_OK && i < count; i++) {
        struct oyez_journal_record record;
        err = oyez_journal_read(journal, carried[i], &record);
        if (err == OYEZ_OK)
            err = oyez_journal_append(journal, &record, NULL);
        if (err == OYEZ_ERR_FULL) {
            err = oyez_journal_commit(journal, NULL);
            i--;
        }
    }
    return err == OYEZ_OK ? oyez_journal_commit(journal, NULL) : err;
}

static oyez_err record_and_remove(oyez_journal *journal, struct oyez_journal_record *act,
                                  uint64_t before)
{
    struct oyez_unfinished unfinished = {.work = OYEZ_UNFINISHED_EXPIRE, .segment = before};
    // From now on nothing can make the hashes again.
    oyez_err err = oyez_journal_settle(journal);

    if (err != OYEZ_OK)
        return oyez_journal_fail(journal, err);
    err = oyez_journal_do_act(journal, &unfinished, act, 1);
    if (err == OYEZ_OK)
        oyez_expired_note(journal->disk, journal->directory, unfinished.act);
    return err;
}

static uint64_t begins_with(const oyez_journal *journal, oyez_err *err)
{
    struct oyez_segment_list list = {0};

    *err = oyez_segment_list_read(&list, journal->disk, journal->directory);
    uint64_t first = list.count > 0 ? list.first[0] : 0;
    free(list.first);
    return first;
}

static oyez_err check(const oyez_journal *journal, const struct oyez_expiry *expiry, const char *by,
                      const char *why)
{
    oyez_err err;

    if (!journal->tree.kept)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: nothing expires from a journal without a key",
                         journal->directory);
    if (strpbrk(by, "\r\n") != NULL || strpbrk(why, "\r\n") != NULL || why[0] == '\0')
        return oyez_fail(OYEZ_ERR_INVALID, "the reason is missing, or has a line break");
    uint64_t first = begins_with(journal, &err);
    if (err == OYEZ_OK && (first != expiry->first || expiry->before <= first ||
                           expiry->before > journal->segment.header.first_index))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: is not what it was when it was looked through",
                         journal->directory);
    return err;
}

oyez_err oyez_journal_expire(oyez_journal *journal, const struct oyez_expiry *expiry,
                             const uint64_t *carried, size_t carried_count, const char *by,
                             const char *why, uint64_t *first_copy)
{
    struct text text = {.bytes = malloc(ACT_SIZE_MAX)};
    oyez_err err = oyez_journal_check_failed(journal);

    if (err == OYEZ_OK && text.bytes == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "an act of retention");
    if (err == OYEZ_OK)
        err = check(journal, expiry, by, why);
    if (err == OYEZ_OK) {
        put_act(&text, expiry, by, why);
        if (text.full)
            err = oyez_fail(OYEZ_ERR_TOO_LARGE, "an act of more than %u bytes", ACT_SIZE_MAX);
    }
    if (err == OYEZ_OK)
        err = copy_acts(journal, carried, carried_count, first_copy);
    struct oyez_journal_record act = {.kind = OYEZ_RECORD_EXPIRED,
                                      .details = (const uint8_t *)text.bytes,
                                      .details_size = text.size};
    if (err == OYEZ_OK)
        err = record_and_remove(journal, &act, expiry->before);
    free(text.bytes);
    return err;
}

oyez_err oyez_journal_copy_expiry(oyez_journal *journal, const struct oyez_journal_record *act)
{
    struct oyez_journal_record copy = *act;
    struct oyez_expired expired;

    copy.index = journal->next_index;
    if (!oyez_expired_read(&expired, &copy))
        return oyez_fail(OYEZ_ERR_INVALID, "an act that removes nothing");
    return record_and_remove(journal, &copy, expired.before);
}

// Removing.

struct removal {
    oyez_journal *journal;
    const char *directory; // that is listed
    uint64_t limit;        // files of segments below this go
    oyez_err err;
};

static bool goes(const char *name, uint64_t limit)
{
    static const char *const suffixes[] = {".ids",     ".idx",         ".ids.new",
                                           ".idx.new", ".seg.zst.new", ".seg.new"};

    if (strspn(name, "0123456789") != DIGITS || strtoull(name, NULL, 10) >= limit)
        return false;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (strcmp(name + DIGITS, suffixes[i]) == 0)
            return true;
    return false;
}

static int remove_made(void *arg, const char *name)
{
    struct removal *removal = arg;
    const struct oyez_disk *disk = removal->journal->disk;
    char path[OYEZ_JOURNAL_PATH_SIZE];

    if (!goes(name, removal->limit))
        return 0;
    removal->err = oyez_disk_path(path, removal->directory, name);
    if (removal->err == OYEZ_OK && disk->unlink(disk->context, path) != 0 && errno != ENOENT)
        removal->err = oyez_disk_fail(path, "removing");
    return removal->err == OYEZ_OK ? 0 : 1;
}

static oyez_err remove_names(oyez_journal *journal, const char *directory, uint64_t limit)
{
    const struct oyez_disk *disk = journal->disk;
    struct removal removal = {.journal = journal, .directory = directory, .limit = limit};

    if (disk->list(disk->context, directory, remove_made, &removal) < 0 && errno != ENOENT)
        return oyez_disk_fail(directory, "listing");
    return removal.err;
}

// Whoever makes its index and saw no act yet is waited for; whoever comes later sees that there is one.
static oyez_err remove_file(oyez_journal *journal, const char *directory, uint64_t first,
                            const char *suffix)
{
    const struct oyez_disk *disk = journal->disk;
    struct oyez_segment segment = {.fd = -1};

    oyez_segment_name(segment.name, first, suffix);
    oyez_err err = oyez_disk_path(segment.path, directory, segment.name);
    if (err != OYEZ_OK)
        return err;
    segment.fd = disk->open(disk->context, segment.path, O_RDONLY, 0);
    if (segment.fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? OYEZ_OK
                                                   : oyez_disk_fail(segment.path, "opening");
    err = oyez_journal_lock_index(disk, &segment);
    if (err == OYEZ_OK && disk->unlink(disk->context, segment.path) != 0)
        err = oyez_disk_fail(segment.path, "removing");
    if (err == OYEZ_OK)
        err = oyez_disk_sync_name(disk, segment.path);
    disk->close(disk->context, segment.fd);
    return err;
}

// One after the other, each safely: a power cut must not leave a hole between two that are there.
static oyez_err remove_segment(oyez_journal *journal, const char *archive, uint64_t first)
{
    oyez_err err = remove_file(journal, journal->directory, first, ".seg");

    return err == OYEZ_OK ? remove_file(journal, archive, first, OYEZ_JOURNAL_ARCHIVE_SUFFIX) : err;
}

// Of a mirror the segments end elsewhere: what has a record that stays is kept whole.
static size_t count_whole(const struct oyez_segment_list *list, uint64_t before)
{
    size_t count = 0;

    while (count + 1 < list->count && list->first[count + 1] <= before)
        count++;
    return count;
}

oyez_err oyez_journal_drop_expired(oyez_journal *journal, uint64_t before, uint64_t act)
{
    struct oyez_segment_list list = {0};
    char archive[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(archive, journal->directory, OYEZ_JOURNAL_ARCHIVE);

    if (err == OYEZ_OK)
        err = oyez_segment_list_read(&list, journal->disk, journal->directory);
    size_t count = err == OYEZ_OK ? count_whole(&list, before) : 0;
    for (size_t i = 0; err == OYEZ_OK && i < count; i++)
        err = remove_segment(journal, archive, list.first[i]);
    // Whoever made an index of a segment that is gone may have put it there until then.
    if (err == OYEZ_OK)
        err = remove_names(journal, journal->directory, list.first[count]);
    if (err == OYEZ_OK && list.has_archive)
        err = remove_names(journal, archive, list.first[count]);
    if (err == OYEZ_OK &&
        journal->disk->sync_directory(journal->disk->context, journal->directory) != 0)
        err = oyez_disk_fail(journal->directory, "syncing the directory");
    if (err == OYEZ_OK)
        err = oyez_erasures_note(journal->disk, journal->directory, act);
    free(list.first);
    if (err == OYEZ_OK && journal->has_sealed)
        err = oyez_segments_refresh(&journal->sealed);
    return err;
}
