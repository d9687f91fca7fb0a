// SPDX-License-Identifier: MIT
// usage: tlog_journal OUT SIZE...
// A journal for other programs to verify: OUT/journal, its key OUT/vkey, in OUT/notes the checkpoint
// of every size up to 1,025 and of each SIZE, in OUT/proofs proofs against them, and exported tiles
// of each SIZE in OUT/tiles-SIZE. In notes and proofs a line "WORD NUMBERS BYTES" stands before
// so many bytes.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/proof.h"
#include "oyez/tiles.h"
#include "oyez/tlog_tiles.h"
#include "tests/unit/journal_samples.h"

#define EVERY_SIZE 1025u // up to this one
#define ALL_INDEXES 40u  // up to this size every record is proven
#define INDEXES 5u       // of larger ones
#define GROUP 1000u
#define PATH_SIZE 1024u

struct maker {
    struct oyez_disk disk;
    char out[PATH_SIZE], directory[PATH_SIZE], key[PATH_SIZE];
    oyez_journal *journal;
    uint64_t size, before;                // of the journal, and at the checkpoint before
    char note[OYEZ_CHECKPOINT_NOTE_SIZE]; // the newest
    size_t note_size;
    uint64_t covers;
    FILE *notes, *proofs;
    unsigned draw;
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "tlog_journal: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

// Nothing here outlives a power cut, and thousands of checkpoints are made.
static int sync_nothing(void *context, int fd)
{
    (void)context;
    (void)fd;
    return 0;
}

static int sync_no_directory(void *context, const char *path)
{
    (void)context;
    (void)path;
    return 0;
}

static void take_checkpoint(void *arg, const struct oyez_journal_checkpoint *checkpoint)
{
    struct maker *maker = arg;

    memcpy(maker->note, checkpoint->note, checkpoint->note_size);
    maker->note_size = checkpoint->note_size;
    maker->covers = checkpoint->records;
}

static FILE *make_file(const struct maker *maker, const char *name)
{
    char path[PATH_SIZE + 64];

    snprintf(path, sizeof(path), "%s/%s", maker->out, name);
    FILE *file = fopen(path, "w");
    require(file != NULL, path);
    return file;
}

static void open_journal(struct maker *maker)
{
    const struct oyez_journal_options options = {.disk = &maker->disk,
                                                 .segment_size = 1u << 20,
                                                 .key = maker->key,
                                                 .checkpointed = take_checkpoint,
                                                 .arg = maker};

    snprintf(maker->directory, sizeof(maker->directory), "%.900s/journal", maker->out);
    snprintf(maker->key, sizeof(maker->key), "%.900s/journal.key", maker->out);
    maker->disk = *oyez_disk_system();
    maker->disk.fdatasync = sync_nothing;
    maker->disk.sync_directory = sync_no_directory;
    require(oyez_journal_open(&maker->journal, maker->directory, &options, NULL) == OYEZ_OK,
            "opening the journal");
    maker->notes = make_file(maker, "notes");
    maker->proofs = make_file(maker, "proofs");
}

static void write_vkey(struct maker *maker)
{
    struct oyez_note_verifier verifier;
    char vkey[OYEZ_NOTE_VKEY_SIZE];
    FILE *file = make_file(maker, "vkey");

    require(oyez_journal_verifier(maker->journal, &verifier) == OYEZ_OK, "verifier");
    oyez_note_verifier_write(&verifier, vkey);
    fprintf(file, "%s\n", vkey);
    fclose(file);
}

static void write_note(struct maker *maker)
{
    require(maker->covers == maker->size, "a checkpoint over all");
    fprintf(maker->notes, "note %" PRIu64 " %zu\n", maker->covers, maker->note_size);
    fwrite(maker->note, 1, maker->note_size, maker->notes);
}

static void grow(struct maker *maker, uint64_t size)
{
    uint8_t header[SAMPLE_HEADER_SIZE];

    maker->before = maker->size;
    while (maker->size < size) {
        struct oyez_journal_record record = sample_numbered(maker->size + 1, header);
        require(oyez_journal_append(maker->journal, &record, NULL) == OYEZ_OK, "appending");
        maker->size++;
        if (maker->size % GROUP == 0 || maker->size == size)
            require(oyez_journal_commit(maker->journal, NULL) == OYEZ_OK, "committing");
    }
    require(oyez_journal_checkpoint(maker->journal) == OYEZ_OK, "a checkpoint");
    write_note(maker);
}

static uint64_t draw_below(struct maker *maker, uint64_t limit)
{
    maker->draw = maker->draw * 1664525u + 1013904223u;
    return (uint64_t)(maker->draw >> 8) % limit;
}

static void prove_inclusion(struct maker *maker, oyez_journal_reader *reader, uint64_t index)
{
    char *proof;
    size_t size;

    require(oyez_journal_prove(reader, index, maker->note, maker->note_size, &proof, &size) ==
                OYEZ_OK,
            "a proof of a record");
    fprintf(maker->proofs, "record %" PRIu64 " %" PRIu64 " %zu\n", index, maker->size, size);
    fwrite(proof, 1, size, maker->proofs);
    free(proof);
}

static void prove_consistency(struct maker *maker, const struct oyez_tree_source *source,
                              uint64_t old)
{
    struct oyez_tree_proof proof;

    require(oyez_tree_prove_consistency(source, old, maker->size, &proof) == OYEZ_OK,
            "a proof of consistency");
    fprintf(maker->proofs, "tree %" PRIu64 " %" PRIu64 " %zu\n", old, maker->size,
            proof.count * sizeof(proof.hashes[0]));
    fwrite(proof.hashes, sizeof(proof.hashes[0]), proof.count, maker->proofs);
}

static void prove(struct maker *maker, oyez_journal_reader *reader,
                  const struct oyez_tree_source *source)
{
    if (maker->size <= ALL_INDEXES) {
        for (uint64_t i = 0; i < maker->size; i++) {
            prove_inclusion(maker, reader, i);
            prove_consistency(maker, source, i + 1);
        }
        return;
    }
    prove_inclusion(maker, reader, 0);
    prove_inclusion(maker, reader, maker->size - 1);
    prove_consistency(maker, source, maker->before);
    for (unsigned i = 0; i < INDEXES; i++) {
        prove_inclusion(maker, reader, draw_below(maker, maker->size));
        prove_consistency(
            maker, source,
            1 + draw_below(maker, maker->size < EVERY_SIZE ? maker->size : EVERY_SIZE));
    }
}

static bool is_asked_for(int argc, char **argv, uint64_t size)
{
    for (int i = 2; i < argc; i++)
        if (strtoull(argv[i], NULL, 10) == size)
            return true;
    return false;
}

static void export_tiles(const struct maker *maker)
{
    char path[PATH_SIZE + 64];

    snprintf(path, sizeof(path), "%s/tiles-%" PRIu64, maker->out, maker->size);
    require(oyez_tlog_tiles_export(maker->directory, path, NULL, NULL, NULL) == OYEZ_OK, path);
}

int main(int argc, char **argv)
{
    static struct maker maker;
    oyez_journal_reader *reader = NULL;
    oyez_leaf_hasher *hasher = NULL;
    oyez_tiles *tiles = NULL;
    uint64_t last = argc > 2 ? strtoull(argv[argc - 1], NULL, 10) : 0;

    if (argc < 3 || last == 0) {
        fprintf(stderr, "usage: tlog_journal OUT SIZE...    (sizes grow)\n");
        return 2;
    }
    snprintf(maker.out, sizeof(maker.out), "%s", argv[1]);
    open_journal(&maker);
    write_vkey(&maker);
    write_note(&maker);
    require(oyez_leaf_hasher_open(&hasher) == OYEZ_OK &&
                oyez_journal_reader_open(&reader, maker.directory, NULL) == OYEZ_OK &&
                oyez_tiles_open(&tiles, maker.directory, NULL) == OYEZ_OK,
            "reading");
    const struct oyez_tree_source source = {oyez_tiles_read, tiles, hasher};
    for (uint64_t size = 1; size <= last; size++) {
        if (size > EVERY_SIZE && !is_asked_for(argc, argv, size))
            continue;
        grow(&maker, size);
        prove(&maker, reader, &source);
        if (is_asked_for(argc, argv, size))
            export_tiles(&maker);
    }
    oyez_tiles_close(&tiles);
    oyez_leaf_hasher_close(&hasher);
    oyez_journal_reader_close(&reader);
    fclose(maker.notes);
    fclose(maker.proofs);
    require(oyez_journal_close(&maker.journal) == OYEZ_OK, "closing");
    return 0;
}
