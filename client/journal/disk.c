// SPDX-License-Identifier: MIT
#include "oyez/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define SETTLED (NS_PER_SECOND / 50) // two ticks

static int open_file(void *context, const char *path, int flags, mode_t mode)
{
    (void)context;
    return open(path, flags | O_CLOEXEC, mode);
}

static int close_file(void *context, int fd)
{
    (void)context;
    return close(fd);
}

static ssize_t read_at(void *context, int fd, void *data, size_t size, off_t offset)
{
    (void)context;
    return pread(fd, data, size, offset);
}

static ssize_t write_at(void *context, int fd, const void *data, size_t size, off_t offset)
{
    (void)context;
    return pwrite(fd, data, size, offset);
}

static int sync_data(void *context, int fd)
{
    (void)context;
    return fdatasync(fd);
}

static int truncate_file(void *context, int fd, off_t size)
{
    (void)context;
    return ftruncate(fd, size);
}

static int lock_file(void *context, int fd, int operation)
{
    (void)context;
    return flock(fd, operation);
}

static int rename_file(void *context, const char *from, const char *to)
{
    (void)context;
    return rename(from, to);
}

static int unlink_file(void *context, const char *path)
{
    (void)context;
    return unlink(path);
}

static int make_directory(void *context, const char *path, mode_t mode)
{
    (void)context;
    return mkdir(path, mode);
}

static off_t file_size(void *context, int fd)
{
    struct stat status;

    (void)context;
    return fstat(fd, &status) == 0 ? status.st_size : -1;
}

static int file_permissions(void *context, int fd)
{
    struct stat status;

    (void)context;
    return fstat(fd, &status) == 0 ? (int)(status.st_mode & 0777) : -1;
}

static int sync_directory(void *context, const char *path)
{
    (void)context;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    int result = fsync(fd);
    int saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return result;
}

static int list_names(void *context, const char *path, oyez_disk_name *name, void *arg)
{
    (void)context;
    DIR *directory = opendir(path);
    int result = 0;

    if (directory == NULL)
        return -1;
    while (result == 0) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            result = errno == 0 ? 0 : -1;
            break;
        }
        result = name(arg, entry->d_name);
    }
    int saved_errno = errno;
    closedir(directory);
    errno = saved_errno;
    return result;
}

static uint64_t read_clock(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

// The kernel stamps by a clock that ticks a hundred times a second at least, so the stamp of a change
// that is younger than that may be the next one's too.
static uint64_t version_of_names(void *context, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return 0;
    uint64_t changed =
        (uint64_t)status.st_ctim.tv_sec * NS_PER_SECOND + (uint64_t)status.st_ctim.tv_nsec;
    uint64_t now = read_clock(context);
    if (now < changed || now - changed < SETTLED)
        return 0;
    return changed ^ (uint64_t)status.st_ino << 32; // another directory of that name is another
}

static uint64_t file_modified(void *context, int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return 0;
    uint64_t time =
        (uint64_t)status.st_mtim.tv_sec * NS_PER_SECOND + (uint64_t)status.st_mtim.tv_nsec;
    uint64_t now = read_clock(context);
    return now < time || now - time < SETTLED ? 0 : time;
}

static int set_file_modified(void *context, int fd, uint64_t time)
{
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)(time / NS_PER_SECOND), .tv_nsec = (long)(time % NS_PER_SECOND)}};

    (void)context;
    return futimens(fd, times);
}

static int read_space(void *context, const char *path, struct oyez_disk_space *out)
{
    struct statvfs disk;

    (void)context;
    if (statvfs(path, &disk) != 0)
        return -1;
    *out = (struct oyez_disk_space){.free_bytes = disk.f_bavail * disk.f_frsize,
                                    .size_bytes = disk.f_blocks * disk.f_frsize};
    return 0;
}

const struct oyez_disk *oyez_disk_system(void)
{
    static const struct oyez_disk disk = {
        .open = open_file,
        .close = close_file,
        .pread = read_at,
        .pwrite = write_at,
        .fdatasync = sync_data,
        .ftruncate = truncate_file,
        .flock = lock_file,
        .rename = rename_file,
        .unlink = unlink_file,
        .mkdir = make_directory,
        .size = file_size,
        .sync_directory = sync_directory,
        .list = list_names,
        .now = read_clock,
        .permissions = file_permissions,
        .names = version_of_names,
        .space = read_space,
        .modified = file_modified,
        .set_modified = set_file_modified,
    };
    return &disk;
}
