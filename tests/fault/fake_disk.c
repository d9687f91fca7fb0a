// SPDX-License-Identifier: MIT
// The functions of the table.
#include "fake_disk_state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

void fake_bytes_resize(struct bytes *bytes, size_t size)
{
    if (size > bytes->size) {
        bytes->data = realloc(bytes->data, size);
        assert(bytes->data != NULL);
        memset(bytes->data + bytes->size, 0, size - bytes->size);
    }
    bytes->size = size;
}

void fake_bytes_overwrite(struct bytes *bytes, size_t offset, const void *data, size_t size)
{
    if (offset + size > bytes->size)
        fake_bytes_resize(bytes, offset + size);
    if (size > 0)
        memcpy(bytes->data + offset, data, size);
}

void fake_bytes_copy(struct bytes *to, const struct bytes *from)
{
    free(to->data);
    *to = (struct bytes){NULL, 0};
    fake_bytes_overwrite(to, 0, from->data, from->size);
}

void fake_file_forget_changes(struct file *file)
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

struct file *fake_file_find(struct fake_disk *fake, const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (fake->files[i].exists && strcmp(fake->files[i].name, name) == 0)
            return &fake->files[i];
    return NULL;
}

static enum place place_of_directory(const char *path)
{
    if (strcmp(path, ".") == 0)
        return OUTSIDE;
    return strcmp(base_name(path), "archive") == 0 ? ARCHIVE : INSIDE;
}

static enum place place_of(const char *path)
{
    const char *name = base_name(path);

    if (name == path)
        return OUTSIDE;
    return strstr(path, "/archive/") != NULL ? ARCHIVE : INSIDE;
}

bool fake_file_is_durable(const struct fake_disk *fake, const struct file *file)
{
    if (!file->durable_exists || file->place == OUTSIDE)
        return file->durable_exists;
    return fake->durable_directory[INSIDE] && fake->durable_directory[file->place];
}

static bool is_open(const struct fake_disk *fake, const struct file *file)
{
    for (size_t i = 0; i < FDS_MAX; i++)
        if (fake->fds[i].file == file)
            return true;
    return false;
}

static bool is_named(const struct fake_disk *fake, const struct file *file)
{
    for (size_t i = 0; i < fake->naming_count; i++)
        if (fake->namings[i].file == file)
            return true;
    return false;
}

void fake_file_wipe(struct file *file)
{
    fake_file_forget_changes(file);
    free(file->now.data);
    free(file->durable.data);
    *file = (struct file){0};
}

struct file *fake_file_make(struct fake_disk *fake, const char *path)
{
    const char *name = base_name(path);

    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        if (file->exists || file->durable_exists || is_open(fake, file) || is_named(fake, file))
            continue;
        fake_file_wipe(file);
        assert(strlen(name) < NAME_SIZE);
        file->exists = true;
        file->place = place_of(path);
        file->mode = 0600;
        memcpy(file->name, name, strlen(name) + 1);
        return file;
    }
    assert(false && "too many files");
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

static void note_change(struct fake_disk *fake, struct file *file, struct change change)
{
    change.when = fake->happened++;
    struct change *grown =
        realloc(file->changes, (file->change_count + 1) * sizeof(*file->changes));

    assert(grown != NULL);
    file->changes = grown;
    file->changes[file->change_count++] = change;
}

static void note_name(struct fake_disk *fake, struct file *file, enum place place, const char *from,
                      const char *to)
{
    struct naming *grown =
        realloc(fake->namings, (fake->naming_count + 1) * sizeof(*fake->namings));

    assert(grown != NULL && strlen(from) < NAME_SIZE && strlen(to) < NAME_SIZE);
    fake->namings = grown;
    struct naming *naming = &grown[fake->naming_count++];
    *naming = (struct naming){.when = fake->happened++, .file = file, .place = place};
    memcpy(naming->from, from, strlen(from) + 1);
    memcpy(naming->to, to, strlen(to) + 1);
}

static int open_file(struct fake_disk *fake, const char *path, int flags, mode_t mode)
{
    struct file *file = fake_file_find(fake, base_name(path));

    if (refuse(fake, FAKE_OPEN, (flags & O_CREAT) != 0))
        return -1;
    if (file == NULL &&
        ((flags & O_CREAT) == 0 || (place_of(path) == ARCHIVE && !fake->has_directory[ARCHIVE]))) {
        errno = ENOENT;
        return -1;
    }
    if (file == NULL) {
        file = fake_file_make(fake, path);
        file->mode = mode;
        note_name(fake, file, file->place, "", file->name);
    }
    if ((flags & O_TRUNC) != 0 && file->now.size > 0) {
        fake_bytes_resize(&file->now, 0);
        note_change(fake, file, (struct change){.truncate = true});
    }
    for (int fd = 0; fd < FDS_MAX; fd++)
        if (fake->fds[fd].file == NULL) {
            fake->fds[fd] = (struct handle){file, false};
            return fd;
        }
    errno = EMFILE;
    return -1;
}

static int fake_open(void *context, const char *path, int flags, mode_t mode)
{
    struct fake_disk *fake = context;

    pthread_mutex_lock(&fake->lock);
    int fd = open_file(fake, path, flags, mode);
    pthread_mutex_unlock(&fake->lock);
    return fd;
}

static int fake_close(void *context, int fd)
{
    struct fake_disk *fake = context;

    pthread_mutex_lock(&fake->lock);
    assert(fake->fds[fd].file != NULL);
    if (fake->fds[fd].locked)
        fake->fds[fd].file->locks = 0;
    fake->fds[fd] = (struct handle){NULL, false};
    pthread_mutex_unlock(&fake->lock);
    return 0;
}

static ssize_t fake_read(void *context, int fd, void *data, size_t size, off_t offset)
{
    struct fake_disk *fake = context;

    pthread_mutex_lock(&fake->lock);
    const struct bytes *now = &fake->fds[fd].file->now;
    bool refused = refuse(fake, FAKE_READ, false);
    pthread_mutex_unlock(&fake->lock);
    if (refused)
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
    fake_bytes_overwrite(&change.bytes, 0, data, size);
    note_change(fake, file, change);
    fake_bytes_overwrite(&file->now, (size_t)offset, data, size);
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
            fake_file_forget_changes(file);
        return -1;
    }
    if (fake->sync_called != NULL && fake->sync_called(fake->sync_called_arg))
        return 0;
    // Only what changed since: bytes that a failed sync gave up stay given up.
    for (size_t i = 0; i < file->change_count; i++) {
        struct change *change = &file->changes[i];
        if (change->truncate)
            fake_bytes_resize(&file->durable, change->bytes.size);
        else
            fake_bytes_overwrite(&file->durable, change->offset, change->bytes.data,
                                 change->bytes.size);
        if (change->truncate)
            change->bytes.data = NULL;
    }
    fake_file_forget_changes(file);
    return 0;
}

static int fake_truncate(void *context, int fd, off_t size)
{
    struct fake_disk *fake = context;
    struct file *file = fake->fds[fd].file;

    if (refuse(fake, FAKE_TRUNCATE, true))
        return -1;
    fake_bytes_resize(&file->now, (size_t)size);
    note_change(fake, file, (struct change){.truncate = true, .bytes = {NULL, (size_t)size}});
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
    struct file *file = fake_file_find(fake, base_name(from));
    struct file *old = fake_file_find(fake, base_name(to));

    if (refuse(fake, FAKE_RENAME, true))
        return -1;
    if (file == NULL) {
        errno = ENOENT;
        return -1;
    }
    if (old != NULL)
        old->exists = false;
    note_name(fake, file, file->place, file->name, base_name(to));
    memcpy(file->name, base_name(to), strlen(base_name(to)) + 1);
    return 0;
}

static int fake_unlink(void *context, const char *path)
{
    struct fake_disk *fake = context;
    struct file *file = fake_file_find(fake, base_name(path));

    if (file == NULL) {
        errno = ENOENT;
        return -1;
    }
    if (refuse(fake, FAKE_UNLINK, true))
        return -1;
    note_name(fake, file, file->place, file->name, "");
    file->exists = false;
    return 0;
}

static int fake_mkdir(void *context, const char *path, mode_t mode)
{
    struct fake_disk *fake = context;

    enum place place = place_of_directory(path);

    (void)mode;
    if (!fake->has_directory[place]) {
        fake->has_directory[place] = true;
        note_name(fake, NULL, place == INSIDE ? OUTSIDE : INSIDE, "", base_name(path));
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
    if (fake->sync_called != NULL && fake->sync_called(fake->sync_called_arg))
        return 0;
    enum place place = place_of_directory(path);
    size_t kept = 0;
    for (size_t i = 0; i < fake->naming_count; i++)
        if (fake->namings[i].place != place)
            fake->namings[kept++] = fake->namings[i];
    fake->naming_count = kept;
    if (place != ARCHIVE) // the directory that is in this one
        fake->durable_directory[place + 1] = fake->has_directory[place + 1];
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *file = &fake->files[i];
        if (file->place != place)
            continue;
        file->durable_exists = file->exists;
        memcpy(file->durable_name, file->name, NAME_SIZE);
    }
    return 0;
}

static int fake_list(void *context, const char *path, oyez_disk_name *name, void *arg)
{
    struct fake_disk *fake = context;
    int result = 0;

    enum place place = place_of_directory(path);
    if (place == ARCHIVE && !fake->has_directory[ARCHIVE]) {
        errno = ENOENT;
        return -1;
    }
    for (size_t i = 0; i < FILES_MAX && result == 0; i++)
        if (fake->files[i].exists && fake->files[i].place == place)
            result = name(arg, fake->files[i].name);
    return result;
}

// Which file has which name; tests change that behind the functions' back too.
// Its files have no times.
static uint64_t fake_modified(void *context, int fd)
{
    (void)context;
    (void)fd;
    return 0;
}

static int fake_set_modified(void *context, int fd, uint64_t time)
{
    (void)context;
    (void)fd;
    (void)time;
    return 0;
}

static uint64_t fake_names(void *context, const char *path)
{
    struct fake_disk *fake = context;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);

    enum place place = place_of_directory(path);
    if (place == ARCHIVE && !fake->has_directory[ARCHIVE])
        return 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (!fake->files[i].exists || fake->files[i].place != place)
            continue;
        hash = (hash ^ i) * UINT64_C(0x100000001B3);
        for (const char *at = fake->files[i].name; *at != '\0'; at++)
            hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001B3);
    }
    return fake->has_directory[ARCHIVE] ? hash + 1 : hash;
}

static uint64_t fake_now(void *context)
{
    struct fake_disk *fake = context;

    return fake->clock;
}

static int fake_permissions(void *context, int fd)
{
    struct fake_disk *fake = context;

    return (int)(fake->fds[fd].file->mode & 0777);
}

struct fake_disk *fake_disk_new(void)
{
    struct fake_disk *fake = calloc(1, sizeof(*fake));

    assert(fake != NULL);
    fake->clock = 1000;
    pthread_mutex_init(&fake->lock, NULL);
    fake->table = (struct oyez_disk){fake,
                                     fake_open,
                                     fake_close,
                                     fake_read,
                                     fake_write,
                                     fake_sync,
                                     fake_truncate,
                                     fake_lock,
                                     fake_rename,
                                     fake_unlink,
                                     fake_mkdir,
                                     fake_size,
                                     fake_sync_directory,
                                     fake_list,
                                     fake_now,
                                     fake_permissions,
                                     fake_names,
                                     fake_modified,
                                     fake_set_modified,
                                     NULL};
    return fake;
}
