// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "campaign.h"
#include "tests/unit/journal_samples.h"

static char sentence[1024];

const char *judge_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    return sentence;
}

static double read_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void budget_begin(struct budget *budget, double seconds)
{
    *budget = (struct budget){seconds, read_clock()};
}

bool budget_is_spent(const struct budget *budget)
{
    return budget->seconds > 0 && budget_used(budget) > budget->seconds;
}

double budget_used(const struct budget *budget)
{
    return read_clock() - budget->began;
}

// Roots of the first 0, 1, 2, … records, from the records alone.
struct roots {
    oyez_leaf_hasher *hasher;
    struct oyez_tree tree;
    uint64_t events;
    struct oyez_hash root[STORY_RECORDS_MAX];
    uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
};

static const char *take_record(struct roots *roots, const struct oyez_journal_record *record)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    struct oyez_hash hash = {0}, stored[OYEZ_TREE_TILE_LEVELS];
    size_t size;
    unsigned count;

    if (roots->tree.size + 1 >= STORY_RECORDS_MAX)
        return judge_fail("more records than the story has");
    if (record->kind == OYEZ_RECORD_EVENT) {
        struct oyez_journal_record wanted = sample_numbered(++roots->events, header);
        if (record->position != wanted.position || record->header_size != wanted.header_size ||
            memcmp(record->header, wanted.header, wanted.header_size) != 0 ||
            record->details_size != wanted.details_size ||
            memcmp(record->details, wanted.details, wanted.details_size) != 0)
            return judge_fail("record %" PRIu64 " is not what was appended there", record->index);
    } else if (record->kind != OYEZ_RECORD_KEY_ROTATED) {
        return judge_fail("record %" PRIu64 " of kind %d", record->index, (int)record->kind);
    }
    if (oyez_leaf_build(roots->hasher, record, roots->leaf, &size) != OYEZ_OK ||
        oyez_leaf_hash(roots->hasher, roots->leaf, size, hash.bytes) != OYEZ_OK ||
        oyez_tree_append(roots->hasher, &roots->tree, &hash, stored, &count) != OYEZ_OK ||
        oyez_tree_root(roots->hasher, &roots->tree, &roots->root[roots->tree.size]) != OYEZ_OK)
        return judge_fail("no hash: %s", oyez_error_detail());
    return NULL;
}

static const char *take_records(struct roots *roots, const struct oyez_disk *disk)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    const char *wrong = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, STORY_DIRECTORY, disk);

    (void)oyez_tree_root(roots->hasher, &roots->tree, &roots->root[0]);
    while (wrong == NULL && err == OYEZ_OK) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_OK)
            wrong = take_record(roots, &record);
    }
    oyez_journal_reader_close(&reader);
    if (wrong == NULL && err != OYEZ_ERR_NOT_FOUND)
        wrong = judge_fail("reading: %s", oyez_error_detail());
    return wrong;
}

static const char *judge_note(const struct ledger *ledger, const struct roots *roots,
                              const struct oyez_checkpoint_entry *entry,
                              struct oyez_checkpoint *checkpoint)
{
    oyez_err err = oyez_checkpoint_open(checkpoint, entry->note, entry->note_size, ledger->key,
                                        ledger->keys, NULL);

    if (err != OYEZ_OK)
        return judge_fail("a checkpoint in the history: %s", oyez_error_detail());
    if (checkpoint->size > roots->tree.size ||
        memcmp(&checkpoint->root, &roots->root[checkpoint->size], sizeof(checkpoint->root)) != 0)
        return judge_fail("the history's checkpoint of %" PRIu64 " records is not of these",
                          checkpoint->size);
    return NULL;
}

// Everything that was given out stands in the history, in order; nothing there is of another tree.
static const char *judge_history(const struct ledger *ledger, const struct roots *roots,
                                 const struct oyez_disk *disk)
{
    oyez_checkpoint_history *history = NULL;
    struct oyez_checkpoint_entry entry;
    struct oyez_checkpoint checkpoint;
    const char *wrong = NULL;
    uint64_t torn = 0;
    size_t found = 0;
    oyez_err err = oyez_checkpoint_history_open(&history, STORY_DIRECTORY, disk);

    if (err == OYEZ_ERR_NOT_FOUND && ledger->count == 0)
        return NULL;
    while (wrong == NULL && err == OYEZ_OK) {
        err = oyez_checkpoint_history_next(history, &entry, &torn);
        if (err == OYEZ_OK)
            wrong = judge_note(ledger, roots, &entry, &checkpoint);
        if (err == OYEZ_OK && wrong == NULL && found < ledger->count &&
            ledger->given[found].size == checkpoint.size)
            found++;
    }
    oyez_checkpoint_history_close(&history);
    if (wrong != NULL)
        return wrong;
    if (err != OYEZ_ERR_NOT_FOUND)
        return judge_fail("history: %s", oyez_error_detail());
    if (torn > 0)
        return judge_fail("history: %" PRIu64 " torn bytes are left", torn);
    if (found < ledger->count)
        return judge_fail("a checkpoint given out, of %" PRIu64 " records, is not in the history",
                          ledger->given[found].size);
    return NULL;
}

static const char *judge_given(const struct ledger *ledger, const struct roots *roots)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct oyez_checkpoint *given = &ledger->given[i];
        if (given->size > roots->tree.size)
            return judge_fail("a checkpoint of %" PRIu64 " records was given out, %" PRIu64
                              " are left",
                              given->size, roots->tree.size);
        if (memcmp(&given->root, &roots->root[given->size], sizeof(given->root)) != 0)
            return judge_fail("a checkpoint given out, of %" PRIu64 " records, is contradicted",
                              given->size);
    }
    return NULL;
}

const char *judge_records(struct story *story, uint64_t *records)
{
    struct roots *roots = calloc(1, sizeof(*roots));
    const struct oyez_disk *disk = fake_disk_table(story->fake);
    const char *wrong = NULL;

    if (roots == NULL || oyez_leaf_hasher_open(&roots->hasher) != OYEZ_OK) {
        free(roots);
        return judge_fail("no memory");
    }
    wrong = take_records(roots, disk);
    *records = roots->tree.size;
    if (wrong == NULL && roots->tree.size < story->ledger.records)
        wrong = judge_fail("%" PRIu64 " records were acknowledged, %" PRIu64 " are left",
                           story->ledger.records, roots->tree.size);
    if (wrong == NULL)
        wrong = judge_given(&story->ledger, roots);
    if (wrong == NULL)
        wrong = judge_history(&story->ledger, roots, disk);
    story->ledger.events = roots->events;
    oyez_leaf_hasher_close(&roots->hasher);
    free(roots);
    return wrong;
}

// Every stored hash is of use to a proof: so proofs of first, last and some between are made.
static const char *judge_proofs(const struct story *story, uint64_t records)
{
    const struct oyez_disk *disk = fake_disk_table(story->fake);
    oyez_journal_reader *reader = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, STORY_DIRECTORY, disk);

    for (uint64_t index = 0; err == OYEZ_OK && index < records; index += 1 + records / 4) {
        char *proof = NULL;
        size_t size;
        err = oyez_journal_prove(reader, index, NULL, 0, &proof, &size);
        free(proof);
    }
    oyez_journal_reader_close(&reader);
    return err == OYEZ_OK ? NULL : judge_fail("proof: %s", oyez_error_detail());
}

static const char *judge_verdict(const struct story *story)
{
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(story->fake)};
    struct oyez_journal_verdict verdict;
    oyez_err err = oyez_journal_verify(STORY_DIRECTORY, &options, &verdict);

    if (err != OYEZ_OK)
        return judge_fail("verify: %s", oyez_error_detail());
    if (verdict.problems > 0 || !verdict.clean || verdict.torn_bytes > 0)
        return judge_fail("verify: %" PRIu64 " problems, %s, %" PRIu64 " torn bytes",
                          verdict.problems, verdict.clean ? "clean" : "not clean",
                          verdict.torn_bytes);
    return NULL;
}

// Nothing is left to repair, to hash or to sign.
static const char *judge_second_opening(struct story *story, uint64_t records)
{
    struct oyez_journal_report report;
    oyez_journal *journal = NULL;
    size_t given = story->ledger.count;

    if (story_open(story, &journal, &report) != OYEZ_OK)
        return judge_fail("cannot be opened a second time: %s", oyez_error_detail());
    oyez_err err = oyez_journal_close(&journal);
    if (!report.clean || report.torn_bytes > 0 || report.records != records)
        return judge_fail("not found as it was closed: %" PRIu64 " records of %" PRIu64,
                          report.records, records);
    if (report.hashed > 0 || story->ledger.count != given)
        return judge_fail("%" PRIu64 " records hashed again, %zu checkpoints made again",
                          report.hashed, story->ledger.count - given);
    return err == OYEZ_OK ? NULL : judge_fail("second closing: %s", oyez_error_detail());
}

const char *judge_recovery(struct story *story)
{
    struct oyez_journal_report report;
    oyez_journal *journal = NULL;
    bool was_closed = story->ledger.closed;
    uint64_t records = 0;
    const char *wrong;

    if (story_open(story, &journal, &report) != OYEZ_OK)
        return judge_fail("cannot be opened: %s", oyez_error_detail());
    if (was_closed && (!report.clean || report.hashed > 0)) {
        (void)oyez_journal_close(&journal);
        return judge_fail("was closed cleanly, and is found %s, %" PRIu64 " records hashed again",
                          report.clean ? "clean" : "not clean", report.hashed);
    }
    wrong = judge_records(story, &records);
    if (wrong == NULL && report.checkpointed < story->ledger.shown)
        wrong =
            judge_fail("a checkpoint of %" PRIu64 " records was shown, the newest is of %" PRIu64,
                       story->ledger.shown, report.checkpointed);
    if (wrong == NULL && records != report.records)
        wrong =
            judge_fail("%" PRIu64 " records reported, %" PRIu64 " read", report.records, records);
    if (wrong == NULL && story_add(story, journal, 2, 2) != OYEZ_OK)
        wrong = judge_fail("does not go on: %s", oyez_error_detail());
    oyez_err closed = oyez_journal_close(&journal);
    if (wrong == NULL && closed != OYEZ_OK)
        wrong = judge_fail("closing: %s", oyez_error_detail());
    if (wrong == NULL)
        wrong = judge_verdict(story);
    if (wrong == NULL)
        wrong = judge_second_opening(story, records + 2);
    if (wrong == NULL)
        wrong = judge_records(story, &records);
    return wrong != NULL || story->keyless ? wrong : judge_proofs(story, records);
}

const char *judge_start_and_cut(struct story *story, bool adds)
{
    struct oyez_journal_report report;
    oyez_journal *journal = NULL;
    uint64_t records;

    if (story_open(story, &journal, &report) != OYEZ_OK)
        return judge_fail("cannot be opened: %s", oyez_error_detail());
    if (report.records > story->ledger.records)
        story->ledger.records = report.records;
    story->ledger.shown = report.checkpointed;
    const char *wrong = judge_records(story, &records);
    if (wrong != NULL) {
        (void)oyez_journal_close(&journal);
        return wrong;
    }
    oyez_err err = adds ? story_add(story, journal, 1, 1) : OYEZ_OK;
    if (err == OYEZ_OK && adds)
        err = story->keyless ? OYEZ_OK : oyez_journal_checkpoint(journal);
    if (err != OYEZ_OK)
        wrong = judge_fail("does not go on: %s", oyez_error_detail());
    fake_disk_stop_after(story->fake, 0);
    (void)oyez_journal_close(&journal);
    fake_disk_cut(story->fake, FAKE_CUT_ALL_LOST, 0);
    return wrong != NULL ? wrong : judge_recovery(story);
}
