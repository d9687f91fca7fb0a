// SPDX-License-Identifier: MIT
// A disk that fails or is slow, for whole programs: LD_PRELOAD it. While the file that
// OYEZ_FAILING_DISK names exists, the calls whose name stands in it (pwrite, fdatasync) fail with
// EIO on journal segments; if "slow" stands in it too, they take their time instead.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define SLOW_US 500000u

static bool is_segment(int fd)
{
    char path[64];
    char file[4096];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(path, file, sizeof file - 1);
    return size > 4 && memcmp(file + size - 4, ".seg", 4) == 0;
}

static bool fails(const char *call, int fd)
{
    char text[64] = "";
    const char *trigger = getenv("OYEZ_FAILING_DISK");
    FILE *file = trigger != NULL ? fopen(trigger, "re") : NULL;
    if (file == NULL)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    if (strstr(text, call) == NULL || !is_segment(fd))
        return false;
    if (strstr(text, "slow") == NULL)
        return true;
    usleep(SLOW_US);
    return false;
}

// The system's own function, which stands behind this one.
#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (next == NULL)                                                                              \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

__attribute__((visibility("default"))) int fdatasync(int fildes)
{
    NEXT(fdatasync);
    if (fails("fdatasync", fildes)) {
        errno = EIO;
        return -1;
    }
    return next(fildes);
}

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void *buf, size_t n,
                                                      off_t offset)
{
    NEXT(pwrite);
    if (fails("pwrite", fd)) {
        errno = EIO;
        return -1;
    }
    return next(fd, buf, n, offset);
}

__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *buf, size_t n,
                                                        off64_t offset)
{
    return pwrite(fd, buf, n, offset);
}
