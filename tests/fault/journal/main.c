// SPDX-License-Identifier: MIT
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

static int usage(FILE *out)
{
    fprintf(out, "usage: journal_campaign cuts|errors|syncs|damage [SECONDS]\n\n"
                 "  cuts     the power goes after every change of the disk\n"
                 "  errors   every write, sync, rename, … fails in turn\n"
                 "  syncs    every sync is left out in turn: the two above must find it\n"
                 "  damage   every byte is cut off, every bit flipped, of every kind of file\n\n"
                 "Ends after SECONDS with what it has seen until then; 0 or nothing: when all is\n"
                 "done. Exit 1: something is not as promised; it is printed.\n");
    return out == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
    // Large blocks come and go by the thousand: the system need not clear their pages each time.
    mallopt(M_MMAP_THRESHOLD, 1 << 28);
    mallopt(M_TRIM_THRESHOLD, 1 << 28);
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;

    if (argc < 2 || argc > 3)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    if (strcmp(argv[1], "cuts") == 0)
        return campaign_cuts(seconds);
    if (strcmp(argv[1], "errors") == 0)
        return campaign_errors(seconds);
    if (strcmp(argv[1], "syncs") == 0)
        return campaign_syncs(seconds);
    if (strcmp(argv[1], "damage") == 0)
        return campaign_damage(seconds);
    return usage(stderr);
}
