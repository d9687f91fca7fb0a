// SPDX-License-Identifier: MIT
// Power cuts, change by change: what was on its way to the disk arrives up to some place, or anyhow.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fake_disk_state.h"

// One of the things that no sync has covered: a change of a file, or a name.
struct pending {
    unsigned when;
    struct file *file;
    const struct change *change;
    const struct naming *naming;
};

static int compare(const void *a, const void *b)
{
    unsigned x = ((const struct pending *)a)->when, y = ((const struct pending *)b)->when;

    return (x > y) - (x < y);
}

unsigned fake_disk_pending(const struct fake_disk *fake)
{
    size_t count = fake->naming_count;

    for (size_t i = 0; i < FILES_MAX; i++)
        count += fake->files[i].change_count;
    return (unsigned)count;
}

unsigned fake_disk_pending_names(const struct fake_disk *fake)
{
    return (unsigned)fake->naming_count;
}

// In order; to be freed.
static struct pending *list_pending(const struct fake_disk *fake, unsigned *count)
{
    struct pending *all = calloc((size_t)fake_disk_pending(fake) + 1, sizeof(*all));

    assert(all != NULL);
    *count = 0;
    for (size_t i = 0; i < FILES_MAX; i++)
        for (size_t k = 0; k < fake->files[i].change_count; k++)
            all[(*count)++] = (struct pending){.when = fake->files[i].changes[k].when,
                                               .file = (struct file *)&fake->files[i],
                                               .change = &fake->files[i].changes[k]};
    for (size_t i = 0; i < fake->naming_count; i++)
        all[(*count)++] =
            (struct pending){.when = fake->namings[i].when, .naming = &fake->namings[i]};
    qsort(all, *count, sizeof(*all), compare);
    return all;
}

static unsigned sectors_of(const struct pending *pending)
{
    if (pending->change == NULL || pending->change->truncate)
        return 0;
    return (unsigned)((pending->change->bytes.size + SECTOR - 1) / SECTOR);
}

unsigned fake_disk_pending_sectors(const struct fake_disk *fake, unsigned n)
{
    unsigned count;
    struct pending *all = list_pending(fake, &count);
    unsigned sectors = n < count ? sectors_of(&all[n]) : 0;

    free(all);
    return sectors;
}

static void keep_sector(const struct pending *pending, unsigned sector)
{
    const struct bytes *bytes = &pending->change->bytes;
    size_t at = (size_t)sector * SECTOR;
    size_t size = bytes->size - at < SECTOR ? bytes->size - at : SECTOR;

    fake_bytes_overwrite(&pending->file->durable, pending->change->offset + at, bytes->data + at,
                         size);
}

static void keep_sectors(const struct pending *pending, unsigned from, unsigned to)
{
    const struct bytes *bytes = &pending->change->bytes;
    size_t at = (size_t)from * SECTOR;
    size_t end = (size_t)to * SECTOR < bytes->size ? (size_t)to * SECTOR : bytes->size;

    if (at < end)
        fake_bytes_overwrite(&pending->file->durable, pending->change->offset + at,
                             bytes->data + at, end - at);
}

static void keep_name(struct fake_disk *fake, const struct naming *naming)
{
    struct file *file = naming->file;

    if (file == NULL) {
        fake->durable_directory[naming->place + 1] = true;
        return;
    }
    for (size_t i = 0; i < FILES_MAX && naming->to[0] != '\0'; i++)
        if (strcmp(fake->files[i].durable_name, naming->to) == 0)
            fake->files[i].durable_exists = false;
    if (naming->to[0] == '\0' && strcmp(file->durable_name, naming->from) != 0)
        return;
    file->durable_exists = naming->to[0] != '\0';
    memcpy(file->durable_name, naming->to, NAME_SIZE);
}

static void keep(struct fake_disk *fake, const struct pending *pending)
{
    if (pending->naming != NULL)
        keep_name(fake, pending->naming);
    else if (pending->change->truncate)
        fake_bytes_resize(&pending->file->durable, pending->change->bytes.size);
    else
        keep_sectors(pending, 0, sectors_of(pending));
}

// What is on the disk is all there is.
static void come_back(struct fake_disk *fake)
{
    fake_power_on(fake);
    fake_forget_namings(fake);
    memcpy(fake->has_directory, fake->durable_directory, sizeof(fake->has_directory));
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        fake_file_forget_changes(file);
        file->exists = fake_file_is_durable(fake, file);
        file->durable_exists = file->exists;
        memcpy(file->name, file->durable_name, NAME_SIZE);
        if (file->exists)
            fake_bytes_copy(&file->now, &file->durable);
        else
            fake_file_wipe(file);
    }
}

void fake_disk_cut_behind(struct fake_disk *fake, unsigned kept, unsigned sectors)
{
    unsigned count;
    struct pending *all = list_pending(fake, &count);

    for (unsigned i = 0; i < count && i < kept; i++)
        keep(fake, &all[i]);
    if (kept < count && sectors_of(&all[kept]) > 0)
        keep_sectors(&all[kept], 0, sectors);
    free(all);
    come_back(fake);
}

static unsigned draw(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

void fake_disk_cut_anyhow(struct fake_disk *fake, unsigned seed)
{
    unsigned count;
    struct pending *all = list_pending(fake, &count);

    for (unsigned i = 0; i < count; i++) {
        unsigned sectors = sectors_of(&all[i]);
        // Some arrive whole, some not at all, some in pieces.
        unsigned fate = draw(&seed) % 4;
        if (fate < 2 || (fate == 3 && sectors == 0))
            keep(fake, &all[i]);
        for (unsigned sector = 0; fate == 3 && sector < sectors; sector++)
            if (draw(&seed) % 2 == 0)
                keep_sector(&all[i], sector);
    }
    free(all);
    come_back(fake);
}

struct fake_disk *fake_disk_copy(const struct fake_disk *fake)
{
    struct fake_disk *copy = fake_disk_new();

    memcpy(copy->has_directory, fake->has_directory, sizeof(copy->has_directory));
    memcpy(copy->durable_directory, fake->durable_directory, sizeof(copy->durable_directory));
    copy->clock = fake->clock;
    copy->happened = fake->happened;
    for (size_t i = 0; i < FILES_MAX; i++) {
        const struct file *from = &fake->files[i];
        struct file *to = &copy->files[i];
        if (!from->exists && !from->durable_exists && from->change_count == 0)
            continue;
        *to = *from;
        to->locks = 0;
        to->now = to->durable = (struct bytes){NULL, 0};
        fake_bytes_copy(&to->now, &from->now);
        fake_bytes_copy(&to->durable, &from->durable);
        to->changes = calloc(from->change_count + 1, sizeof(*to->changes));
        assert(to->changes != NULL);
        for (size_t k = 0; k < from->change_count; k++) {
            to->changes[k] = from->changes[k];
            if (from->changes[k].truncate)
                continue;
            to->changes[k].bytes = (struct bytes){NULL, 0};
            fake_bytes_copy(&to->changes[k].bytes, &from->changes[k].bytes);
        }
    }
    copy->namings = calloc(fake->naming_count + 1, sizeof(*copy->namings));
    assert(copy->namings != NULL);
    copy->naming_count = fake->naming_count;
    for (size_t i = 0; i < fake->naming_count; i++) {
        copy->namings[i] = fake->namings[i];
        if (fake->namings[i].file != NULL)
            copy->namings[i].file = &copy->files[fake->namings[i].file - fake->files];
    }
    return copy;
}
