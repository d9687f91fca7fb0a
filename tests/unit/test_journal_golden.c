// SPDX-License-Identifier: MIT
// The files under tests/golden/journal-v1 are opened for ever, and the writer makes the same bytes
// from the same records. They were written once, with OYEZ_WRITE_GOLDEN=1.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal_directory.h"

#define PATH_SIZE 512
#define BYTES_A_LINE 32u
#define LINE_SIZE 1024

static struct fake_disk *fake;
static oyez_journal *journal;
static char lines[64][LINE_SIZE];
static unsigned line_count;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static void golden_path(char out[PATH_SIZE], const char *folder, const char *name)
{
    const char *end = strrchr(__FILE__, '/');

    snprintf(out, PATH_SIZE, "%.*s/../golden/journal-v1/%s/%s", (int)(end - __FILE__), __FILE__,
             folder, name);
}

static void add(struct oyez_journal_record record)
{
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

static void add_repeats(void)
{
    struct oyez_journal_record record = sample_event(1);

    record.kind = OYEZ_RECORD_REPEAT;
    record.first_index = 0;
    record.position = 5;
    record.type_seq = 5;
    add(record);
    record = sample_personal(2);
    record.kind = OYEZ_RECORD_PERSONAL_REPEAT;
    record.first_index = 1;
    record.position = 6;
    record.type_seq = 6;
    add(record);
}

static void add_flagged(void)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    struct oyez_journal_record record = sample_numbered(7, header);

    record.flags = OYEZ_RECORD_CONFLICT | OYEZ_RECORD_FAST;
    add(record);
    record = sample_personal(8);
    record.salt_size = 0;
    record.flags = OYEZ_RECORD_INVALID;
    add(record);
    record = sample_event(9); // no envelope could be read
    record.header_size = 0;
    record.event_id = (struct oyez_uuid){{0}};
    record.details = (const uint8_t *)"plan.created\0\xff\xff";
    record.details_size = 15;
    record.details_format = 0;
    record.flags = OYEZ_RECORD_INVALID | OYEZ_RECORD_FAST;
    add(record);
}

static void add_erased(void)
{
    struct oyez_journal_record record = sample_personal(3);
    oyez_leaf_hasher *hasher = NULL;
    uint8_t commitment[32];

    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_leaf_commit(hasher, &record, commitment), OYEZ_OK);
    record.commitment = commitment;
    add(record);
    record = sample_event(4);
    assert_int_equal(oyez_leaf_commit(hasher, &record, commitment), OYEZ_OK);
    record.commitment = commitment;
    add(record);
    oyez_leaf_hasher_close(&hasher);
}

// Every kind and form; two groups of several records; four segments, the last closed.
static void write_kinds(void)
{
    struct oyez_journal_options options = small_journal(fake);
    struct oyez_journal_record record = sample_event(1);
    struct oyez_journal_record unknown = sample_act();

    options.segment_size = 1200;
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    add(sample_personal(2));
    add_erased();
    add_repeats();
    add_flagged();
    add(sample_gap(10, 14));
    add(sample_epoch_end(14));
    record.epoch += 1000000;
    record.emitter_seq = 15;
    record.details = (const uint8_t *)"{}";
    record.details_size = 2;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    add(sample_act());
    unknown.kind = OYEZ_RECORD_ACT_LAST;
    unknown.details_size = 0;
    add(unknown);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void write_example(void)
{
    struct oyez_journal_options options = small_journal(fake);

    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    add(sample_event(1));
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static size_t put_hex(char *out, const uint8_t *bytes, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++)
        used += (size_t)sprintf(out + used, "%02x", bytes[i]);
    out[used] = '\0';
    return used;
}

static void put_event(char *at, const struct oyez_journal_record *record)
{
    at += sprintf(at, " emitter=");
    at += put_hex(at, record->emitter_id.bytes, 16);
    at += sprintf(at, " number=%" PRIu64 " type_seq=%" PRIu64 " flags=%u id=", record->emitter_seq,
                  record->type_seq, record->flags);
    at += put_hex(at, record->event_id.bytes, 16);
    if (record->kind == OYEZ_RECORD_REPEAT || record->kind == OYEZ_RECORD_PERSONAL_REPEAT) {
        sprintf(at, " first=%" PRIu64, record->first_index);
    } else if (record->erased) {
        sprintf(at, " erased");
    } else {
        at += sprintf(at, " details=");
        put_hex(at, record->details, record->details_size);
    }
}

static void put_line(char *out, const struct oyez_journal_record *record)
{
    static const char *const names[] = {
        "", "event", "personal_event", "repeat", "personal_repeat", "gap", "epoch_end"};
    char *at = out;

    if (record->kind <= OYEZ_RECORD_EPOCH_END)
        at += sprintf(at, "%" PRIu64 " %s", record->index, names[record->kind]);
    else if (record->kind == OYEZ_RECORD_CATALOG_ADDED)
        at += sprintf(at, "%" PRIu64 " catalog_added", record->index);
    else
        at += sprintf(at, "%" PRIu64 " %d", record->index, (int)record->kind);
    at += sprintf(at, " %" PRIu64 ":%" PRIu64 " %" PRIu64, record->epoch, record->position,
                  record->broker_time);
    if (record->kind <= OYEZ_RECORD_PERSONAL_REPEAT) {
        put_event(at, record);
    } else if (record->kind == OYEZ_RECORD_GAP) {
        sprintf(at, " last=%" PRIu64 " why=%d", record->last_position, (int)record->reason);
    } else if (record->kind == OYEZ_RECORD_EPOCH_END) {
        sprintf(at, " highest=%" PRIu64 " next=%" PRIu64 " clean=%d", record->highest_position,
                record->next_epoch, record->clean);
    } else {
        at += sprintf(at, " bytes=");
        put_hex(at, record->details, record->details_size);
    }
}

static void read_lines(void)
{
    oyez_journal_reader *reader = NULL;
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    static uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    uint8_t hash[32];
    size_t size;

    line_count = 0;
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK) {
        char *line = lines[line_count++];
        put_line(line, &record);
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, hash), OYEZ_OK);
        line += strlen(line);
        line += sprintf(line, " leaf=");
        line += put_hex(line, hash, 32);
        sprintf(line, "\n");
    }
    oyez_journal_reader_close(&reader);
    oyez_leaf_hasher_close(&hasher);
}

static void write_golden(const char *folder)
{
    char path[PATH_SIZE], name[64], hex[2 * BYTES_A_LINE + 1];

    for (unsigned i = 0; fake_disk_name(fake, ".seg", i) != NULL; i++) {
        size_t size;
        snprintf(name, sizeof(name), "%s.hex", fake_disk_name(fake, ".seg", i));
        golden_path(path, folder, name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        const uint8_t *bytes = fake_disk_file(fake, fake_disk_name(fake, ".seg", i), &size);
        for (size_t at = 0; at < size; at += BYTES_A_LINE) {
            put_hex(hex, bytes + at, size - at < BYTES_A_LINE ? size - at : BYTES_A_LINE);
            fprintf(file, "%s\n", hex);
        }
        fclose(file);
    }
    golden_path(path, folder, "records.txt");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    read_lines();
    for (unsigned i = 0; i < line_count; i++)
        fputs(lines[i], file);
    fclose(file);
}

static uint8_t *load_hex(const char *folder, const char *name, size_t *size)
{
    char path[PATH_SIZE];
    static uint8_t bytes[8192];
    char digits[3] = "";
    unsigned have = 0;
    int c;

    golden_path(path, folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    *size = 0;
    while ((c = fgetc(file)) != EOF) {
        if (!isxdigit(c))
            continue;
        digits[have++] = (char)c;
        if (have < 2)
            continue;
        assert_true(*size < sizeof bytes);
        bytes[(*size)++] = (uint8_t)strtoul(digits, NULL, 16);
        have = 0;
    }
    fclose(file);
    return bytes;
}

static void assert_same_bytes(const char *folder)
{
    for (unsigned i = 0; fake_disk_name(fake, ".seg", i) != NULL; i++) {
        char name[64];
        size_t size, golden_size;
        const uint8_t *bytes = fake_disk_file(fake, fake_disk_name(fake, ".seg", i), &size);
        snprintf(name, sizeof(name), "%s.hex", fake_disk_name(fake, ".seg", i));
        const uint8_t *golden = load_hex(folder, name, &golden_size);
        assert_int_equal(size, golden_size);
        assert_memory_equal(bytes, golden, size);
    }
}

static void assert_same_records(const char *folder)
{
    char path[PATH_SIZE], line[LINE_SIZE];

    golden_path(path, folder, "records.txt");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    read_lines();
    for (unsigned i = 0; i < line_count; i++) {
        assert_non_null(fgets(line, sizeof(line), file));
        assert_string_equal(lines[i], line);
    }
    assert_null(fgets(line, sizeof(line), file));
    fclose(file);
}

static void test_the_writer_makes_the_same_bytes_for_ever(void **state)
{
    (void)state;
    write_kinds();
    if (getenv("OYEZ_WRITE_GOLDEN") != NULL)
        write_golden("kinds");
    assert_true(fake_disk_count(fake, ".seg") >= 3);
    assert_same_bytes("kinds");
    assert_same_records("kinds");
}

static void test_the_example_of_the_specification_is_what_the_writer_makes(void **state)
{
    (void)state;
    write_example();
    if (getenv("OYEZ_WRITE_GOLDEN") != NULL)
        write_golden("example");
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_same_bytes("example");
    assert_same_records("example");
}

// From the golden bytes alone, without the writer.
static void test_golden_files_are_opened_read_and_verified(void **state)
{
    (void)state;
    struct oyez_journal_verdict verdict;
    struct oyez_journal_report report;
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake)};
    char names[16][64];
    unsigned count = 0;

    write_kinds();
    for (; fake_disk_name(fake, ".seg", count) != NULL; count++)
        strcpy(names[count], fake_disk_name(fake, ".seg", count));
    for (unsigned i = 0; i < count; i++) {
        char name[128];
        size_t size;
        fake_disk_remove(fake, names[i]);
        snprintf(name, sizeof(name), "%.40s.hex", names[i]);
        const uint8_t *bytes = load_hex("kinds", name, &size);
        fake_disk_put(fake, names[i], bytes, size);
    }
    assert_same_records("kinds");
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    // Two of its records were erased without an act that says so: that is tampering, and named.
    assert_int_equal(verdict.problems, 2);
    assert_int_equal(verdict.erased, 2);
    assert_int_equal(verdict.repeats, 2);
    assert_int_equal(verdict.conflicts, 1);
    assert_int_equal(verdict.invalid, 2);
    assert_int_equal(verdict.acts, 2);
    assert_true(verdict.clean);
    journal = open_small(fake, &report);
    assert_true(report.clean);
    assert_int_equal(report.records, verdict.records);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_the_writer_makes_the_same_bytes_for_ever),
        IN_MEMORY(test_the_example_of_the_specification_is_what_the_writer_makes),
        IN_MEMORY(test_golden_files_are_opened_read_and_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
