// SPDX-License-Identifier: MIT
// A short life of a journal: groups on their way, segments that end, checkpoints, a new key, a
// clean stop and a second start.
#include <string.h>

#include "campaign.h"
#include "tests/unit/journal_samples.h"

#define GROUP_SIZE 4096u

static void take_checkpoint(void *arg, const struct oyez_journal_checkpoint *checkpoint)
{
    struct ledger *ledger = arg;
    struct oyez_note note;

    if (ledger->count < STORY_CHECKPOINTS_MAX &&
        oyez_note_parse(&note, checkpoint->note, checkpoint->note_size) == OYEZ_OK &&
        oyez_checkpoint_read(&ledger->given[ledger->count], note.text, note.text_size) == OYEZ_OK)
        ledger->count++;
}

static void keep_key(struct ledger *ledger, const struct oyez_note_verifier *key)
{
    for (size_t i = 0; i < ledger->keys; i++)
        if (oyez_note_verifier_equal(&ledger->key[i], key))
            return;
    if (ledger->keys < STORY_KEYS_MAX)
        ledger->key[ledger->keys++] = *key;
}

oyez_err story_open(struct story *story, oyez_journal **journal, struct oyez_journal_report *report)
{
    const struct oyez_journal_options options = {.segment_size = story->segment_size,
                                                 .group_size = GROUP_SIZE,
                                                 .disk = fake_disk_table(story->fake),
                                                 .journal_id = (const uint8_t *)"journal-id-bytes",
                                                 .key = story->keyless ? NULL : STORY_KEY,
                                                 .checkpointed = take_checkpoint,
                                                 .arg = &story->ledger};
    struct oyez_note_verifier key;
    oyez_err err = oyez_journal_open(journal, STORY_DIRECTORY, &options, report);

    // An opening that was cut short leaves a clean end as it is.
    story->ledger.closed = story->ledger.closed && err != OYEZ_OK;
    if (err == OYEZ_OK && oyez_journal_verifier(*journal, &key) == OYEZ_OK)
        keep_key(&story->ledger, &key);
    return err;
}

static oyez_err append(struct story *story, oyez_journal *journal, unsigned count)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    oyez_err err = OYEZ_OK;

    for (unsigned i = 0; i < count && err == OYEZ_OK; i++) {
        struct oyez_journal_record record = sample_numbered(story->ledger.events + 1, header);
        err = oyez_journal_append(journal, &record, NULL);
        story->ledger.events += err == OYEZ_OK;
    }
    return err;
}

static oyez_err acknowledge(struct story *story, oyez_journal *journal)
{
    uint64_t durable = 0;
    oyez_err err = oyez_journal_sync(journal, &durable);

    if (err == OYEZ_OK)
        story->ledger.records = durable;
    return err;
}

oyez_err story_add(struct story *story, oyez_journal *journal, unsigned count, unsigned group)
{
    oyez_err err = OYEZ_OK;

    for (unsigned done = 0; done < count && err == OYEZ_OK; done += group) {
        err = append(story, journal, group < count - done ? group : count - done);
        if (err == OYEZ_OK)
            err = oyez_journal_write(journal);
        if (err == OYEZ_OK)
            err = acknowledge(story, journal);
    }
    return err;
}

static oyez_err checkpoint(struct story *story, oyez_journal *journal)
{
    return story->keyless ? OYEZ_OK : oyez_journal_checkpoint(journal);
}

// Two groups are on their way at once when the checkpoint is made; it covers neither.
static oyez_err play_overlap(struct story *story, oyez_journal *journal)
{
    oyez_err err = OYEZ_OK;

    for (unsigned i = 0; i < 2 && err == OYEZ_OK; i++) {
        err = append(story, journal, 1 + i);
        if (err == OYEZ_OK)
            err = oyez_journal_write(journal);
    }
    if (err == OYEZ_OK)
        err = checkpoint(story, journal);
    return err == OYEZ_OK ? acknowledge(story, journal) : err;
}

static oyez_err play_new_key(struct story *story, oyez_journal *journal)
{
    struct ledger *ledger = &story->ledger;
    struct oyez_note_verifier key;

    if (story->keyless)
        return OYEZ_OK;
    oyez_err err = oyez_journal_rotate_key(journal, &key);

    story->refused = err != OYEZ_OK;
    if (err != OYEZ_OK)
        return err;
    ledger->records = oyez_journal_next_index(journal);
    keep_key(ledger, &key);
    return OYEZ_OK;
}

static oyez_err play_first_life(struct story *story, oyez_journal *journal)
{
    oyez_err err = story_add(story, journal, 3, 1);

    if (err == OYEZ_OK)
        err = play_overlap(story, journal);
    if (err == OYEZ_OK)
        err = checkpoint(story, journal);
    if (err == OYEZ_OK && story->is_long)
        err = story_add(story, journal, 270, 270);
    if (err == OYEZ_OK)
        err = story_add(story, journal, 4, 2);
    if (err == OYEZ_OK)
        err = play_overlap(story, journal);
    if (err == OYEZ_OK)
        err = play_new_key(story, journal);
    return err == OYEZ_OK ? story_add(story, journal, 2, 1) : err;
}

static oyez_err end_life(struct story *story, oyez_journal **journal, oyez_err err)
{
    // Whoever does not believe an error and goes on is told the same.
    if (err != OYEZ_OK && *journal != NULL) {
        bool goes_on = story_add(story, *journal, 1, 1) == OYEZ_OK;
        story->acknowledged_later = goes_on && !story->refused;
        story->refused = goes_on;
    }
    oyez_err closed = oyez_journal_close(journal);

    story->ledger.closed = err == OYEZ_OK && closed == OYEZ_OK;
    return err == OYEZ_OK ? closed : err;
}

oyez_err story_play(struct story *story)
{
    oyez_journal *journal = NULL;
    oyez_err err = story_open(story, &journal, NULL);

    if (err == OYEZ_OK)
        err = play_first_life(story, journal);
    err = end_life(story, &journal, err);
    if (err != OYEZ_OK)
        return err;
    err = story_open(story, &journal, NULL);
    if (err == OYEZ_OK)
        err = story_add(story, journal, 5, 2);
    if (err == OYEZ_OK)
        err = checkpoint(story, journal);
    if (err == OYEZ_OK)
        err = story_add(story, journal, 1, 1);
    return end_life(story, &journal, err);
}
