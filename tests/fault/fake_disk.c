// SPDX-License-Identifier: MIT
// Files have bytes as programs see them and bytes as they are on the disk, and between the two the
// changes that no sync has covered; so has the one directory.
#include "fake_disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#define FILES_MAX 512
#define FDS_MAX 512
#define NAME_SIZE 48
#define SECTOR 512u

struct bytes {
    uint8_t *data;
    size_t size;
};

struct change {
    bool truncate;
    size_t offset;
    struct bytes bytes; // of a truncation: its size
};

struct file {
    bool exists; // as programs see it
    char name[NAME_SIZE];
    bool durable_exists;
    char durable_name[NAME_SIZE];
    struct bytes now, durable;
    struct change *changes;
    size_t change_count;
    int locks;
};

struct handle {
    struct file *file;
    bool locked;
};

struct fake_disk {
    struct oyez_disk table;
    struct file files[FILES_MAX];
    struct handle fds[FDS_MAX];
    bool has_directory, durable_directory;
    enum fake_call fail_call;
    unsigned fail_nth;
    int fail_error;
    bool fail_for_ever;
    unsigned calls[FAKE_CALLS];
    unsigned changes;
    unsigned stop_after; // 0 = never
    uint64_t clock;
};

static void resize(struct bytes *bytes, size_t size)
{
    if (size > bytes->size) {
        bytes->data = realloc(bytes->data, size);
        assert(bytes->data != NULL);
        memset(bytes->data + bytes->size, 0, size - bytes->size);
    }
    bytes->size = size;
}

static void overwrite(struct bytes *bytes, size_t offset, const void *data, size_t size)
{
    if (offset + size > bytes->size)
        resize(bytes, offset + size);
    if (size > 0)
        memcpy(bytes->data + offset, data, size);
}

static void copy(struct bytes *to, const struct bytes *from)
{
    free(to->data);
    *to = (struct bytes){NULL, 0};
    overwrite(to, 0, from->data, from->size);
}

static void forget_changes(struct file *file)
{
    for (size_t i = 0; i < file->change_count; i++)
        free(file->changes[i].bytes.data);
    free(file->changes);
    file->changes = NULL;
    file->change_count = 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static struct file *find(struct fake_disk *fake, const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (fake->files[i].exists && strcmp(fake->files[i].name, name) == 0)
            return &fake->files[i];
    return NULL;
}

static bool is_open(const struct fake_disk *fake, const struct file *file)
{
    for (size_t i = 0; i < FDS_MAX; i++)
        if (fake->fds[i].file == file)
            return true;
    return false;
}

static void wipe(struct file *file)
{
    forget_changes(file);
    free(file->now.data);
    free(file->durable.data);
    *file = (struct file){0};
}

static struct file *make(struct fake_disk *fake, const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        if (file->exists || file->durable_exists || is_open(fake, file))
            continue;
        wipe(file);
        assert(strlen(name) < NAME_SIZE);
        file->exists = true;
        memcpy(file->name, name, strlen(name) + 1);
        return file;
    }
    assert(!"too many files");
    return NULL;
}

// Does this call fail? Changing calls also count towards the power cut.
static bool refuse(struct fake_disk *fake, enum fake_call call, bool changes)
{
    fake->calls[call]++;
    if (changes) {
        fake->changes++;
        if (fake->stop_after > 0 && fake->changes > fake->stop_after) {
            errno = EIO;
            return true;
        }
    }
    if (fake->fail_call != call || fake->fail_nth == 0)
        return false;
    if (fake->fail_nth > 1) {
        fake->fail_nth--;
        return false;
    }
    if (!fake->fail_for_ever)
        fake->fail_nth = 0;
    errno = fake->fail_error;
    return true;
}

static void note_change(struct file *file, struct change change)
{
    struct change *grown =
        realloc(file->changes, (file->change_count + 1) * sizeof(*file->changes));

    assert(grown != NULL);
    file->changes = grown;
    file->changes[file->change_count++] = change;
}

static int fake_open(void *context, const char *path, int flags, mode_t mode)
{
    struct fake_disk *fake = context;
    struct file *file = find(fake, base_name(path));

    (void)mode;
    if (refuse(fake, FAKE_OPEN, (flags & O_CREAT) != 0))
        return -1;
    if (file == NULL && (flags & O_CREAT) == 0) {
        errno = ENOENT;
        return -1;
    }
    if (file == NULL)
        file = make(fake, base_name(path));
    if ((flags & O_TRUNC) != 0 && file->now.size > 0) {
        resize(&file->now, 0);
        note_change(file, (struct change){.truncate = true});
    }
    for (int fd = 0; fd < FDS_MAX; fd++)
        if (fake->fds[fd].file == NULL) {
            fake->fds[fd] = (struct handle){file, false};
            return fd;
        }
    errno = EMFILE;
    return -1;
}

static int fake_close(void *context, int fd)
{
    struct fake_disk *fake = context;

    assert(fake->fds[fd].file != NULL);
    if (fake->fds[fd].locked)
        fake->fds[fd].file->locks = 0;
    fake->fds[fd] = (struct handle){NULL, false};
    return 0;
}

static ssize_t fake_read(void *context, int fd, void *data, size_t size, off_t offset)
{
    struct fake_disk *fake = context;
    const struct bytes *now = &fake->fds[fd].file->now;

    if (refuse(fake, FAKE_READ, false))
        return -1;
    if ((size_t)offset >= now->size)
        return 0;
    size_t left = now->size - (size_t)offset;
    if (left < size)
        size = left;
    memcpy(data, now->data + offset, size);
    return (ssize_t)size;
}

static ssize_t fake_write(void *context, int fd, const void *data, size_t size, off_t offset)
{
    struct fake_disk *fake = context;
    struct file *file = fake->fds[fd].file;
    struct change change = {.offset = (size_t)offset};
    bool off = fake->stop_after > 0 && fake->changes >= fake->stop_after;
    bool refused = refuse(fake, FAKE_WRITE, true);
    int error = errno;

    if (off)
        return -1;
    if (refused)
        size /= 2;
    overwrite(&change.bytes, 0, data, size);
    note_change(file, change);
    overwrite(&file->now, (size_t)offset, data, size);
    errno = error;
    return refused ? -1 : (ssize_t)size;
}

static int fake_sync(void *context, int fd)
{
    struct fake_disk *fake = context;
    struct file *file = fake->fds[fd].file;

    bool off = fake->stop_after > 0 && fake->changes >= fake->stop_after;

    if (refuse(fake, FAKE_SYNC, true)) {
        // As the kernel does it: the pages count as clean from now on, and the disk never got them.
        if (!off)
            forget_changes(file);
        return -1;
    }
    // Only what changed since: bytes that a failed sync gave up stay given up.
    for (size_t i = 0; i < file->change_count; i++) {
        struct change *change = &file->changes[i];
        if (change->truncate)
            resize(&file->durable, change->bytes.size);
        else
            overwrite(&file->durable, change->offset, change->bytes.data, change->bytes.size);
        if (change->truncate)
            change->bytes.data = NULL;
    }
    forget_changes(file);
    return 0;
}

static int fake_truncate(void *context, int fd, off_t size)
{
    struct fake_disk *fake = context;
    struct file *file = fake->fds[fd].file;

    if (refuse(fake, FAKE_TRUNCATE, true))
        return -1;
    resize(&file->now, (size_t)size);
    note_change(file, (struct change){.truncate = true, .bytes = {NULL, (size_t)size}});
    return 0;
}

static int fake_lock(void *context, int fd, int operation)
{
    struct fake_disk *fake = context;

    (void)operation;
    if (fake->fds[fd].file->locks > 0) {
        errno = EWOULDBLOCK;
        return -1;
    }
    fake->fds[fd].file->locks = 1;
    fake->fds[fd].locked = true;
    return 0;
}

static int fake_rename(void *context, const char *from, const char *to)
{
    struct fake_disk *fake = context;
    struct file *file = find(fake, base_name(from));
    struct file *old = find(fake, base_name(to));

    if (refuse(fake, FAKE_RENAME, true))
        return -1;
    assert(file != NULL);
    if (old != NULL)
        old->exists = false;
    memcpy(file->name, base_name(to), strlen(base_name(to)) + 1);
    return 0;
}

static int fake_unlink(void *context, const char *path)
{
    struct fake_disk *fake = context;
    struct file *file = find(fake, base_name(path));

    if (file != NULL)
        file->exists = false;
    return file != NULL ? 0 : -1;
}

static int fake_mkdir(void *context, const char *path, mode_t mode)
{
    struct fake_disk *fake = context;

    (void)path;
    (void)mode;
    if (!fake->has_directory) {
        fake->has_directory = true;
        return 0;
    }
    errno = EEXIST;
    return -1;
}

static off_t fake_size(void *context, int fd)
{
    struct fake_disk *fake = context;

    return (off_t)fake->fds[fd].file->now.size;
}

static int fake_sync_directory(void *context, const char *path)
{
    struct fake_disk *fake = context;

    if (refuse(fake, FAKE_SYNC_DIRECTORY, true))
        return -1;
    if (strcmp(path, ".") == 0) { // where the one directory is
        fake->durable_directory = fake->has_directory;
        return 0;
    }
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        file->durable_exists = file->exists;
        memcpy(file->durable_name, file->name, NAME_SIZE);
    }
    return 0;
}

static int fake_list(void *context, const char *path, oyez_disk_name *name, void *arg)
{
    struct fake_disk *fake = context;
    int result = 0;

    (void)path;
    for (size_t i = 0; i < FILES_MAX && result == 0; i++)
        if (fake->files[i].exists)
            result = name(arg, fake->files[i].name);
    return result;
}

static uint64_t fake_now(void *context)
{
    struct fake_disk *fake = context;

    return fake->clock;
}

struct fake_disk *fake_disk_new(void)
{
    struct fake_disk *fake = calloc(1, sizeof(*fake));

    assert(fake != NULL);
    fake->clock = 1000;
    fake->table =
        (struct oyez_disk){fake,       fake_open,     fake_close,          fake_read,   fake_write,
                           fake_sync,  fake_truncate, fake_lock,           fake_rename, fake_unlink,
                           fake_mkdir, fake_size,     fake_sync_directory, fake_list,   fake_now};
    return fake;
}

void fake_disk_free(struct fake_disk *fake)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        wipe(&fake->files[i]);
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
                resize(&file->durable, change->bytes.size);
            continue;
        }
        for (size_t at = 0; at < change->bytes.size; at += SECTOR) {
            size_t part = change->bytes.size - at < SECTOR ? change->bytes.size - at : SECTOR;
            if (draw(seed) % 3 > 0)
                overwrite(&file->durable, change->offset + at, change->bytes.data + at, part);
        }
    }
}

void fake_disk_cut(struct fake_disk *fake, enum fake_cut cut, unsigned seed)
{
    bool keep_names =
        cut == FAKE_CUT_NOTHING_LOST || (cut == FAKE_CUT_SOME && draw(&seed) % 2 == 0);

    memset(fake->fds, 0, sizeof(fake->fds));
    if (!keep_names)
        fake->has_directory = fake->durable_directory;
    fake->stop_after = 0;
    fake->fail_nth = 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        file->locks = 0;
        if (cut == FAKE_CUT_NOTHING_LOST)
            continue;
        if (cut == FAKE_CUT_SOME)
            keep_some(file, &seed);
        if (!keep_names) {
            file->exists = file->durable_exists && fake->durable_directory;
            memcpy(file->name, file->durable_name, NAME_SIZE);
        }
        forget_changes(file);
        copy(&file->now, &file->durable);
        file->durable_exists = file->exists;
        memcpy(file->durable_name, file->name, NAME_SIZE);
    }
}

uint8_t *fake_disk_file(struct fake_disk *fake, const char *name, size_t *size)
{
    struct file *file = find(fake, name);

    if (file == NULL)
        return NULL;
    *size = file->now.size;
    return file->now.data;
}

void fake_disk_resize(struct fake_disk *fake, const char *name, size_t size)
{
    resize(&find(fake, name)->now, size);
}

void fake_disk_put(struct fake_disk *fake, const char *name, const void *bytes, size_t size)
{
    struct file *file = find(fake, name);

    fake->has_directory = fake->durable_directory = true;
    if (file == NULL)
        file = make(fake, name);
    forget_changes(file);
    resize(&file->now, 0);
    overwrite(&file->now, 0, bytes, size);
    copy(&file->durable, &file->now);
    file->durable_exists = true;
    memcpy(file->durable_name, file->name, NAME_SIZE);
}

void fake_disk_remove(struct fake_disk *fake, const char *name)
{
    struct file *file = find(fake, name);

    if (file != NULL)
        file->exists = file->durable_exists = false;
}

static bool ends_so(const char *name, const char *suffix)
{
    size_t size = strlen(name), end = strlen(suffix);

    return size >= end && strcmp(name + size - end, suffix) == 0;
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
