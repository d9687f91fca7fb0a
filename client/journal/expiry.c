// SPDX-License-Identifier: MIT
// What retention may take, and whether the hash files can stand for it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expired.h"
#include "leaf.h"
#include "oyez/key.h"
#include "oyez/tiles.h"
#include "reader_state.h"
#include "record_kind.h"

// The tree as the records have it, and what the files say of it.
struct hashing {
    oyez_leaf_hasher *hasher;
    oyez_tiles *tiles;
    struct oyez_tree tree;
    struct oyez_hash tile[OYEZ_TREE_TILE_WIDTH]; // of level 0
    uint64_t tile_first;
    size_t tile_count;
};

struct survey {
    const struct oyez_expiry_limits *limits;
    oyez_journal_reader *reader;
    struct hashing hashing;
    struct oyez_expiry *out;
    struct oyez_expiry next; // with the segment that is being read
    bool kept;               // something in it has to stay
};

static oyez_err open_hashing(struct hashing *hashing, const char *directory,
                             const struct oyez_disk *disk, uint64_t first)
{
    oyez_err err = oyez_leaf_hasher_open(&hashing->hasher);

    if (err == OYEZ_OK)
        err = oyez_tiles_open(&hashing->tiles, directory, disk);
    const struct oyez_tree_source source = {oyez_tiles_read, hashing->tiles, hashing->hasher};
    return err == OYEZ_OK ? oyez_tree_load(&source, first, &hashing->tree) : err;
}

static oyez_err read_stored(struct hashing *hashing, unsigned level, uint64_t number, uint64_t end,
                            struct oyez_hash *out)
{
    if (level > 0)
        return oyez_tiles_read(hashing->tiles, level, number, 1, out);
    if (number < hashing->tile_first || number >= hashing->tile_first + hashing->tile_count) {
        uint64_t left = end - number;
        hashing->tile_first = number;
        hashing->tile_count = left < OYEZ_TREE_TILE_WIDTH ? (size_t)left : OYEZ_TREE_TILE_WIDTH;
        oyez_err err =
            oyez_tiles_read(hashing->tiles, 0, number, hashing->tile_count, hashing->tile);
        if (err != OYEZ_OK)
            return err;
    }
    *out = hashing->tile[number - hashing->tile_first];
    return OYEZ_OK;
}

// `end` is the index behind the segment: what the files hold at least.
static oyez_err check_hashes(struct hashing *hashing, const struct oyez_journal_record *record,
                             uint64_t end)
{
    struct oyez_hash hash, found, stored[OYEZ_TREE_TILE_LEVELS];
    unsigned count = 0;
    oyez_err err = oyez_leaf_hash_record(hashing->hasher, record, hash.bytes);

    if (err == OYEZ_OK)
        err = oyez_tree_append(hashing->hasher, &hashing->tree, &hash, stored, &count);
    for (unsigned level = 0; err == OYEZ_OK && level < count; level++) {
        uint64_t number = oyez_tree_stored(hashing->tree.size, level) - 1;
        err = read_stored(hashing, level, number, end, &found);
        if (err == OYEZ_OK && memcmp(&found, &stored[level], sizeof(found)) != 0)
            err = oyez_fail(OYEZ_ERR_CORRUPT,
                            "hash.L%u: the hash of record %" PRIu64
                            " is another: oyez repair --rebuild-hashes first",
                            level, record->index);
    }
    return err;
}

static oyez_err note_act(struct oyez_expiry *expiry, uint64_t index)
{
    if (expiry->act_count == expiry->act_room) {
        size_t room = expiry->act_room == 0 ? 64 : expiry->act_room * 2;
        uint64_t *grown = realloc(expiry->acts, room * sizeof(*grown));
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of acts");
        expiry->acts = grown;
        expiry->act_room = room;
    }
    expiry->acts[expiry->act_count++] = index;
    return OYEZ_OK;
}

static oyez_err add_rotation(struct oyez_expiry *expiry, const char *line)
{
    size_t size = strlen(line);
    char *grown = realloc(expiry->rotations, expiry->rotations_size + size + 2);

    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of keys");
    expiry->rotations = grown;
    memcpy(grown + expiry->rotations_size, line, size);
    expiry->rotations_size += size;
    grown[expiry->rotations_size++] = '\n';
    grown[expiry->rotations_size] = '\0';
    return OYEZ_OK;
}

// What an earlier act said of rotations has to be said on; "OLD\nNEW\n" of one that goes now.
static oyez_err take_rotations(struct oyez_expiry *expiry, const struct oyez_journal_record *act)
{
    char line[OYEZ_EXPIRED_LINE_MAX], old[OYEZ_NOTE_VKEY_SIZE], text[OYEZ_EXPIRED_LINE_MAX];
    size_t at = 0;
    oyez_err err = OYEZ_OK;

    if (act->kind == OYEZ_RECORD_KEY_ROTATED) {
        if (!oyez_expired_next_line(act, &at, line) || strlen(line) >= sizeof(old))
            return OYEZ_OK; // verify tells of it
        memcpy(old, line, strlen(line) + 1);
        if (!oyez_expired_next_line(act, &at, line) || strlen(line) >= OYEZ_NOTE_VKEY_SIZE)
            return OYEZ_OK;
        snprintf(text, sizeof(text), "rotated %" PRIu64 " %s %.*s", act->index, old,
                 (int)OYEZ_NOTE_VKEY_SIZE, line);
        return add_rotation(expiry, text);
    }
    while (err == OYEZ_OK && oyez_expired_next_line(act, &at, line))
        if (strncmp(line, "rotated ", strlen("rotated ")) == 0 &&
            (expiry->rotations == NULL || strstr(expiry->rotations, line) == NULL))
            err = add_rotation(expiry, line);
    return err;
}

static void take_place(struct oyez_expiry *expiry, const struct oyez_journal_record *record)
{
    if (!oyez_record_has_position(record->kind))
        return;
    expiry->epoch = record->epoch;
    expiry->position = oyez_record_reaches(record);
    expiry->next_epoch = record->kind == OYEZ_RECORD_EPOCH_END ? record->next_epoch : 0;
    if (!oyez_record_is_event(record->kind))
        return;
    expiry->events += !oyez_record_is_repeat(record->kind);
    if (expiry->time_first == 0)
        expiry->time_first = record->broker_time;
    expiry->time_last = record->broker_time;
}

static oyez_err take(struct survey *survey, const struct oyez_journal_record *record, uint64_t end)
{
    const struct oyez_expiry_limits *limits = survey->limits;
    struct oyez_expiry *next = &survey->next;
    oyez_err err = OYEZ_OK;

    survey->kept = limits->keep != NULL && limits->keep(limits->arg, record);
    if (survey->kept)
        return OYEZ_OK;
    take_place(next, record);
    if (record->kind == OYEZ_RECORD_CATALOG_ADDED || record->kind == OYEZ_RECORD_HELD ||
        record->kind == OYEZ_RECORD_RELEASED)
        err = note_act(next, record->index);
    if (err == OYEZ_OK &&
        (record->kind == OYEZ_RECORD_KEY_ROTATED || record->kind == OYEZ_RECORD_EXPIRED))
        err = take_rotations(next, record);
    return err == OYEZ_OK ? check_hashes(&survey->hashing, record, end) : err;
}

static oyez_err read_segment(struct survey *survey, uint64_t first, uint64_t end)
{
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_reader_seek_index(survey->reader, first);

    for (uint64_t index = first; err == OYEZ_OK && index < end && !survey->kept; index++) {
        err = oyez_journal_reader_next(survey->reader, &record);
        if (err == OYEZ_ERR_NOT_FOUND || (err == OYEZ_OK && record.index != index))
            err = oyez_fail(OYEZ_ERR_CORRUPT, "record %" PRIu64 " is not to be found", index);
        if (err == OYEZ_OK)
            err = take(survey, &record, end);
    }
    return err;
}

// The lists are shared with what was found so far: what a kept segment added to them is cut off.
static void settle(struct survey *survey, uint64_t end, bool taken)
{
    struct oyez_expiry *out = survey->out;
    const struct oyez_expiry before = *out;

    *out = survey->next;
    if (taken) {
        out->before = end;
        out->segments++;
        return;
    }
    uint64_t *acts = out->acts;
    char *rotations = out->rotations;
    size_t room = out->act_room;
    *out = before;
    out->acts = acts;
    out->act_room = room;
    out->rotations = rotations;
    if (rotations != NULL)
        rotations[out->rotations_size] = '\0';
}

static oyez_err survey_segments(struct survey *survey)
{
    const struct oyez_expiry_limits *limits = survey->limits;
    const struct oyez_segments *segments = &survey->reader->segments;
    oyez_err err = OYEZ_OK;

    // The last one is never removed: a journal has to stand in some file.
    for (size_t i = 0; err == OYEZ_OK && !survey->kept && i + 1 < segments->count; i++) {
        uint64_t first = segments->first[i], end = segments->first[i + 1];
        if (end > limits->before || (limits->segments > 0 && i >= limits->segments))
            break;
        survey->next = *survey->out;
        survey->next.bytes +=
            oyez_segment_measure(survey->reader->disk, segments->directory, first);
        err = read_segment(survey, first, end);
        settle(survey, end, err == OYEZ_OK && !survey->kept);
    }
    return err;
}

oyez_err oyez_expiry_survey(struct oyez_expiry *out, const char *directory,
                            const struct oyez_disk *disk, const struct oyez_expiry_limits *limits)
{
    struct survey *survey = calloc(1, sizeof(*survey));

    *out = (struct oyez_expiry){0};
    if (survey == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "survey of what may expire");
    survey->limits = limits;
    survey->out = out;
    oyez_err err = oyez_journal_reader_open(&survey->reader, directory, disk);
    if (err == OYEZ_OK) {
        out->first = out->before = survey->reader->segments.first[0];
        err = open_hashing(&survey->hashing, directory, disk, out->first);
    }
    if (err == OYEZ_OK)
        err = survey_segments(survey);
    oyez_tiles_close(&survey->hashing.tiles);
    oyez_leaf_hasher_close(&survey->hashing.hasher);
    oyez_journal_reader_close(&survey->reader);
    free(survey);
    return err;
}

void oyez_expiry_free(struct oyez_expiry *expiry)
{
    free(expiry->acts);
    free(expiry->rotations);
    *expiry = (struct oyez_expiry){0};
}
