// SPDX-License-Identifier: MIT
// Every file of a journal is cut at every byte, and every bit of it is flipped. Either that is named;
// or the file is made again, and nothing else differs; or it is a tail that nobody was told was safe,
// and that is told. Whatever else happens is a fault.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

#define SEGMENT_SIZE 1500u
#define KINDS_MAX 32u
#define PICTURES 3u
#define PART_OF_TILE 512u // of one that is full: all its bytes are alike
#define ZEROS_LEFT 64u    // of those that fill a file ahead
#define OPEN_EVERY 8u     // of the cases that verify has named

enum outcome { NAMED, REBUILT, TAIL, OTHER, OUTCOMES };

struct kind {
    unsigned picture;
    char name[48], label[64];
    size_t size;
    unsigned outcomes[2][OUTCOMES]; // cut, flipped
};

struct picture {
    const char *label;
    struct story story;
    struct fake_disk *work; // the one that is damaged, and repaired
    uint64_t records;       // of the journal
    uint64_t covered;       // of them, by the newest checkpoint
    bool clean;
    struct oyez_note_verifier key; // that verify is given: the first
};

struct damage {
    struct picture pictures[PICTURES];
    struct kind kinds[KINDS_MAX];
    unsigned kind_count;
    unsigned cases, others;
};

struct change {
    struct kind *kind;
    bool cut;
    size_t at; // size, or bit
};

// What verify says.
struct seen {
    const char *name; // of the file that was damaged
    oyez_err err;
    struct oyez_journal_verdict verdict;
    bool named; // that very file
    char what[256];
};

static void take_problem(void *arg, const struct oyez_journal_problem *problem)
{
    struct seen *seen = arg;

    seen->named = seen->named || strcmp(problem->file, seen->name) == 0;
    if (seen->what[0] == '\0')
        snprintf(seen->what, sizeof(seen->what), "%s: offset %" PRIu64 ": %s", problem->file,
                 problem->offset, problem->what);
}

static void look(const struct picture *picture, struct fake_disk *fake, const char *name,
                 struct seen *seen)
{
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake),
                                                        .key = &picture->key,
                                                        .threads = 1,
                                                        .problem = take_problem,
                                                        .arg = seen};

    *seen = (struct seen){.name = name};
    seen->err = oyez_journal_verify(STORY_DIRECTORY, &options, &seen->verdict);
    if (seen->err != OYEZ_OK) {
        snprintf(seen->what, sizeof(seen->what), "%s", oyez_error_detail());
        seen->named = strstr(seen->what, name) != NULL;
    }
}

static bool names_damage(const struct seen *seen)
{
    return seen->err != OYEZ_OK || seen->verdict.problems > 0 || seen->verdict.derived > 0;
}

// Tables of event ids are made again by who looks for one.
static bool find_all(oyez_journal *journal)
{
    struct oyez_journal_record record;
    uint64_t index, found;

    for (index = 0; index < oyez_journal_next_index(journal); index++) {
        if (oyez_journal_read(journal, index, &record) != OYEZ_OK)
            return false;
        if (record.kind == OYEZ_RECORD_EVENT &&
            (oyez_journal_find_event_id(journal, record.event_id, &found) != OYEZ_OK ||
             found != index))
            return false;
    }
    return true;
}

// To the byte. A killed journal gets a newer checkpoint; an entry of the history a later time.
static bool is_made_again(const struct picture *picture, const char *name)
{
    return strstr(name, ".ids") != NULL || strncmp(name, "hash.", 5) == 0 ||
           strcmp(name, STORY_KEY) == 0 ||
           (picture->clean && strcmp(name, OYEZ_CHECKPOINT_FILE) == 0);
}

// The file begins as it did: what it had is there again.
static const char *judge_rebuilt(const struct picture *picture, struct fake_disk *fake,
                                 const char *name)
{
    size_t before_size = 0, after_size = 0;
    const uint8_t *before = fake_disk_file(picture->story.fake, name, &before_size);
    const uint8_t *after = fake_disk_file(fake, name, &after_size);

    if (!is_made_again(picture, name))
        return NULL;
    if (after == NULL || after_size < before_size || memcmp(after, before, before_size) != 0)
        return judge_fail("%s is not what it was", name);
    return NULL;
}

// It could be opened for writing: what is there, and what was said of it?
static enum outcome judge_opened(const struct picture *picture, struct story *story,
                                 oyez_journal *journal, const struct oyez_journal_report *report,
                                 const struct seen *seen, const char **wrong)
{
    struct seen after;
    uint64_t records = 0;
    bool whole = report->records == picture->records;

    // Only what no checkpoint covers may go, and not without a word.
    story->ledger.records = whole ? picture->records : picture->covered;
    *wrong = judge_records(story, &records);
    if (*wrong == NULL && (records != report->records || (!whole && report->clean)))
        *wrong = judge_fail("%" PRIu64 " records, and no word of it", records);
    if (*wrong == NULL && !find_all(journal))
        *wrong = judge_fail("an event is not found: %s", oyez_error_detail());
    oyez_err closed = oyez_journal_close(&journal);
    if (*wrong == NULL && closed != OYEZ_OK)
        *wrong = judge_fail("closing: %s", oyez_error_detail());
    look(picture, story->fake, seen->name, &after);
    // What verify named is named still, and nothing was built on it.
    if (names_damage(seen) && names_damage(&after) && after.named) {
        *wrong = NULL;
        return NAMED;
    }
    if (*wrong == NULL && (after.err != OYEZ_OK || after.verdict.problems > 0 ||
                           after.verdict.derived > 0 || !after.verdict.clean))
        *wrong = judge_fail("verify, after it was opened and closed%s: %s",
                            after.verdict.clean ? "" : " (not clean)", after.what);
    if (*wrong == NULL && after.verdict.covered != records)
        *wrong = judge_fail("checkpoints cover %" PRIu64 " of %" PRIu64 " records",
                            after.verdict.covered, records);
    if (*wrong != NULL)
        return OTHER;
    if (!whole || report->torn_bytes > 0 || (picture->clean && !report->clean))
        return TAIL;
    *wrong = judge_rebuilt(picture, story->fake, seen->name);
    return *wrong == NULL ? REBUILT : OTHER;
}

static bool tells(const char *detail, const char *name)
{
    return strstr(detail, name) != NULL || strstr(detail, "its checkpoint covers") != NULL;
}

static enum outcome judge_opening(const struct picture *picture, const struct seen *seen,
                                  const struct change *change, const char **wrong)
{
    struct story *story = malloc(sizeof(*story));
    struct oyez_journal_report report;
    oyez_journal *journal = NULL;
    enum outcome outcome = NAMED;

    if (story == NULL)
        abort();
    *story = picture->story;
    story->fake = fake_disk_copy(picture->work);
    oyez_err err = story_open(story, &journal, &report);
    if (err != OYEZ_OK && !names_damage(seen) && !tells(oyez_error_detail(), change->kind->name)) {
        *wrong = judge_fail("refused without its name: %s", oyez_error_detail());
        outcome = OTHER;
    } else if (err == OYEZ_OK) {
        outcome = judge_opened(picture, story, journal, &report, seen, wrong);
        if (outcome != OTHER && report.torn_bytes != seen->verdict.torn_bytes) {
            *wrong = judge_fail("%" PRIu64 " torn bytes at opening, %" PRIu64 " by verify",
                                report.torn_bytes, seen->verdict.torn_bytes);
            outcome = OTHER;
        }
    }
    fake_disk_free(story->fake);
    free(story);
    return outcome;
}

static void flip(const struct picture *picture, const struct change *change)
{
    size_t size;

    fake_disk_file(picture->work, change->kind->name, &size)[change->at / 8] ^=
        (uint8_t)(1u << change->at % 8);
}

static void do_damage(const struct picture *picture, const struct change *change)
{
    if (change->cut)
        fake_disk_resize(picture->work, change->kind->name, change->at);
    else
        flip(picture, change);
}

static void undo_damage(const struct picture *picture, const struct change *change)
{
    size_t size;
    const uint8_t *bytes = fake_disk_file(picture->story.fake, change->kind->name, &size);

    if (!change->cut)
        flip(picture, change);
    else
        fake_disk_put(picture->work, change->kind->name, bytes, size);
}

static void try_change(struct damage *damage, const struct change *change)
{
    const struct picture *picture = &damage->pictures[change->kind->picture];
    const char *name = change->kind->name, *wrong = NULL;
    enum outcome outcome = NAMED;
    struct seen seen;

    do_damage(picture, change);
    look(picture, picture->work, name, &seen);
    bool named = seen.err != OYEZ_OK || seen.verdict.problems > 0;
    bool is_segment = strstr(name, ".seg") != NULL;
    if (named && !seen.named && strstr(seen.what, "checkpoint") == NULL) {
        wrong = judge_fail("verify names something else: %s", seen.what);
        outcome = OTHER;
    } else if (!named || !is_segment || damage->cases % OPEN_EVERY == 0) {
        outcome = judge_opening(picture, &seen, change, &wrong);
    }
    undo_damage(picture, change);
    damage->cases++;
    change->kind->outcomes[change->cut ? 0 : 1][outcome]++;
    if (outcome != OTHER)
        return;
    if (change->kind->outcomes[change->cut ? 0 : 1][OTHER] <= 3)
        printf("%s, %s at %s %zu: %s\n", change->kind->label, change->cut ? "cut" : "flipped",
               change->cut ? "byte" : "bit", change->at, wrong);
    damage->others++;
}

// Segments that end in zeros which fill them ahead keep few of them: each is like the other.
static void trim(struct fake_disk *fake, const char *name)
{
    size_t size;
    const uint8_t *bytes = fake_disk_file(fake, name, &size);
    size_t used = size;

    while (used > 0 && bytes[used - 1] == 0)
        used--;
    if (used + ZEROS_LEFT < size)
        fake_disk_resize(fake, name, used + ZEROS_LEFT);
}

static void add_kind(struct damage *damage, unsigned picture, const char *name, const char *label)
{
    struct kind *kind = &damage->kinds[damage->kind_count++];

    *kind = (struct kind){.picture = picture};
    snprintf(kind->name, sizeof(kind->name), "%s", name);
    snprintf(kind->label, sizeof(kind->label), "%s: %s", damage->pictures[picture].label, label);
    (void)fake_disk_file(damage->pictures[picture].story.fake, name, &kind->size);
}

// A journal of two lives and a third that ends without a word, if it is not to be clean.
static void paint(struct picture *picture)
{
    struct story *story = &picture->story;
    oyez_journal *journal = NULL;
    bool ok = story_play(story) == OYEZ_OK;

    if (ok && !picture->clean)
        ok = story_open(story, &journal, NULL) == OYEZ_OK &&
             story_add(story, journal, 3, 2) == OYEZ_OK;
    if (!ok)
        abort();
    fake_disk_stop_after(story->fake, 0);
    (void)oyez_journal_close(&journal);
    fake_disk_cut(story->fake, FAKE_CUT_NOTHING_LOST, 0);
    picture->records = story->ledger.records;
    picture->covered = story->ledger.given[story->ledger.count - 1].size;
    picture->key = story->ledger.key[0];
}

static void set_up(struct damage *damage)
{
    static const char *const labels[PICTURES] = {"closed", "killed", "long"};
    static const char *const files[] = {OYEZ_CHECKPOINT_FILE, OYEZ_CHECKPOINT_HISTORY_FILE,
                                        "hash.L0", STORY_KEY, "lock"};

    for (unsigned i = 0; i < PICTURES; i++) {
        struct picture *picture = &damage->pictures[i];
        *picture = (struct picture){.label = labels[i], .clean = i != 1};
        picture->story = (struct story){
            .fake = fake_disk_new(), .segment_size = SEGMENT_SIZE, .is_long = i == 2};
        paint(picture);
        struct fake_disk *fake = picture->story.fake;
        unsigned segments = fake_disk_count(fake, ".seg");
        trim(fake, fake_disk_name(fake, ".seg", segments - 1));
        picture->work = fake_disk_copy(fake);
        if (i == 2) {
            add_kind(damage, i, "hash.L0", "hash.L0, a part");
            damage->kinds[damage->kind_count - 1].size = PART_OF_TILE;
            add_kind(damage, i, "hash.L1", "hash.L1");
            continue;
        }
        add_kind(damage, i, fake_disk_name(fake, ".seg", 0), "first segment");
        add_kind(damage, i, fake_disk_name(fake, ".seg", segments - 2), "segment before the last");
        add_kind(damage, i, fake_disk_name(fake, ".seg", segments - 1), "last segment");
        add_kind(damage, i, fake_disk_name(fake, ".ids", 0), "table of event ids");
        for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++)
            add_kind(damage, i, files[k], files[k]);
    }
}

static void tear_down(struct damage *damage)
{
    for (unsigned i = 0; i < PICTURES; i++) {
        fake_disk_free(damage->pictures[i].story.fake);
        fake_disk_free(damage->pictures[i].work);
    }
}

static void print(const struct damage *damage, size_t all, double used)
{
    printf("%-34s %6s  %-29s  %s\n", "", "", "cut at a byte", "bit flipped");
    printf("%-34s %6s", "file", "bytes");
    for (unsigned i = 0; i < 2; i++)
        printf("  %8s %7s %6s %5s", "named", "rebuilt", "tail", "OTHER");
    printf("\n");
    for (unsigned i = 0; i < damage->kind_count; i++) {
        const struct kind *kind = &damage->kinds[i];
        printf("%-34s %6zu", kind->label, kind->size);
        for (unsigned k = 0; k < 2; k++)
            printf("  %8u %7u %6u %5u", kind->outcomes[k][NAMED], kind->outcomes[k][REBUILT],
                   kind->outcomes[k][TAIL], kind->outcomes[k][OTHER]);
        printf("\n");
    }
    printf("%u of %zu cases, %u with another outcome, %.1f s\n", damage->cases, all, damage->others,
           used);
}

// Case number `n` of all: of each file first the cuts, then the flips.
static struct change find_change(struct damage *damage, size_t n)
{
    struct kind *kind = damage->kinds;

    for (; n >= 9 * kind->size; kind++)
        n -= 9 * kind->size;
    if (n < kind->size)
        return (struct change){kind, true, n};
    return (struct change){kind, false, n - kind->size};
}

int campaign_damage(double seconds)
{
    static struct damage damage;
    struct budget budget;
    size_t all = 0, stride = 7919;

    set_up(&damage);
    budget_begin(&budget, seconds);
    for (unsigned i = 0; i < damage.kind_count; i++)
        all += 9 * damage.kinds[i].size;
    while (all % stride == 0)
        stride += 2;
    // A stride without a common divisor reaches every case once, and all files from the beginning.
    for (size_t i = 0; i < all && !budget_is_spent(&budget); i++) {
        struct change change = find_change(&damage, (size_t)((uint64_t)i * stride % all));
        try_change(&damage, &change);
    }
    print(&damage, all, budget_used(&budget));
    tear_down(&damage);
    return damage.others > 0 ? 1 : 0;
}
