// SPDX-License-Identifier: MIT
// What a test does to the disk: failures, power cuts, looks at files.
#include "fake_disk_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void fake_disk_free(struct fake_disk *fake)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        fake_file_wipe(&fake->files[i]);
    free(fake->namings);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

const struct oyez_disk *fake_disk_table(struct fake_disk *fake)
{
    return &fake->table;
}

void fake_disk_fail(struct fake_disk *fake, enum fake_call call, unsigned nth, int error,
                    bool for_ever)
{
    fake->fail_call = call;
    fake->fail_nth = nth;
    fake->fail_error = error;
    fake->fail_for_ever = for_ever;
}

void fake_disk_stop_after(struct fake_disk *fake, unsigned changes)
{
    fake->stop_after = fake->changes + changes;
    if (fake->stop_after == 0)
        fake->stop_after = 1;
}

unsigned fake_disk_changes(const struct fake_disk *fake)
{
    return fake->changes;
}

unsigned fake_disk_calls(const struct fake_disk *fake, enum fake_call call)
{
    return fake->calls[call];
}

void fake_disk_on_sync(struct fake_disk *fake, fake_sync_called *called, void *arg)
{
    fake->sync_called = called;
    fake->sync_called_arg = arg;
}

void fake_forget_namings(struct fake_disk *fake)
{
    free(fake->namings);
    fake->namings = NULL;
    fake->naming_count = 0;
}

void fake_power_on(struct fake_disk *fake)
{
    memset(fake->fds, 0, sizeof(fake->fds));
    fake->stop_after = 0;
    fake->fail_nth = 0;
    for (size_t i = 0; i < FILES_MAX; i++)
        fake->files[i].locks = 0;
}

static unsigned draw(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void keep_some(struct file *file, unsigned *seed)
{
    for (size_t i = 0; i < file->change_count; i++) {
        const struct change *change = &file->changes[i];
        if (change->truncate) {
            if (draw(seed) % 2 == 0)
                fake_bytes_resize(&file->durable, change->bytes.size);
            continue;
        }
        for (size_t at = 0; at < change->bytes.size; at += SECTOR) {
            size_t part = change->bytes.size - at < SECTOR ? change->bytes.size - at : SECTOR;
            if (draw(seed) % 3 > 0)
                fake_bytes_overwrite(&file->durable, change->offset + at, change->bytes.data + at,
                                     part);
        }
    }
}

void fake_disk_cut(struct fake_disk *fake, enum fake_cut cut, unsigned seed)
{
    bool keep_names =
        cut == FAKE_CUT_NOTHING_LOST || (cut == FAKE_CUT_SOME && draw(&seed) % 2 == 0);

    fake_power_on(fake);
    if (!keep_names)
        memcpy(fake->has_directory, fake->durable_directory, sizeof(fake->has_directory));
    if (cut != FAKE_CUT_NOTHING_LOST)
        fake_forget_namings(fake);
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        if (cut == FAKE_CUT_NOTHING_LOST)
            continue;
        if (cut == FAKE_CUT_SOME)
            keep_some(file, &seed);
        if (!keep_names) {
            file->exists = fake_file_is_durable(fake, file);
            memcpy(file->name, file->durable_name, NAME_SIZE);
        }
        fake_file_forget_changes(file);
        fake_bytes_copy(&file->now, &file->durable);
        file->durable_exists = file->exists;
        memcpy(file->durable_name, file->name, NAME_SIZE);
    }
}

uint8_t *fake_disk_file(struct fake_disk *fake, const char *name, size_t *size)
{
    struct file *file = fake_file_find(fake, name);

    if (file == NULL)
        return NULL;
    *size = file->now.size;
    return file->now.data;
}

void fake_disk_resize(struct fake_disk *fake, const char *name, size_t size)
{
    fake_bytes_resize(&fake_file_find(fake, name)->now, size);
}

static bool ends_so(const char *name, const char *suffix)
{
    size_t size = strlen(name), end = strlen(suffix);

    return size >= end && strcmp(name + size - end, suffix) == 0;
}

void fake_disk_put(struct fake_disk *fake, const char *name, const void *bytes, size_t size)
{
    struct file *file = fake_file_find(fake, name);

    if (file == NULL) {
        file = fake_file_make(fake, name);
        file->place = ends_so(name, ".seg.zst") ? ARCHIVE : INSIDE;
    }
    fake->has_directory[INSIDE] = fake->durable_directory[INSIDE] = true;
    fake->has_directory[file->place] = fake->durable_directory[file->place] = true;
    fake_file_forget_changes(file);
    fake_bytes_resize(&file->now, 0);
    fake_bytes_overwrite(&file->now, 0, bytes, size);
    fake_bytes_copy(&file->durable, &file->now);
    file->durable_exists = true;
    memcpy(file->durable_name, file->name, NAME_SIZE);
}

void fake_disk_set_mode(struct fake_disk *fake, const char *name, mode_t mode)
{
    fake_file_find(fake, name)->mode = mode;
}

void fake_disk_remove(struct fake_disk *fake, const char *name)
{
    struct file *file = fake_file_find(fake, name);

    if (file != NULL)
        file->exists = file->durable_exists = false;
}

unsigned fake_disk_count(const struct fake_disk *fake, const char *suffix)
{
    unsigned count = 0;

    for (size_t i = 0; i < FILES_MAX; i++)
        count += fake->files[i].exists && ends_so(fake->files[i].name, suffix) ? 1 : 0;
    return count;
}

const char *fake_disk_name(const struct fake_disk *fake, const char *suffix, unsigned i)
{
    const char *last = "";

    for (unsigned n = 0; n <= i; n++) {
        const char *next = NULL;
        for (size_t k = 0; k < FILES_MAX; k++) {
            const struct file *file = &fake->files[k];
            if (file->exists && ends_so(file->name, suffix) && strcmp(file->name, last) > 0 &&
                (next == NULL || strcmp(file->name, next) < 0))
                next = file->name;
        }
        if (next == NULL)
            return NULL;
        last = next;
    }
    return last;
}

void fake_disk_set_clock(struct fake_disk *fake, uint64_t now)
{
    fake->clock = now;
}
