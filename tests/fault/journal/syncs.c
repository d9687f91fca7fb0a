// SPDX-License-Identifier: MIT
// Every sync of a file or directory is left out in turn, wherever it is called from: if the other
// campaigns do not notice, either they are too weak or the sync is of no use.
#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define STACKS_MAX 512u
#define SITES_MAX 64u
#define FRAMES 8
#define NAMES 3 // of a site: the caller, and who called that
#define SECONDS_TO_LIST 10.0

struct stack {
    void *frame[FRAMES];
    unsigned site;
};

// Left out, these do no harm; why.
static const struct spare {
    const char *site, *why;
} spares[] = {
    {"oyez_disk_sync_name < oyez_disk_replace < make_history",
     "the first checkpoint syncs the same directory"},
    {"write_new < oyez_disk_replace < set_newest", "`checkpoint` is made again from `checkpoints`"},
    {"oyez_disk_sync_name < oyez_disk_replace < set_newest",
     "`checkpoint` is made again from `checkpoints`"},
    {"oyez_journal_reopen", "it tells of a tail that was lost though it had been synced"},
    {"oyez_hash_files_sync < oyez_journal_settle",
     "the checkpoint that follows syncs the same directory"},
    {"oyez_hash_files_sync < load_tree", "hash files are made again from the segments"},
    {"sync_level < oyez_hash_files_sync < load_tree",
     "hash files are made again from the segments"},
    {"sync_level < oyez_hash_files_sync < oyez_hash_files_begin_anew",
     "hash files are made again from the segments"},
};

static struct stack stacks[STACKS_MAX];
static char sites[SITES_MAX][256];
static unsigned calls[SITES_MAX];
static unsigned stack_count, site_count, skipped_site;

// "function\nfile:line\n" for each frame, by the debugging information of this program.
static FILE *resolve(void *const frame[FRAMES], unsigned count)
{
    char command[512];
    Dl_info self;
    int size;

    if (dladdr(frame[0], &self) == 0)
        return NULL;
    size = snprintf(command, sizeof(command), "addr2line -f -s -e /proc/%ld/exe", (long)getpid());
    for (unsigned i = 0; i < count && size > 0 && (size_t)size < sizeof(command) - 32; i++)
        // The call stands before the address to which it returns.
        size += snprintf(command + size, sizeof(command) - (size_t)size, " %#tx",
                         (char *)frame[i] - (char *)self.dli_fbase - 1);
    return popen(command, "r");
}

static bool is_ours(const char *place)
{
    static const char *const not_library[] = {"story.c", "judge.c", "cuts.c", "errors.c",
                                              "syncs.c", "main.c",  "??"};

    for (size_t i = 0; i < sizeof(not_library) / sizeof(not_library[0]); i++)
        if (strncmp(place, not_library[i], strlen(not_library[i])) == 0)
            return false;
    return true;
}

static void name_site(void *const frame[FRAMES], char out[256])
{
    char function[128], place[128];
    FILE *names = resolve(frame, FRAMES);
    size_t size = 0;
    unsigned count = 0;

    snprintf(out, 256, "?");
    while (names != NULL && count < NAMES && fgets(function, sizeof(function), names) != NULL &&
           fgets(place, sizeof(place), names) != NULL && is_ours(place)) {
        function[strcspn(function, "\n")] = '\0';
        place[strcspn(place, " \n")] = '\0';
        size += (size_t)snprintf(out + size, 256 - size, count == 0 ? "%.40s %.60s" : " < %.60s",
                                 count == 0 ? place : function, function);
        count++;
    }
    if (names != NULL)
        (void)pclose(names);
}

// Without debugging information every stack is a site of its own.
static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "journal_campaign: too many %s: is this a Debug build?\n", what);
    exit(2);
}

static unsigned find_site(const char *name)
{
    for (unsigned i = 0; i < site_count; i++)
        if (strcmp(sites[i], name) == 0)
            return i;
    if (site_count == SITES_MAX)
        give_up("sites");
    snprintf(sites[site_count], sizeof(sites[0]), "%s", name);
    return site_count++;
}

static unsigned find_stack(void *const frame[FRAMES])
{
    char name[256];

    for (unsigned i = 0; i < stack_count; i++)
        if (memcmp(stacks[i].frame, frame, sizeof(stacks[i].frame)) == 0)
            return stacks[i].site;
    if (stack_count == STACKS_MAX)
        give_up("stacks");
    name_site(frame, name);
    memcpy(stacks[stack_count].frame, frame, sizeof(stacks[0].frame));
    stacks[stack_count].site = find_site(name);
    return stacks[stack_count++].site;
}

static bool skip_site(void *arg)
{
    void *frame[FRAMES + 2] = {NULL};

    (void)arg;
    // Behind this function and the disk's.
    (void)backtrace(frame, FRAMES + 2);
    unsigned site = find_stack(frame + 2);
    calls[site]++;
    return site == skipped_site;
}

static const char *try_site(unsigned site, double seconds, double *used, bool *all_tried)
{
    struct budget budget;

    skipped_site = site;
    budget_begin(&budget, seconds);
    const char *caught = cuts_find_fault(&budget, skip_site, NULL, false);
    if (caught == NULL)
        caught = errors_find_fault(&budget, skip_site, NULL);
    if (caught == NULL)
        caught = cuts_find_fault(&budget, skip_site, NULL, true);
    *used = budget_used(&budget);
    *all_tried = !budget_is_spent(&budget);
    return caught;
}

static const char *find_spare(const char *site)
{
    const char *stack = site + strcspn(site, " "); // behind file and line

    for (size_t i = 0; *stack != '\0' && i < sizeof(spares) / sizeof(spares[0]); i++)
        if (strncmp(stack + 1, spares[i].site, strlen(spares[i].site)) == 0)
            return spares[i].why;
    return NULL;
}

int campaign_syncs(double seconds)
{
    unsigned found = 0, spare = 0, unnoticed = 0;
    double used;
    bool all_tried;

    const char *fault = try_site(SITES_MAX, SECONDS_TO_LIST, &used, &all_tried);
    if (fault != NULL)
        printf("with all syncs: %s\n", fault);
    unsigned count = site_count;
    for (unsigned site = 0; site < count; site++) {
        const char *caught = try_site(site, seconds > 0 ? seconds / count : 0, &used, &all_tried);
        const char *why = caught == NULL ? find_spare(sites[site]) : NULL;
        const char *said = all_tried ? "NOT NOTICED" : "not noticed in this time";
        found += caught != NULL;
        spare += why != NULL;
        unnoticed += caught == NULL && why == NULL && all_tried;
        printf("%s\n    %s%s  (%.1f s)\n", sites[site], why != NULL ? "spare: " : "",
               caught != NULL ? caught
               : why != NULL  ? why
                              : said,
               used);
        fflush(stdout);
    }
    printf("%u syncs left out in turn: %u found, %u spare, %u not noticed, %u not in this time\n",
           count, found, spare, unnoticed, count - found - spare - unnoticed);
    return unnoticed > 0 || found == 0 || fault != NULL ? 1 : 0;
}
