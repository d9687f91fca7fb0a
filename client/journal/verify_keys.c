// SPDX-License-Identifier: MIT
// A key counts from the act that brought it in to the act that takes it out: whoever gets a key
// later can sign nothing earlier with it, and an old one nothing later.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/disk.h"
#include "verify_state.h"

#define VKEY_WIDTH "319" // of a text, without NUL
_Static_assert(OYEZ_NOTE_VKEY_SIZE == 320, "VKEY_WIDTH");

struct judge {
    struct oyez_verify_keys *keys;
    const struct oyez_verify_checkpoints *checkpoints;
    struct oyez_note_verifier *all; // in the order in which they followed each other
    bool *verified;
    size_t count;
    uint64_t good; // records under the largest that is signed as it should be
};

static bool read_line(const char **at, const char *end, struct oyez_note_verifier *key)
{
    char text[OYEZ_NOTE_VKEY_SIZE];
    const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

    if (newline == NULL || (size_t)(newline - *at) >= sizeof(text))
        return false;
    memcpy(text, *at, (size_t)(newline - *at));
    text[newline - *at] = '\0';
    *at = newline + 1;
    return oyez_note_verifier_read(key, text) == OYEZ_OK;
}

// In the order of their indexes: those of acts that are gone come later.
static oyez_err add_rotation(struct oyez_verify_keys *keys,
                             const struct oyez_verify_rotation *rotation)
{
    struct oyez_verify_rotation *grown =
        realloc(keys->rotations, (keys->count + 1) * sizeof(*grown));
    size_t at = keys->count;

    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "keys");
    keys->rotations = grown;
    for (; at > 0 && grown[at - 1].index > rotation->index; at--)
        grown[at] = grown[at - 1];
    grown[at] = *rotation;
    keys->count++;
    keys->report->verdict->rotations++;
    return OYEZ_OK;
}

oyez_err oyez_verify_keys_add(struct oyez_verify_keys *keys, const char *file, uint64_t offset,
                              const struct oyez_journal_record *act)
{
    struct oyez_verify_rotation rotation = {.index = act->index};
    const char *at = (const char *)act->details, *end = at + act->details_size;

    if (!read_line(&at, end, &rotation.old) || !read_line(&at, end, &rotation.next)) {
        oyez_verify_tell(keys->report, file, offset, act->index,
                         "a rotation of keys that does not name two keys");
        return OYEZ_OK;
    }
    if (keys->count > 0 &&
        !oyez_note_verifier_equal(&keys->rotations[keys->count - 1].next, &rotation.old))
        oyez_verify_tell(keys->report, file, offset, act->index,
                         "a rotation away from a key that was not the journal's");
    return add_rotation(keys, &rotation);
}

oyez_err oyez_verify_keys_add_gone(struct oyez_verify_keys *keys, const char *line)
{
    char old[OYEZ_NOTE_VKEY_SIZE], next[OYEZ_NOTE_VKEY_SIZE];
    char *end;
    struct oyez_verify_rotation rotation = {.index = strtoull(line, &end, 10)};

    if (end == line || sscanf(end, " %" VKEY_WIDTH "s %" VKEY_WIDTH "s", old, next) != 2 ||
        oyez_note_verifier_read(&rotation.old, old) != OYEZ_OK ||
        oyez_note_verifier_read(&rotation.next, next) != OYEZ_OK)
        return OYEZ_OK; // checkpoints that it should explain are told of
    for (size_t i = 0; i < keys->count; i++)
        if (keys->rotations[i].index == rotation.index)
            return OYEZ_OK;
    return add_rotation(keys, &rotation);
}

void oyez_verify_keys_clear(struct oyez_verify_keys *keys)
{
    free(keys->rotations);
    *keys = (struct oyez_verify_keys){0};
}

// A mirror's journal has the acts of its primary, and signs with a key of its own: what another
// name did with its keys says nothing of these.
static void drop_others(struct oyez_verify_keys *keys)
{
    size_t kept = 0;

    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->rotations[i].old.name, keys->report->options->key->name) == 0)
            keys->rotations[kept++] = keys->rotations[i];
    keys->count = kept;
}

static oyez_err collect(struct judge *judge)
{
    const struct oyez_verify_keys *keys = judge->keys;

    drop_others(judge->keys);

    judge->count = keys->count + 1;
    judge->all = calloc(judge->count, sizeof(*judge->all));
    judge->verified = calloc(judge->count, sizeof(*judge->verified));
    if (judge->all == NULL || judge->verified == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "keys");
    judge->all[0] = keys->count > 0 ? keys->rotations[0].old : *keys->report->options->key;
    for (size_t i = 0; i < keys->count; i++)
        judge->all[i + 1] = keys->rotations[i].next;
    return OYEZ_OK;
}

static bool is_known(const struct judge *judge)
{
    for (size_t i = 0; i < judge->count; i++)
        if (oyez_note_verifier_equal(&judge->all[i], judge->keys->report->options->key))
            return true;
    return false;
}

// Key i counts for sizes from the act that brought it to the one that takes it away.
static bool counts(const struct judge *judge, size_t i, uint64_t size)
{
    const struct oyez_verify_rotation *rotations = judge->keys->rotations;

    return (i == 0 || size > rotations[i - 1].index) &&
           (i == judge->keys->count || size <= rotations[i].index + 1);
}

static void tell(struct judge *judge, const char *file, uint64_t offset, uint64_t size,
                 const char *what)
{
    oyez_verify_tell(judge->keys->report, file, offset, size,
                     "the checkpoint over %" PRIu64 " records %s", size, what);
}

static void confirm(struct judge *judge, uint64_t size)
{
    for (size_t i = 0; i < judge->keys->count; i++)
        if (judge->keys->rotations[i].index + 1 == size && judge->verified[i] &&
            judge->verified[i + 1])
            judge->keys->rotations[i].confirmed = true;
}

static oyez_err judge_note(struct judge *judge, const char *file, uint64_t offset,
                           const char *bytes, size_t bytes_size, bool *good)
{
    struct oyez_checkpoint checkpoint;
    struct oyez_note note;
    const char *what = NULL;

    *good = false;
    if (oyez_note_parse(&note, bytes, bytes_size) != OYEZ_OK ||
        oyez_checkpoint_read(&checkpoint, note.text, note.text_size) != OYEZ_OK)
        return OYEZ_OK; // told before
    // A writer that goes on may have changed its key behind what was read.
    if (checkpoint.size > judge->checkpoints->end)
        return OYEZ_OK;
    oyez_err err = oyez_note_verify(&note, judge->all, judge->count, judge->verified);
    if (err == OYEZ_ERR_SYSTEM || err == OYEZ_ERR_NO_MEMORY)
        return err;
    if (err == OYEZ_ERR_CORRUPT)
        what = "has a forged signature: it is not that of the key whose it claims to be";
    else if (err != OYEZ_OK)
        what = "is signed by none of the journal's keys";
    else if (strcmp(checkpoint.origin, judge->all[0].name) != 0)
        what = "speaks for another journal";
    for (size_t i = 0; what == NULL && i < judge->count; i++) {
        if (!judge->verified[i] || counts(judge, i, checkpoint.size))
            continue;
        what = i > 0 && checkpoint.size <= judge->keys->rotations[i - 1].index
                   ? "was signed with a key that the journal got only later: it was sealed again"
                   : "was signed with a key that had been rotated away before";
    }
    if (what != NULL) {
        tell(judge, file, offset, checkpoint.size, what);
        return OYEZ_OK;
    }
    confirm(judge, checkpoint.size);
    *good = true;
    if (checkpoint.size > judge->good && checkpoint.size <= judge->keys->report->verdict->covered)
        judge->good = checkpoint.size;
    return OYEZ_OK;
}

static oyez_err judge_history(struct judge *judge)
{
    oyez_checkpoint_history *history = NULL;
    struct oyez_checkpoint_entry entry;
    uint64_t torn;
    bool good;
    oyez_err err = oyez_checkpoint_history_open(&history, judge->checkpoints->directory,
                                                judge->checkpoints->disk);

    while (err == OYEZ_OK) {
        err = oyez_checkpoint_history_next(history, &entry, &torn);
        if (err == OYEZ_OK && entry.offset >= judge->checkpoints->history_limit)
            break;
        if (err == OYEZ_OK)
            err = judge_note(judge, OYEZ_CHECKPOINT_HISTORY_FILE, entry.offset, entry.note,
                             entry.note_size, &good);
        if (err == OYEZ_OK && good)
            judge->keys->report->verdict->signed_checkpoints++;
    }
    oyez_checkpoint_history_close(&history);
    // What cannot be read was told when the roots were compared.
    return err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION ? OYEZ_OK
                                                                                           : err;
}

// The file beside the history holds the same text; its signatures are its own.
static oyez_err judge_file(struct judge *judge)
{
    const struct oyez_verify_checkpoints *checkpoints = judge->checkpoints;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    char *note = malloc(OYEZ_NOTE_SIZE_MAX);
    size_t size = 0;
    bool good;
    oyez_err err = note != NULL ? oyez_disk_path(path, checkpoints->directory, OYEZ_CHECKPOINT_FILE)
                                : oyez_fail(OYEZ_ERR_NO_MEMORY, "newest checkpoint");

    if (err == OYEZ_OK && checkpoints->has_file)
        err = oyez_disk_load(checkpoints->disk, path, note, OYEZ_NOTE_SIZE_MAX, &size);
    if (err == OYEZ_OK && size > 0)
        err = judge_note(judge, OYEZ_CHECKPOINT_FILE, 0, note, size, &good);
    free(note);
    return err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_TOO_LARGE ? OYEZ_OK : err;
}

static oyez_err judge_outside(struct judge *judge)
{
    const struct oyez_journal_verify_options *options = judge->keys->report->options;
    oyez_err err = OYEZ_OK;
    bool good = true;

    for (size_t i = 0; err == OYEZ_OK && i < options->outside_count; i++)
        err = judge_note(judge, options->outside[i].name, 0, options->outside[i].note,
                         options->outside[i].note_size, &good);
    return err;
}

static void tell_unconfirmed(const struct judge *judge)
{
    for (size_t i = 0; i < judge->keys->count; i++)
        if (!judge->keys->rotations[i].confirmed &&
            judge->keys->rotations[i].index < judge->checkpoints->last)
            oyez_verify_tell(judge->keys->report, OYEZ_CHECKPOINT_HISTORY_FILE, 0,
                             judge->keys->rotations[i].index,
                             "a rotation of keys, and no checkpoint over it that both keys signed");
}

oyez_err oyez_verify_keys_judge(struct oyez_verify_keys *keys,
                                const struct oyez_verify_checkpoints *checkpoints)
{
    struct judge judge = {.keys = keys, .checkpoints = checkpoints};
    oyez_err err;

    if (keys->report->options->key == NULL)
        return OYEZ_OK;
    err = collect(&judge);
    if (err == OYEZ_OK && !is_known(&judge)) {
        oyez_verify_tell(keys->report, OYEZ_CHECKPOINT_HISTORY_FILE, 0, 0,
                         "the key that was given is none of those that the journal was ever "
                         "signed with: another journal, or one that was made anew");
    } else if (err == OYEZ_OK) {
        err = judge_history(&judge);
        if (err == OYEZ_OK)
            err = judge_file(&judge);
        if (err == OYEZ_OK)
            err = judge_outside(&judge);
        tell_unconfirmed(&judge);
        keys->report->verdict->signed_records = judge.good;
    }
    free(judge.all);
    free(judge.verified);
    return err;
}
