// SPDX-License-Identifier: MIT
// A kill -9 at a step of a whole program: LD_PRELOAD it. The process is killed at the changing call
// whose number OYEZ_KILL_AT is (from 1), before the call does anything.
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static void count(void)
{
    static atomic_long calls;
    const char *at = getenv("OYEZ_KILL_AT");
    if (at != NULL && atomic_fetch_add(&calls, 1) + 1 == strtol(at, NULL, 10))
        raise(SIGKILL);
}

// The system's own function, which stands behind this one.
#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (next == NULL)                                                                              \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
    count()

#define SHOWN __attribute__((visibility("default")))

SHOWN int fdatasync(int fildes)
{
    NEXT(fdatasync);
    return next(fildes);
}

SHOWN int fsync(int fd)
{
    NEXT(fsync);
    return next(fd);
}

SHOWN ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset)
{
    NEXT(pwrite);
    return next(fd, buf, n, offset);
}

SHOWN ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
    NEXT(pwrite64);
    return next(fd, buf, n, offset);
}

SHOWN int ftruncate(int fd, off_t length)
{
    NEXT(ftruncate);
    return next(fd, length);
}

SHOWN int rename(const char *old, const char *new)
{
    NEXT(rename);
    return next(old, new);
}

SHOWN int unlink(const char *name)
{
    NEXT(unlink);
    return next(name);
}

SHOWN int mkdir(const char *path, mode_t mode)
{
    NEXT(mkdir);
    return next(path, mode);
}
