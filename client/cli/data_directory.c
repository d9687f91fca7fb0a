// SPDX-License-Identifier: MIT
#include "data_directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define DEFAULT_DIRECTORY "./oyez-data"

const char *data_directory(const char *given)
{
    const char *environment = getenv("OYEZ_DATA");
    if (given != NULL) {
        return given;
    }
    return environment != NULL && environment[0] != '\0' ? environment : DEFAULT_DIRECTORY;
}

// A line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF".
static bool names_file(const char *line, const struct stat *status)
{
    unsigned device_major;
    unsigned device_minor;
    unsigned long inode;
    return sscanf(line, "%*[^:]: FLOCK %*s WRITE %*d %x:%x:%lu", &device_major, &device_minor,
                  &inode) == 3 &&
           inode == status->st_ino && device_major == major(status->st_dev) &&
           device_minor == minor(status->st_dev);
}

bool data_directory_is_written(const char *directory)
{
    char path[4096 + 8];
    char line[256];
    struct stat status;
    bool found = false;
    snprintf(path, sizeof path, "%s/lock", directory);
    FILE *locks = stat(path, &status) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (locks == NULL) {
        return false;
    }
    while (!found && fgets(line, sizeof line, locks) != NULL) {
        found = names_file(line, &status);
    }
    fclose(locks);
    return found;
}
