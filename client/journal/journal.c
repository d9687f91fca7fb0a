// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "journal_state.h"
#include "oyez/disk.h"

#define NS_PER_MS 1000000u
#define LOCK_TEXT_SIZE 48u
#define REOPENED "reopened\n"
// Of a group: its commit, and the zeros behind it.
#define GROUP_EXTRA (OYEZ_MARK_SIZE + OYEZ_JOURNAL_FILL_STEP)

static void free_journal(oyez_journal *journal)
{
    if (journal == NULL)
        return;
    oyez_segment_close(&journal->segment, journal->disk);
    if (journal->has_sealed)
        oyez_segments_close(&journal->sealed);
    oyez_segment_map_clear(&journal->map);
    oyez_leaf_hasher_close(&journal->hasher);
    if (journal->lock_fd >= 0)
        journal->disk->close(journal->disk->context, journal->lock_fd);
    pthread_mutex_destroy(&journal->archive_lock);
    pthread_mutex_destroy(&journal->lock);
    pthread_mutex_destroy(&journal->sync_lock);
    oyez_journal_free_tree(journal);
    free(journal->group);
    free(journal->frame);
    free(journal);
}

static oyez_err make_journal(oyez_journal **out, const char *directory,
                             const struct oyez_journal_options *options)
{
    oyez_journal *journal = calloc(1, sizeof(*journal));
    size_t group = options->group_size > 0 ? options->group_size : OYEZ_JOURNAL_GROUP_SIZE_DEFAULT;

    if (journal == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "journal");
    journal->disk = options->disk != NULL ? options->disk : oyez_disk_system();
    journal->segment_size =
        options->segment_size > 0 ? options->segment_size : OYEZ_JOURNAL_SEGMENT_SIZE_DEFAULT;
    journal->segment_age = options->segment_age_ms * NS_PER_MS;
    journal->lock_fd = -1;
    journal->segment.fd = -1;
    journal->group_room = (group > OYEZ_FRAME_MAX ? group : OYEZ_FRAME_MAX) + GROUP_EXTRA;
    journal->group = malloc(journal->group_room);
    pthread_mutex_init(&journal->lock, NULL);
    pthread_mutex_init(&journal->sync_lock, NULL);
    pthread_mutex_init(&journal->tree.lock, NULL);
    pthread_mutex_init(&journal->archive_lock, NULL);
    oyez_err err = OYEZ_OK;
    if (journal->group == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "commit buffer of %zu bytes", journal->group_room);
    else if (strlen(directory) >= sizeof(journal->directory))
        err = oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    else
        err = oyez_leaf_hasher_open(&journal->hasher);
    if (err != OYEZ_OK) {
        free_journal(journal);
        return err;
    }
    memcpy(journal->directory, directory, strlen(directory) + 1);
    *out = journal;
    return OYEZ_OK;
}

// A directory that is new has to be known to its own directory. Whoever made it may have been
// killed before it was.
static oyez_err sync_parent(const struct oyez_disk *disk, const char *directory)
{
    char parent[OYEZ_JOURNAL_PATH_SIZE];

    memcpy(parent, directory, strlen(directory) + 1);
    size_t size = strlen(parent);
    while (size > 1 && parent[size - 1] == '/')
        parent[--size] = '\0';
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        memcpy(parent, ".", 2);
    else
        slash[slash == parent ? 1 : 0] = '\0';
    if (disk->sync_directory(disk->context, parent) != 0)
        return oyez_disk_fail(parent, "syncing the directory");
    return OYEZ_OK;
}

static oyez_err say_who_holds(const oyez_journal *journal, const char *path)
{
    char text[LOCK_TEXT_SIZE] = "";
    size_t got = 0;

    (void)oyez_disk_read(journal->disk, journal->lock_fd, path, text, sizeof(text) - 1, 0, &got);
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return oyez_fail(OYEZ_ERR_LOCKED, "%s: process %s writes this directory", journal->directory,
                     text[0] != '\0' ? text : "?");
}

// Whether a writer went on behind an earlier close, and did not close it again.
static bool was_reopened(const oyez_journal *journal, const char *path)
{
    char text[LOCK_TEXT_SIZE] = "";
    size_t got = 0;

    (void)oyez_disk_read(journal->disk, journal->lock_fd, path, text, sizeof(text) - 1, 0, &got);
    text[got] = '\0';
    return strstr(text, REOPENED) != NULL;
}

static oyez_err write_lock(oyez_journal *journal, const char *path)
{
    const struct oyez_disk *disk = journal->disk;
    char text[LOCK_TEXT_SIZE];
    int size =
        snprintf(text, sizeof(text), "%ld\n%s", (long)getpid(), journal->reopened ? REOPENED : "");
    // Written over before it is cut: at no moment is it without what it said.
    oyez_err err = oyez_disk_write(disk, journal->lock_fd, path, text, (size_t)size, 0);

    if (err == OYEZ_OK && disk->ftruncate(disk->context, journal->lock_fd, size) != 0)
        err = oyez_disk_fail(path, "cutting");
    return err;
}

static oyez_err take_lock(oyez_journal *journal)
{
    const struct oyez_disk *disk = journal->disk;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, journal->directory, "lock");

    if (err != OYEZ_OK)
        return err;
    journal->lock_fd = disk->open(disk->context, path, O_RDWR | O_CREAT, 0600);
    if (journal->lock_fd < 0)
        return oyez_disk_fail(path, "opening");
    if (disk->flock(disk->context, journal->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? say_who_holds(journal, path)
                                    : oyez_disk_fail(path, "locking");
    journal->was_reopened = journal->reopened = was_reopened(journal, path);
    return write_lock(journal, path);
}

oyez_err oyez_journal_reopen(oyez_journal *journal)
{
    journal->reopened = true;
    oyez_err err = write_lock(journal, "lock");

    if (err == OYEZ_OK && journal->disk->fdatasync(journal->disk->context, journal->lock_fd) != 0)
        err = oyez_disk_fail("lock", "syncing");
    return err;
}

static oyez_err empty_lock(oyez_journal *journal)
{
    const struct oyez_disk *disk = journal->disk;

    if (disk->ftruncate(disk->context, journal->lock_fd, 0) != 0 ||
        disk->fdatasync(disk->context, journal->lock_fd) != 0)
        return oyez_disk_fail("lock", "emptying");
    return OYEZ_OK;
}

static int remove_half_made(void *arg, const char *name)
{
    oyez_journal *journal = arg;
    size_t size = strlen(name);
    char path[OYEZ_JOURNAL_PATH_SIZE];

    bool half_made =
        strcmp(name, OYEZ_CHECKPOINT_FILE ".new") == 0 ||
        strcmp(name, OYEZ_UNFINISHED_FILE ".new") == 0 ||
        strcmp(name, OYEZ_CHECKPOINT_HISTORY_FILE ".new") == 0 ||
        (size == 28 && (strcmp(name + 20, ".seg.new") == 0 || strcmp(name + 20, ".ids.new") == 0));
    if (half_made && oyez_disk_path(path, journal->directory, name) == OYEZ_OK)
        (void)journal->disk->unlink(journal->disk->context, path);
    return 0;
}

static oyez_err create(oyez_journal *journal, const struct oyez_journal_options *options,
                       struct oyez_journal_report *report)
{
    if (options->journal_id != NULL)
        memcpy(journal->journal_id, options->journal_id, OYEZ_JOURNAL_ID_SIZE);
    else if (getrandom(journal->journal_id, OYEZ_JOURNAL_ID_SIZE, 0) != OYEZ_JOURNAL_ID_SIZE)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no random bytes for a journal id");
    report->created = true;
    report->clean = true;
    oyez_err err = sync_parent(journal->disk, journal->directory);
    if (err == OYEZ_OK)
        err = oyez_journal_check_tree(journal, NULL, options, report);
    return err == OYEZ_OK ? oyez_journal_begin_segment(journal) : err;
}

static oyez_err open_locked(oyez_journal *journal, const struct oyez_journal_options *options,
                            struct oyez_journal_report *report)
{
    struct oyez_segment_list list = {0};
    oyez_err err = OYEZ_OK;

    if (journal->disk->mkdir(journal->disk->context, journal->directory, 0700) != 0 &&
        errno != EEXIST)
        err = oyez_disk_fail(journal->directory, "making the directory");
    if (err == OYEZ_OK)
        err = take_lock(journal);
    if (err == OYEZ_OK && journal->disk->list(journal->disk->context, journal->directory,
                                              remove_half_made, journal) != 0)
        err = oyez_disk_fail(journal->directory, "listing");
    if (err == OYEZ_OK)
        err = oyez_segment_list_read(&list, journal->disk, journal->directory);
    if (err == OYEZ_OK && list.count == 0)
        err = create(journal, options, report);
    else if (err == OYEZ_OK)
        err = oyez_journal_recover(journal, &list, options, report);
    free(list.first);
    if (err == OYEZ_OK)
        err = oyez_journal_begin_checkpoints(journal, report);
    if (err == OYEZ_OK)
        err = oyez_journal_end_unfinished(journal);
    return err == OYEZ_OK ? oyez_journal_sweep_archive(journal) : err;
}

oyez_err oyez_journal_open(oyez_journal **out, const char *directory,
                           const struct oyez_journal_options *options,
                           struct oyez_journal_report *report)
{
    static const struct oyez_journal_options defaults;
    struct oyez_journal_report unread;
    oyez_journal *journal = NULL;

    *out = NULL;
    if (report == NULL)
        report = &unread;
    *report = (struct oyez_journal_report){0};
    if (options == NULL)
        options = &defaults;
    oyez_err err = make_journal(&journal, directory, options);
    if (err == OYEZ_OK)
        err = open_locked(journal, options, report);
    if (err != OYEZ_OK) {
        free_journal(journal);
        return err;
    }
    report->records = journal->next_index;
    report->epoch = journal->epoch;
    report->position = journal->position;
    memcpy(report->journal_id, journal->journal_id, OYEZ_JOURNAL_ID_SIZE);
    *out = journal;
    return OYEZ_OK;
}

// The zeros behind the mark are of no use to anyone; a crash may leave them.
static oyez_err cut_zeros(oyez_journal *journal)
{
    if (journal->disk->ftruncate(journal->disk->context, journal->segment.fd,
                                 (off_t)journal->end) != 0)
        return oyez_disk_fail(journal->segment.path, "cutting the zeros at the end");
    return OYEZ_OK;
}

oyez_err oyez_journal_close(oyez_journal **journal)
{
    oyez_journal *closing = *journal;

    if (closing == NULL)
        return OYEZ_OK;
    *journal = NULL;
    oyez_err err = oyez_journal_commit(closing, NULL);
    if (err == OYEZ_OK)
        err = oyez_journal_settle(closing);
    if (err == OYEZ_OK && !closing->closed)
        err = oyez_journal_write_mark(closing, OYEZ_MARK_CLOSE, false);
    if (err == OYEZ_OK)
        err = cut_zeros(closing);
    if (err == OYEZ_OK && closing->reopened)
        err = empty_lock(closing);
    free_journal(closing);
    return err;
}

uint64_t oyez_journal_next_index(const oyez_journal *journal)
{
    return journal->next_index;
}

size_t oyez_journal_group_size(const oyez_journal *journal)
{
    return journal->group_size;
}
