// SPDX-License-Identifier: MIT
// A small journal of ordinary and personal events on a disk in memory, of which some are erased; each
// test looks at what is left.
#ifndef OYEZ_ERASED_JOURNAL_H
#define OYEZ_ERASED_JOURNAL_H

#include <stdio.h>

#include "checkpointed_journal.h"
#include "client/journal/unfinished.h"
#include "oyez/erase.h"

#define EVENTS 24u
#define LARGE 6000u   // of one event
#define FILLING 1200u // more than a sector, so that a cut leaves half a blank
#define SEGMENT_SIZE 4096u
#define SECRET "secret-of-"
#define UNFINISHED OYEZ_UNFINISHED_FILE

// Events with odd numbers are personal. Of these, some in sealed segments and one in the open one.
static const uint64_t wanted[] = {22, 0, 6, 8, 6};
#define WANTED 4u

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static struct ledger ledger;
static struct oyez_hash before[EVENTS]; // leaf hashes

static const struct oyez_erasure erasure = {
    .kind = OYEZ_RECORD_ERASED, .by = "operator", .why = "request 17"};

static inline int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    ledger = (struct ledger){.count = 0};
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

// An event whose details, and where it is personal header and signature too, are its own.
static inline void append_numbered(oyez_journal *journal, uint64_t number)
{
    struct oyez_journal_record record;
    uint8_t header[SAMPLE_HEADER_SIZE + 64];
    char details[LARGE + 64];
    unsigned filling = number == 9 ? LARGE : FILLING;

    record = number % 2 == 1 ? sample_personal(number) : sample_event(number);
    memcpy(header, SAMPLE_HEADER, SAMPLE_HEADER_SIZE);
    header[17] = (uint8_t)number;
    record.event_id.bytes[15] = (uint8_t)number;
    record.header = header;
    record.header_size =
        SAMPLE_HEADER_SIZE + (size_t)sprintf((char *)header + SAMPLE_HEADER_SIZE,
                                             "header-" SECRET "%02u", (unsigned)number);
    record.details = (const uint8_t *)details;
    record.details_size =
        (size_t)sprintf(details, "%0*d details-" SECRET "%02u", (int)filling, 0, (unsigned)number);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

static inline oyez_journal *open_filled(size_t segment_size)
{
    struct oyez_journal_options options = keyed_journal(fake, &ledger);
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    oyez_journal *journal = NULL;
    char name[64];

    options.segment_size = segment_size;
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    for (uint64_t number = 1; number <= EVENTS; number++)
        append_numbered(journal, number);
    for (uint64_t i = 0; i < EVENTS; i++) {
        uint8_t leaf[1024];
        size_t size;
        assert_int_equal(oyez_journal_read(journal, i, &record), OYEZ_OK);
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, before[i].bytes), OYEZ_OK);
    }
    oyez_leaf_hasher_close(&hasher);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    for (unsigned i = 0; i < fake_disk_count(fake, ".seg"); i++) {
        snprintf(name, sizeof(name), "%.20s.idx", fake_disk_name(fake, ".seg", i));
        fake_disk_put(fake, name, "an index", 8);
    }
    return journal;
}

static inline oyez_err erase_wanted(oyez_journal *journal, struct oyez_erase_report *report)
{
    return oyez_journal_erase(journal, &erasure, wanted, sizeof(wanted) / sizeof(wanted[0]),
                              report);
}

static inline bool is_wanted(uint64_t index)
{
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (wanted[i] == index)
            return true;
    return false;
}

// How many texts of the event with this index are found, of two.
static inline unsigned search(uint64_t index)
{
    char text[2][64];
    unsigned found = 0;
    size_t size;

    snprintf(text[0], sizeof(text[0]), "header-" SECRET "%02u", (unsigned)index + 1);
    snprintf(text[1], sizeof(text[1]), "details-" SECRET "%02u", (unsigned)index + 1);
    for (unsigned i = 0; i < fake_disk_count(fake, ""); i++) {
        const uint8_t *bytes = fake_disk_file(fake, fake_disk_name(fake, "", i), &size);
        for (unsigned t = 0; bytes != NULL && t < 2; t++)
            found += memmem(bytes, size, text[t], strlen(text[t])) != NULL;
    }
    return found;
}

static inline struct oyez_journal_verdict verify(void)
{
    struct oyez_note_signer signer;
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    const struct oyez_journal_verify_options options = {
        .disk = disk, .key = &signer.verifier, .threads = 1};
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    return verdict;
}

// The state is one of two; true: erased. Every leaf is what it was in both.
static inline bool check_state(void)
{
    oyez_journal_reader *reader = NULL;
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    struct oyez_hash hash;
    uint8_t leaf[1024];
    size_t size, erased = 0, acts = 0;

    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK) {
        acts += record.kind == OYEZ_RECORD_ERASED;
        if (record.index >= EVENTS)
            continue;
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, hash.bytes), OYEZ_OK);
        assert_memory_equal(&hash, &before[record.index], sizeof(hash));
        assert_true(!record.erased || is_wanted(record.index));
        erased += record.erased;
        assert_int_equal(search(record.index), record.erased ? 0 : 2);
    }
    oyez_journal_reader_close(&reader);
    oyez_leaf_hasher_close(&hasher);
    assert_true((erased == 0 && acts == 0) || (erased == WANTED && acts == 1));
    assert_null(fake_disk_file(fake, UNFINISHED, &size));
    return erased > 0;
}

// Between the crash and the next opening nobody takes for damage what is half done.
static inline void look_between(void)
{
    struct oyez_journal_verdict verdict = verify();

    assert_int_equal(verdict.problems, 0);
    assert_true(verdict.erased + verdict.being_erased == 0 ||
                verdict.erased + verdict.being_erased == WANTED);
}

#endif
