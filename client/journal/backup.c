// SPDX-License-Identifier: MIT
#include "oyez/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup_state.h"
#include "oyez/disk.h"

#define NS_PER_MS UINT64_C(1000000)
#define WAIT_MS_DEFAULT 10000u
#define ROUNDS_MAX 16u // in which the journal has changed

// A backup within the journal would be told of as part of it.
static oyez_err check_apart(const char *journal, const char *to)
{
    char *real = realpath(to, NULL);
    size_t size = strlen(journal);

    if (real == NULL)
        return oyez_disk_fail(to, "looking");
    bool within = strncmp(real, journal, size) == 0 && (real[size] == '/' || real[size] == '\0');
    free(real);
    return within ? oyez_fail(OYEZ_ERR_REFUSED, "%s: lies within the journal", to) : OYEZ_OK;
}

static oyez_err make_target(const struct oyez_backup *backup)
{
    char *journal = realpath(backup->from, NULL);

    if (journal == NULL)
        return errno == ENOENT
                   ? oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: no such directory", backup->from)
                   : oyez_disk_fail(backup->from, "looking");
    oyez_err err = oyez_backup_make_directory(backup->disk, backup->to);
    if (err == OYEZ_OK)
        err = check_apart(journal, backup->to);
    free(journal);
    return err;
}

static int find_stranger(void *arg, const char *name)
{
    static const char unlisted[] = OYEZ_BACKUP_NEXT_FILE ".new";
    static const char *const ours[] = {".", "..", "lock", OYEZ_BACKUP_NEXT, unlisted};

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcmp(name, ours[i]) == 0)
            return 0;
    *(bool *)arg = true;
    return 0;
}

// A directory that has no backup yet has nothing else either.
static oyez_err check_empty(const struct oyez_backup *backup)
{
    bool stranger = false;

    if (backup->disk->list(backup->disk->context, backup->to, find_stranger, &stranger) != 0)
        return oyez_disk_fail(backup->to, "listing");
    return stranger ? oyez_fail(OYEZ_ERR_REFUSED, "%s: is not empty, and is no backup", backup->to)
                    : OYEZ_OK;
}

static oyez_err load_before(struct oyez_backup *backup, const char *name)
{
    oyez_backup_manifest_clear(&backup->before);
    oyez_err err = oyez_backup_manifest_load(&backup->before, backup->disk, backup->to, name);

    backup->has_before = err == OYEZ_OK;
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err look_at_target(struct oyez_backup *backup)
{
    oyez_err err = oyez_disk_path(backup->next, backup->to, OYEZ_BACKUP_NEXT);

    if (err == OYEZ_OK)
        err = make_target(backup);
    if (err == OYEZ_OK)
        err = load_before(backup, OYEZ_BACKUP_FILE);
    if (err == OYEZ_OK && !backup->has_before)
        err = load_before(backup, OYEZ_BACKUP_NEXT_FILE);
    return err == OYEZ_OK && !backup->has_before ? check_empty(backup) : err;
}

static oyez_err open_backup(struct oyez_backup *backup)
{
    oyez_err err = look_at_target(backup);

    if (err == OYEZ_OK)
        err = oyez_backup_lock(backup->disk, backup->to, &backup->lock_fd);
    if (err == OYEZ_OK)
        err = oyez_backup_complete(backup->disk, backup->to, &backup->report->completed);
    if (err == OYEZ_OK)
        err = load_before(backup, OYEZ_BACKUP_FILE);
    return err == OYEZ_OK ? oyez_backup_make_directory(backup->disk, backup->next) : err;
}

static oyez_err check_goes_on(const struct oyez_backup *backup)
{
    const struct oyez_backup_manifest *before = &backup->before;

    if (!backup->has_before)
        return OYEZ_OK;
    if (memcmp(before->journal_id, backup->after.journal_id, OYEZ_JOURNAL_ID_SIZE) != 0)
        return oyez_fail(OYEZ_ERR_REFUSED, "%s: is the backup of another journal", backup->to);
    if (before->records > backup->aim.size)
        return oyez_fail(OYEZ_ERR_REFUSED,
                         "%s: has %" PRIu64 " records, the journal's newest checkpoint covers "
                         "%" PRIu64 ": the backup is what is left of the others",
                         backup->to, before->records, backup->aim.size);
    return OYEZ_OK;
}

// *least: of the checkpoint that the next round needs; 0 = nothing changed in this one.
static oyez_err copy_once(struct oyez_backup *backup, uint64_t *least)
{
    uint64_t newer = 0;
    oyez_err err = oyez_backup_aim(backup, *least);

    *least = 0;
    if (err == OYEZ_OK)
        err = check_goes_on(backup);
    if (err != OYEZ_OK)
        return err;
    err = oyez_backup_list(backup);
    if (err == OYEZ_OK)
        err = oyez_backup_stage(backup);
    // What an act takes away while it is read looks like damage.
    oyez_err looked = oyez_backup_find_acts(backup, least, &newer);
    backup->report->newer = newer;
    if (err == OYEZ_OK)
        return looked;
    if (err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_BUSY)
        *least = *least > 0 ? *least : backup->aim.size;
    return *least > 0 ? OYEZ_OK : err;
}

static oyez_err copy(struct oyez_backup *backup)
{
    uint64_t least = 0;

    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        oyez_err err = copy_once(backup, &least);
        if (err != OYEZ_OK || least == 0)
            return err;
    }
    return oyez_fail(OYEZ_ERR_TIMEOUT, "%s: is erased from or expires all the time", backup->from);
}

static void tell(struct oyez_backup *backup)
{
    struct oyez_backup_report *report = backup->report;

    report->before = backup->has_before ? backup->before.records : 0;
    report->records = backup->aim.size;
    report->segments = backup->after.count;
    memcpy(report->root, backup->aim.root.bytes, sizeof(report->root));
    memcpy(report->origin, backup->aim.origin,
           sizeof(report->origin) < sizeof(backup->aim.origin) ? sizeof(report->origin)
                                                               : sizeof(backup->aim.origin));
    report->origin[sizeof(report->origin) - 1] = '\0';
}

oyez_err oyez_backup_make(const char *from, const char *to,
                          const struct oyez_backup_options *options,
                          struct oyez_backup_report *report)
{
    static const struct oyez_backup_options defaults;
    struct oyez_backup *backup = calloc(1, sizeof(*backup));

    *report = (struct oyez_backup_report){0};
    if (backup == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "backup");
    if (options == NULL)
        options = &defaults;
    backup->disk = options->disk != NULL ? options->disk : oyez_disk_system();
    backup->from = from;
    backup->to = to;
    backup->lock_fd = -1;
    backup->report = report;
    backup->progress =
        (struct oyez_backup_progress){.tell = options->progress, .arg = options->arg};
    backup->wait_ns = NS_PER_MS * (options->wait_ms > 0 ? options->wait_ms : WAIT_MS_DEFAULT);
    oyez_err err = open_backup(backup);
    if (err == OYEZ_OK)
        err = copy(backup);
    if (err == OYEZ_OK)
        err = oyez_backup_check(backup);
    if (err == OYEZ_OK)
        err = oyez_backup_switch(backup);
    if (err == OYEZ_OK)
        tell(backup);
    if (backup->lock_fd >= 0)
        backup->disk->close(backup->disk->context, backup->lock_fd);
    oyez_backup_manifest_clear(&backup->before);
    oyez_backup_manifest_clear(&backup->after);
    free(backup);
    return err;
}
