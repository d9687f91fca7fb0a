// SPDX-License-Identifier: MIT
// A journal of real files in a directory of its own, and backups of it.
#ifndef OYEZ_BACKED_UP_JOURNAL_H
#define OYEZ_BACKED_UP_JOURNAL_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_samples.h"
#include "oyez/backup.h"
#include "oyez/expire.h"
#include "stopping_disk.h"

static char base[64], journal_path[80], key_path[96], backup_path[80], copy_path[80];

static inline int run_command(const char *format, const char *a, const char *b)
{
    char command[256];

    snprintf(command, sizeof(command), format, a, b);
    return system(command);
}

static inline int set_up_directory(void **state)
{
    (void)state;
    snprintf(base, sizeof(base), "/tmp/oyez-backup-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(journal_path, sizeof(journal_path), "%s/journal", base);
    snprintf(key_path, sizeof(key_path), "%s.key", journal_path);
    snprintf(backup_path, sizeof(backup_path), "%s/backup", base);
    snprintf(copy_path, sizeof(copy_path), "%s/copy", base);
    return 0;
}

static inline int tear_down_directory(void **state)
{
    (void)state;
    return run_command("rm -rf %s%s", base, "");
}

static inline bool is_there(const char *directory, const char *name)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static inline oyez_journal *open_journal(const char *path)
{
    static struct stopping_disk disk; // the journal outlives the call
    const struct oyez_journal_options options = {
        .key = key_path, .segment_size = 4096, .disk = &disk.table};
    oyez_journal *journal = NULL;

    stopping_disk_init(&disk, 0);
    assert_int_equal(oyez_journal_open(&journal, path, &options, NULL), OYEZ_OK);
    return journal;
}

static inline void add_events(oyez_journal *journal, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number <= to; number++) {
        struct oyez_journal_record record = sample_event(number);
        record.event_id = (struct oyez_uuid){{0}};
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
}

static inline void add_and_close(uint64_t from, uint64_t to)
{
    oyez_journal *journal = open_journal(journal_path);

    add_events(journal, from, to);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static inline void expire_below(uint64_t index)
{
    const struct oyez_expiry_limits limits = {.before = index};
    struct oyez_expiry expiry;
    oyez_journal *journal = open_journal(journal_path);

    assert_int_equal(oyez_expiry_survey(&expiry, journal_path, NULL, &limits), OYEZ_OK);
    assert_int_equal(oyez_journal_expire(journal, &expiry, NULL, 0, "test", "test", NULL), OYEZ_OK);
    oyez_expiry_free(&expiry);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_false(is_there(journal_path, "00000000000000000000.seg"));
}

static inline struct oyez_backup_report back_up(void)
{
    struct stopping_disk disk;
    const struct oyez_backup_options options = {.disk = &disk.table};
    struct oyez_backup_report report;

    stopping_disk_init(&disk, 0);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, &options, &report), OYEZ_OK);
    return report;
}

static inline struct oyez_journal_verdict verify_path(const char *path)
{
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_journal_verify(path, NULL, &verdict), OYEZ_OK);
    return verdict;
}

// The records of a backup that is good in every way, with those that have expired.
static inline uint64_t good_records(const char *path)
{
    struct oyez_journal_verdict verdict = verify_path(path);

    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.derived, 0);
    assert_true(verdict.clean);
    assert_true(verdict.covered >= verdict.records);
    return verdict.covered;
}

#endif
