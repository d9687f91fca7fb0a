// SPDX-License-Identifier: MIT
// The journal's key. A rotation is a record that names both keys, and a checkpoint over it that
// both sign: who trusts the old key learns of the new, and a crash leaves no checkpoint that the
// key which is there has not signed.
#include <stdio.h>
#include <string.h>

#include "journal_state.h"
#include "key_file.h"
#include "oyez/disk.h"

#define ACT_SIZE (2 * OYEZ_NOTE_VKEY_SIZE + 2)

static oyez_err check_newest(const struct oyez_note_signer *signer, const char *path,
                             const char *note, size_t size)
{
    struct oyez_checkpoint checkpoint;
    oyez_err err = oyez_checkpoint_open(&checkpoint, note, size, &signer->verifier, 1, NULL);

    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    return oyez_fail(OYEZ_ERR_INVALID,
                     "%s: not the key that signed the newest checkpoint, of %.100s", path,
                     checkpoint.origin);
}

oyez_err oyez_journal_load_key(oyez_journal *journal, const struct oyez_journal_options *options,
                               const char *note, size_t note_size,
                               struct oyez_journal_report *report)
{
    struct oyez_journal_tree *tree = &journal->tree;
    size_t size = strlen(options->key);
    oyez_err err;

    if (size >= sizeof(tree->key))
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", options->key);
    memcpy(tree->key, options->key, size + 1);
    err = oyez_key_load(&tree->signer, tree->key, journal->disk);
    if (err == OYEZ_ERR_NOT_FOUND && note != NULL)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "%s: no such key, and %s has checkpoints: put the key that signed them "
                         "there, or say where it is",
                         tree->key, journal->directory);
    if (err == OYEZ_ERR_NOT_FOUND) {
        report->key_made = true;
        err = oyez_key_make(&tree->signer, tree->key, options->origin, journal->disk);
    } else if (err == OYEZ_OK) {
        // A name that a failed sync left in memory alone must not sign what outlives it.
        err = oyez_disk_sync_name(journal->disk, tree->key);
    }
    if (err != OYEZ_OK)
        return err;
    if (options->origin != NULL && strcmp(options->origin, tree->signer.verifier.name) != 0)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: is the key of %.100s, not of %.100s", tree->key,
                         tree->signer.verifier.name, options->origin);
    return note != NULL ? check_newest(&tree->signer, tree->key, note, note_size) : OYEZ_OK;
}

static size_t write_act(char out[ACT_SIZE], const struct oyez_note_verifier *old,
                        const struct oyez_note_verifier *next)
{
    char old_key[OYEZ_NOTE_VKEY_SIZE], next_key[OYEZ_NOTE_VKEY_SIZE];

    oyez_note_verifier_write(old, old_key);
    oyez_note_verifier_write(next, next_key);
    return (size_t)snprintf(out, ACT_SIZE, "%s\n%s\n", old_key, next_key);
}

// Does the journal end with the act that names this key? It is the last record that the newest
// checkpoint covers, or stands behind it.
static oyez_err find_act(oyez_journal *journal, const struct oyez_note_verifier *next, bool *found)
{
    char act[ACT_SIZE];
    size_t size = write_act(act, &journal->tree.signer.verifier, next);
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    uint64_t covered = journal->tree.newest.size;
    oyez_err err = oyez_journal_reader_open(&reader, journal->directory, journal->disk);

    *found = false;
    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_index(reader, covered > 0 ? covered - 1 : 0);
    while (err == OYEZ_OK && !*found) {
        err = oyez_journal_reader_next(reader, &record);
        *found = err == OYEZ_OK && record.kind == OYEZ_RECORD_KEY_ROTATED &&
                 record.details_size == size && memcmp(record.details, act, size) == 0;
    }
    oyez_journal_reader_close(&reader);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

// The record is safe: both sign, and from here on the new key alone does.
static oyez_err change_key(oyez_journal *journal, const struct oyez_note_signer *next,
                           const char *path)
{
    const struct oyez_disk *disk = journal->disk;
    struct oyez_journal_tree *tree = &journal->tree;
    oyez_err err = oyez_journal_take_hashes(journal);

    if (err == OYEZ_OK)
        err = oyez_journal_make_checkpoint(journal, next);
    if (err == OYEZ_OK && disk->rename(disk->context, path, tree->key) != 0)
        err = oyez_disk_fail(path, "renaming");
    if (err == OYEZ_OK)
        err = oyez_disk_sync_name(disk, tree->key);
    if (err == OYEZ_OK)
        tree->signer = *next;
    return err;
}

oyez_err oyez_journal_end_rotation(oyez_journal *journal)
{
    const struct oyez_disk *disk = journal->disk;
    struct oyez_journal_tree *tree = &journal->tree;
    struct oyez_note_signer next;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    bool found = false;
    oyez_err err = oyez_key_next_path(path, tree->key);

    if (err == OYEZ_OK)
        err = oyez_key_load(&next, path, disk);
    if (err == OYEZ_ERR_NOT_FOUND)
        return OYEZ_OK;
    if (err == OYEZ_OK)
        err = find_act(journal, &next.verifier, &found);
    if (err == OYEZ_OK && found) {
        pthread_mutex_lock(&tree->lock);
        err = change_key(journal, &next, path);
        pthread_mutex_unlock(&tree->lock);
    } else if (err == OYEZ_OK) {
        (void)disk->unlink(disk->context, path); // never recorded, so never anybody's key
    }
    oyez_note_signer_wipe(&next);
    return err;
}

static oyez_err append_act(oyez_journal *journal, const struct oyez_note_verifier *next)
{
    char act[ACT_SIZE];
    const struct oyez_journal_record record = {
        .kind = OYEZ_RECORD_KEY_ROTATED,
        .broker_time = journal->disk->now(journal->disk->context),
        .details = (const uint8_t *)act,
        .details_size = write_act(act, &journal->tree.signer.verifier, next)};
    oyez_err err = oyez_journal_append(journal, &record, NULL);

    if (err == OYEZ_ERR_FULL) {
        err = oyez_journal_write(journal);
        if (err == OYEZ_OK)
            err = oyez_journal_append(journal, &record, NULL);
    }
    return err == OYEZ_OK ? oyez_journal_commit(journal, NULL) : err;
}

oyez_err oyez_journal_rotate_key(oyez_journal *journal, struct oyez_note_verifier *key)
{
    struct oyez_journal_tree *tree = &journal->tree;
    struct oyez_note_signer next = {0};
    char path[OYEZ_JOURNAL_PATH_SIZE];

    if (!tree->kept)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: opened without a key", journal->directory);
    oyez_err err = oyez_journal_check_failed(journal);
    if (err == OYEZ_OK)
        err = oyez_key_next_path(path, tree->key);
    if (err == OYEZ_OK)
        err = oyez_note_signer_make(&next, tree->signer.verifier.name);
    if (err == OYEZ_OK)
        err = oyez_key_save(&next, path, journal->disk);
    if (err != OYEZ_OK)
        goto done;
    err = append_act(journal, &next.verifier);
    pthread_mutex_lock(&tree->lock);
    if (err == OYEZ_OK)
        err = change_key(journal, &next, path);
    pthread_mutex_unlock(&tree->lock);
    if (err != OYEZ_OK)
        (void)oyez_journal_fail(journal, err);
    else if (key != NULL)
        *key = next.verifier;
done:
    oyez_note_signer_wipe(&next);
    return err;
}

oyez_err oyez_journal_verifier(oyez_journal *journal, struct oyez_note_verifier *key)
{
    if (!journal->tree.kept)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: opened without a key", journal->directory);
    pthread_mutex_lock(&journal->tree.lock);
    *key = journal->tree.signer.verifier;
    pthread_mutex_unlock(&journal->tree.lock);
    return OYEZ_OK;
}
