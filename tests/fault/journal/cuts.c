// SPDX-License-Identifier: MIT
// The power goes after every change of the disk in turn, and what no sync had covered is lost in
// every way that the disk can model; then everything acknowledged must still be there.
#include <stdio.h>
#include <stdlib.h>

#include "campaign.h"

#define SEGMENT_SIZE 1500u
#define SEED_ROUNDS 12u
#define SECTORS_MAX 6u // of a torn write that are tried; behind them are zeros that fill ahead

enum loss {
    LOSS_NOTHING,
    LOSS_ALL,
    LOSS_BEHIND,
    LOSS_TORN,
    LOSS_ANYHOW,
    LOSS_TWICE,
    LOSS_LATER,
    LOSSES,
};

static const char *const loss_names[LOSSES] = {
    "nothing lost (kill -9)",
    "all lost",
    "every prefix kept",
    "the write behind it torn at 512 bytes",
    "anyhow: reordered, in pieces",
    "anyhow, and again while recovering",
    "nothing, but all after a restart",
};

#define STORIES 3u
static const char *const story_names[STORIES] = {
    "two lives, without key and checkpoints",
    "two lives and a new key",
    "the same, with more leaves than a tile has",
};

struct cuts {
    const struct budget *budget;
    fake_sync_called *skip;
    void *skip_arg;
    bool stop_at_first;
    bool is_long, keyless;
    unsigned cases[LOSSES], with_names[LOSSES], faults[LOSSES];
    const char *fault; // the first
    char first[1200];
};

struct way {
    enum loss loss;
    unsigned kept, sectors; // LOSS_BEHIND, LOSS_TORN
    unsigned seed;          // LOSS_ANYHOW, LOSS_TWICE
};

static void cut(struct fake_disk *fake, const struct way *way)
{
    if (way->loss == LOSS_NOTHING || way->loss == LOSS_LATER)
        fake_disk_cut(fake, FAKE_CUT_NOTHING_LOST, 0);
    else if (way->loss == LOSS_ANYHOW || way->loss == LOSS_TWICE)
        fake_disk_cut_anyhow(fake, way->seed);
    else
        fake_disk_cut_behind(fake, way->kept, way->sectors);
}

// A recovery that is itself cut short, at a place of its own.
static void recover_and_cut(struct story *story, unsigned seed)
{
    oyez_journal *journal = NULL;

    fake_disk_stop_after(story->fake, 1 + seed % 29);
    (void)story_open(story, &journal, NULL);
    (void)oyez_journal_close(&journal);
    fake_disk_cut_anyhow(story->fake, seed * 7919 + 1);
}

static void try_way(struct cuts *cuts, const struct story *before, unsigned point,
                    const struct way *way)
{
    struct story *story = malloc(sizeof(*story));

    if (story == NULL)
        abort();
    *story = *before;
    story->fake = fake_disk_copy(before->fake);
    fake_disk_on_sync(story->fake, cuts->skip, cuts->skip_arg);
    cuts->with_names[way->loss] += fake_disk_pending_names(story->fake) > 0;
    cut(story->fake, way);
    if (way->loss == LOSS_TWICE)
        recover_and_cut(story, way->seed);
    const char *wrong =
        way->loss == LOSS_LATER ? judge_start_and_cut(story, true) : judge_recovery(story);
    cuts->cases[way->loss]++;
    if (wrong != NULL) {
        cuts->faults[way->loss]++;
        if (cuts->fault == NULL) {
            snprintf(cuts->first, sizeof(cuts->first),
                     "after change %u, %s (kept %u, sectors %u, seed %u): %s", point,
                     loss_names[way->loss], way->kept, way->sectors, way->seed, wrong);
            cuts->fault = cuts->first;
        }
    }
    fake_disk_free(story->fake);
    free(story);
}

static bool is_over(const struct cuts *cuts)
{
    return (cuts->stop_at_first && cuts->fault != NULL) || budget_is_spent(cuts->budget);
}

static void try_all_ways(struct cuts *cuts, const struct story *story, unsigned point)
{
    unsigned pending = fake_disk_pending(story->fake);

    try_way(cuts, story, point, &(struct way){.loss = LOSS_NOTHING});
    try_way(cuts, story, point, &(struct way){.loss = LOSS_LATER});
    for (unsigned kept = 0; kept <= pending && !is_over(cuts); kept++) {
        unsigned sectors = fake_disk_pending_sectors(story->fake, kept);
        struct way way = {.loss = kept == 0 ? LOSS_ALL : LOSS_BEHIND, .kept = kept};
        try_way(cuts, story, point, &way);
        way.loss = LOSS_TORN;
        for (way.sectors = 1; way.sectors < sectors && way.sectors <= SECTORS_MAX; way.sectors++)
            try_way(cuts, story, point, &way);
    }
}

static void try_seed(struct cuts *cuts, const struct story *story, unsigned point, unsigned round)
{
    struct way way = {.loss = LOSS_ANYHOW, .seed = point * 1000 + round};

    try_way(cuts, story, point, &way);
    way.loss = LOSS_TWICE;
    try_way(cuts, story, point, &way);
}

// Plays the story until the power goes. False: it came to its end before.
static bool play(struct cuts *cuts, struct story *story, unsigned point)
{
    *story = (struct story){.fake = fake_disk_new(),
                            .segment_size = SEGMENT_SIZE,
                            .is_long = cuts->is_long,
                            .keyless = cuts->keyless};
    fake_disk_on_sync(story->fake, cuts->skip, cuts->skip_arg);
    fake_disk_stop_after(story->fake, point);
    return story_play(story) != OYEZ_OK;
}

static unsigned count_points(struct cuts *cuts, struct story *story)
{
    (void)play(cuts, story, 1000000);
    unsigned count = fake_disk_changes(story->fake);

    fake_disk_free(story->fake);
    return count;
}

static void try_point(struct cuts *cuts, const struct story *story, unsigned point, unsigned round)
{
    if (round == 0) {
        try_way(cuts, story, point, &(struct way){.loss = LOSS_ALL});
        try_way(cuts, story, point, &(struct way){.loss = LOSS_LATER});
        if (!cuts->stop_at_first)
            try_seed(cuts, story, point, round);
    } else if (round == 1) {
        try_all_ways(cuts, story, point);
    } else {
        try_seed(cuts, story, point, round);
    }
}

// Points come in an order that reaches all parts of the story soon.
static void run(struct cuts *cuts, unsigned first_round, unsigned last_round)
{
    struct story *story = malloc(sizeof(*story));

    if (story == NULL)
        abort();
    unsigned points = count_points(cuts, story);
    unsigned stride = points % 37 == 0 ? 41 : 37;
    for (unsigned round = first_round; round <= last_round; round++)
        for (unsigned i = 0; i < points && !is_over(cuts); i++) {
            unsigned point = 1 + i * stride % points;
            (void)play(cuts, story, point);
            try_point(cuts, story, point, round);
            fake_disk_free(story->fake);
        }
    free(story);
}

static void print(const struct cuts *cuts)
{
    unsigned cases = 0, faults = 0;

    printf("%-40s %8s %16s %8s\n", "power cut", "cases", "unsynced names", "faults");
    for (unsigned i = 0; i < LOSSES; i++) {
        printf("%-40s %8u %16u %8u\n", loss_names[i], cuts->cases[i], cuts->with_names[i],
               cuts->faults[i]);
        cases += cuts->cases[i];
        faults += cuts->faults[i];
    }
    printf("%-40s %8u %16s %8u   %.1f s\n\n", "all", cases, "", faults, budget_used(cuts->budget));
    if (cuts->fault != NULL)
        printf("first: %s\n", cuts->fault);
}

int campaign_cuts(double seconds)
{
    struct budget budget;
    bool failed = false;

    for (unsigned i = 0; i < STORIES; i++) {
        struct cuts cuts = {.budget = &budget, .is_long = i == 2, .keyless = i == 0};
        budget_begin(&budget, seconds / STORIES);
        run(&cuts, 0, SEED_ROUNDS);
        printf("%s\n", story_names[i]);
        print(&cuts);
        failed = failed || cuts.fault != NULL;
    }
    return failed ? 1 : 0;
}

const char *cuts_find_fault(const struct budget *budget, fake_sync_called *skip, void *arg,
                            bool is_deep)
{
    static struct cuts cuts;

    for (unsigned i = 0; i < STORIES; i++) {
        cuts = (struct cuts){.budget = budget,
                             .skip = skip,
                             .skip_arg = arg,
                             .stop_at_first = true,
                             .is_long = i == 2,
                             .keyless = i == 0};
        run(&cuts, is_deep ? 1 : 0, is_deep ? SEED_ROUNDS : 0);
        if (cuts.fault != NULL)
            return cuts.fault;
    }
    return NULL;
}
