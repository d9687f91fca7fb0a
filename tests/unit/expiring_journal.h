// SPDX-License-Identifier: MIT
// A small journal on a disk in memory from whose beginning segments are removed.
#ifndef OYEZ_EXPIRING_JOURNAL_H
#define OYEZ_EXPIRING_JOURNAL_H

#include <stdio.h>
#include <unistd.h>

#include "checkpointed_journal.h"
#include "oyez/expire.h"

#define EVENTS 90u // several segments

static struct fake_disk *fake;
static const struct oyez_disk *disk;

static inline void start_over(void)
{
    if (fake != NULL)
        fake_disk_free(fake);
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
}

static inline int set_up(void **state)
{
    (void)state;
    start_over();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    fake = NULL;
    return 0;
}

static inline struct oyez_expiry survey(uint64_t before)
{
    const struct oyez_expiry_limits limits = {.before = before};
    struct oyez_expiry expiry;
    if (oyez_expiry_survey(&expiry, "journal", disk, &limits) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return expiry;
}

// Removes what lies in whole segments before an index, and tells where the journal begins then.
static inline uint64_t expire(oyez_journal *journal, uint64_t before)
{
    struct oyez_expiry expiry = survey(before);
    uint64_t begins = expiry.before;
    if (oyez_journal_expire(journal, &expiry, NULL, 0, "a test", "it is old", NULL) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    oyez_expiry_free(&expiry);
    return begins;
}

static inline oyez_journal *make_journal(void)
{
    oyez_journal *journal = open_keyed(fake, NULL, NULL);
    commit_events(journal, 1, EVENTS);
    return journal;
}

struct told {
    unsigned count;
    char text[4096];
};

static inline void tell(void *arg, const struct oyez_journal_problem *problem)
{
    struct told *told = arg;
    size_t used = strlen(told->text);
    if (problem->derived)
        return;
    told->count++;
    snprintf(told->text + used, sizeof told->text - used, "%s: %s\n", problem->file, problem->what);
}

static inline struct oyez_journal_verdict verify(struct told *told)
{
    struct oyez_note_signer signer;
    struct oyez_journal_verdict verdict;
    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    *told = (struct told){.count = 0};
    const struct oyez_journal_verify_options options = {
        .disk = disk, .key = &signer.verifier, .threads = 1, .problem = tell, .arg = told};
    if (oyez_journal_verify("journal", &options, &verdict) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return verdict;
}

static inline struct oyez_journal_verdict verify_good(void)
{
    struct told told;
    struct oyez_journal_verdict verdict = verify(&told);
    if (told.count > 0 || verdict.problems > 0)
        fail_msg("%s", told.text);
    assert_int_equal(verdict.covered, verdict.expired + verdict.records);
    return verdict;
}

static inline void verify_bad(const char *what)
{
    struct told told;
    struct oyez_journal_verdict verdict = verify(&told);
    assert_true(verdict.problems > 0);
    if (strstr(told.text, what) == NULL)
        fail_msg("not told: %s\ntold: %s", what, told.text);
}

static inline void change_byte(const char *name, size_t at)
{
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, name, &size);
    assert_non_null(bytes);
    assert_true(at < size);
    bytes[at] ^= 1;
}

static inline void copy_to(const char *name, const char *directory)
{
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, name, &size);
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    assert_true(bytes != NULL && file != NULL);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void copy_all(char directory[64])
{
    static const char *const suffixes[] = {".seg", "hash.L0", "hash.L1", "checkpoint"};
    const char *name;
    snprintf(directory, 64, "/tmp/oyez-expire-XXXXXX");
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        for (unsigned j = 0; (name = fake_disk_name(fake, suffixes[i], j)) != NULL; j++)
            copy_to(name, directory);
}

static inline void remove_all(const char *directory)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

#endif
