// SPDX-License-Identifier: MIT
#include "erasures.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "oyez/erase.h"
#include "unfinished.h"

#define TEXT_SIZE 32u

oyez_err oyez_erasures_note(const struct oyez_disk *disk, const char *directory, uint64_t act)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], text[TEXT_SIZE];
    oyez_err err = oyez_disk_path(path, directory, OYEZ_ERASURES_FILE);

    if (err != OYEZ_OK)
        return err;
    int size = snprintf(text, sizeof(text), "%" PRIu64 "\n", act);
    return oyez_disk_replace_unsynced(disk, path, text, (size_t)size);
}

// Whatever it holds: where it is there, an act is being carried out.
static bool is_pending(const struct oyez_disk *disk, const char *directory)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];

    if (oyez_disk_path(path, directory, OYEZ_UNFINISHED_FILE) != OYEZ_OK)
        return false;
    int fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (fd >= 0)
        disk->close(disk->context, fd);
    return fd >= 0;
}

uint64_t oyez_journal_erasures(const char *directory, const struct oyez_disk *disk)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], text[TEXT_SIZE];
    size_t size;

    if (disk == NULL)
        disk = oyez_disk_system();
    if (is_pending(disk, directory))
        return OYEZ_JOURNAL_ERASING;
    if (oyez_disk_path(path, directory, OYEZ_ERASURES_FILE) != OYEZ_OK ||
        oyez_disk_load(disk, path, text, sizeof(text), &size) != OYEZ_OK)
        return 0;
    // One for none: the first act of a journal has the index 0.
    return strtoull(text, NULL, 10) + 1;
}
