// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expired.h"
#include "oyez/checkpoint.h"
#include "oyez/key.h"
#include "repair_archive.h"
#include "repair_hashes.h"
#include "scan.h"

// Files that are made from the record, or tell of its end.
static const char *const derived[] = {"emitters.state", "catalogs.state", "holds.state"};

static oyez_err check_is_journal(const char *directory)
{
    struct oyez_segment_list list = {0};
    oyez_err err = oyez_segment_list_read(&list, oyez_disk_system(), directory);

    if (err == OYEZ_OK && list.count == 0)
        err = oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: holds no journal", directory);
    free(list.first);
    return err;
}

oyez_err oyez_repair_open_once(const char *directory, const char *key,
                               struct oyez_journal_report *report)
{
    const struct oyez_journal_options options = {.key = key};
    oyez_journal *journal = NULL;
    oyez_err err = check_is_journal(directory);

    if (err == OYEZ_OK)
        err = oyez_journal_open(&journal, directory, &options, report);
    return err == OYEZ_OK ? oyez_journal_close(&journal) : err;
}

static oyez_err begins_with(const char *directory, uint64_t *first)
{
    struct oyez_segment_list list = {0};
    oyez_err err = oyez_segment_list_read(&list, oyez_disk_system(), directory);

    *first = list.count > 0 ? list.first[0] : 0;
    free(list.first);
    return err;
}

oyez_err oyez_repair_rebuild_hashes(const char *directory, const char *key,
                                    oyez_repair_moved *moved, void *arg,
                                    struct oyez_journal_report *report)
{
    struct oyez_repair repair = {directory, -1, moved, arg};
    struct oyez_note_signer signer;
    uint64_t begin = 0;
    oyez_err err = check_is_journal(directory);

    // Without the key they could not be made.
    if (err == OYEZ_OK)
        err = oyez_key_load(&signer, key, NULL);
    if (err == OYEZ_OK)
        err = oyez_repair_lock(&repair);
    if (err == OYEZ_OK)
        err = begins_with(directory, &begin);
    if (err == OYEZ_OK)
        err = oyez_repair_prepare_hashes(&repair, begin, UINT64_MAX);
    if (err == OYEZ_OK)
        err = oyez_repair_place_hashes(&repair, begin);
    if (err == OYEZ_OK)
        err = oyez_repair_sync(&repair);
    oyez_repair_unlock(&repair);
    oyez_note_signer_wipe(&signer);
    return err == OYEZ_OK ? oyez_repair_open_once(directory, key, report) : err;
}

// The end of the last group of a segment that holds no record from `index` on.
static oyez_err find_cut(const char *directory, uint64_t first, uint64_t index, uint64_t *offset,
                         uint64_t *kept)
{
    const struct oyez_disk *disk = oyez_disk_system();
    struct oyez_segment segment = {.fd = -1};
    struct oyez_scan scan = {0};
    struct oyez_scan_stop stop;
    struct oyez_group group;
    oyez_err err = oyez_segment_open(&segment, disk, directory, first, O_RDONLY);

    *kept = first;
    *offset = 0;
    if (err != OYEZ_OK) // not even a header: all of it goes
        return err == OYEZ_ERR_CORRUPT ? OYEZ_OK : err;
    oyez_scan_begin(&scan, disk, &segment);
    *offset = scan.offset;
    while ((err = oyez_scan_next(&scan, &group, &stop)) == OYEZ_OK && group.mark.index <= index) {
        // A seal would say that the segment ends here for ever.
        if (group.mark.kind == OYEZ_MARK_SEAL)
            break;
        *offset = scan.offset;
        *kept = group.mark.index;
    }
    oyez_scan_end(&scan);
    oyez_segment_close(&segment, disk);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

// What was made from a segment tells of records that it will not have any more.
static oyez_err move_made(const struct oyez_repair *repair, uint64_t first)
{
    static const char *const made[] = {".ids", ".idx"};
    char name[OYEZ_SEGMENT_NAME_SIZE];
    oyez_err err = OYEZ_OK;

    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]) && err == OYEZ_OK; i++) {
        oyez_segment_name(name, first, made[i]);
        err = oyez_repair_move_name(repair, name);
    }
    return err;
}

static oyez_err move_segment(const struct oyez_repair *repair, uint64_t first)
{
    char name[OYEZ_SEGMENT_NAME_SIZE];
    oyez_err err = move_made(repair, first);

    oyez_segment_name(name, first, ".seg");
    if (err == OYEZ_OK)
        err = oyez_repair_move_name(repair, name);
    return err == OYEZ_OK ? oyez_repair_move_archived(repair, first) : err;
}

// Keeps the first `size` bytes, which end with a group.
static oyez_err cut_segment(const struct oyez_repair *repair, uint64_t first, uint64_t size)
{
    char name[OYEZ_SEGMENT_NAME_SIZE];
    bool taken = false;
    oyez_err err = oyez_repair_take_out(repair, first, size, &taken);

    oyez_segment_name(name, first, ".seg");
    return err == OYEZ_OK && !taken ? oyez_repair_cut(repair, name, size) : err;
}

// The last segments first: what is there at any time is a beginning of the record.
static oyez_err cut_segments(const struct oyez_repair *repair, const struct oyez_segment_list *list,
                             size_t last, uint64_t offset)
{
    oyez_err err = OYEZ_OK;

    for (size_t i = list->count; i > last + 1 && err == OYEZ_OK; i--)
        err = move_segment(repair, list->first[i - 1]);
    if (err == OYEZ_OK && (offset == 0 || (offset <= OYEZ_SEGMENT_HEADER_SIZE && last > 0)))
        return move_segment(repair, list->first[last]);
    if (err == OYEZ_OK)
        err = move_made(repair, list->first[last]);
    return err == OYEZ_OK ? cut_segment(repair, list->first[last], offset) : err;
}

static oyez_err move_checkpoints(const struct oyez_repair *repair, const char *key)
{
    // The key first: once it is gone, nobody can sign another story under the old name.
    oyez_err err = oyez_repair_move_aside(repair, key);

    if (err == OYEZ_OK)
        err = oyez_repair_move_name(repair, OYEZ_CHECKPOINT_FILE);
    return err == OYEZ_OK ? oyez_repair_move_name(repair, OYEZ_CHECKPOINT_HISTORY_FILE) : err;
}

static uint64_t covered_by(const char *directory)
{
    struct oyez_checkpoint checkpoint = {.size = 0};
    struct oyez_note note;
    size_t size;
    char *bytes = malloc(OYEZ_NOTE_SIZE_MAX);

    if (bytes != NULL && oyez_checkpoint_load(directory, NULL, bytes, &size) == OYEZ_OK &&
        oyez_note_parse(&note, bytes, size) == OYEZ_OK)
        (void)oyez_checkpoint_read(&checkpoint, note.text, note.text_size);
    free(bytes);
    return checkpoint.size;
}

// Records are missing before the first one: the act that says why must be among what is kept.
static oyez_err check_begin(const struct oyez_repair *repair, uint64_t begin, uint64_t kept)
{
    struct oyez_expired expired = {.index = 0};

    if (begin == 0)
        return OYEZ_OK;
    oyez_err err = oyez_expired_find(&expired, oyez_disk_system(), repair->directory, begin);
    if (err == OYEZ_OK && expired.index < kept)
        return OYEZ_OK;
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND && err != OYEZ_ERR_CORRUPT)
        return err;
    return oyez_fail(OYEZ_ERR_INVALID,
                     "%s: the records before %" PRIu64 " have expired, and the act that says so is "
                     "not among the first %" PRIu64
                     ": without it they count as removed by somebody "
                     "else, and the journal is not opened; nothing was changed: put the damaged "
                     "files back from a backup, a copy or a mirror",
                     repair->directory, begin, kept);
}

static oyez_err accept_loss(const struct oyez_repair *repair, const char *key, uint64_t index,
                            struct oyez_repair_loss *loss)
{
    struct oyez_segment_list list = {0};
    uint64_t offset;
    size_t last = 0;
    oyez_err err = oyez_segment_list_read(&list, oyez_disk_system(), repair->directory);

    while (err == OYEZ_OK && last + 1 < list.count && list.first[last + 1] <= index)
        last++;
    if (err == OYEZ_OK)
        err = find_cut(repair->directory, list.first[last], index, &offset, &loss->kept);
    uint64_t begin = err == OYEZ_OK ? list.first[0] : 0;
    if (err == OYEZ_OK)
        err = check_begin(repair, begin, loss->kept);
    if (err == OYEZ_OK)
        err = oyez_repair_prepare_hashes(repair, begin, loss->kept);
    loss->covered = covered_by(repair->directory);
    loss->contradicts = loss->covered > loss->kept;
    if (err == OYEZ_OK && loss->contradicts)
        err = move_checkpoints(repair, key);
    if (err == OYEZ_OK)
        err = oyez_repair_place_hashes(repair, begin);
    for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]) && err == OYEZ_OK; i++)
        err = oyez_repair_move_name(repair, derived[i]);
    if (err == OYEZ_OK)
        err = cut_segments(repair, &list, last, offset);
    if (err == OYEZ_OK)
        err = oyez_repair_sync(repair);
    free(list.first);
    return err;
}

oyez_err oyez_repair_accept_loss(const char *directory, const char *key, uint64_t index,
                                 oyez_repair_moved *moved, void *arg, struct oyez_repair_loss *loss)
{
    struct oyez_repair repair = {directory, -1, moved, arg};
    oyez_err err = check_is_journal(directory);

    *loss = (struct oyez_repair_loss){.asked = index};
    if (err == OYEZ_OK)
        err = oyez_repair_lock(&repair);
    if (err == OYEZ_OK)
        err = accept_loss(&repair, key, index, loss);
    oyez_repair_unlock(&repair);
    return err;
}
