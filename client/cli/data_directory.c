// SPDX-License-Identifier: MIT
#include "data_directory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

const char *data_directory(const char *given)
{
    const char *environment = getenv("OYEZ_DATA");
    if (given != NULL) {
        return given;
    }
    return environment != NULL && environment[0] != '\0' ? environment : DATA_DIRECTORY_DEFAULT;
}

bool data_directory_is_written(const char *directory)
{
    char path[4096 + 8];
    char file[64];
    char line[256];
    struct stat status;
    bool found = false;
    snprintf(path, sizeof path, "%s/lock", directory);
    FILE *locks = stat(path, &status) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (locks == NULL) {
        return false;
    }
    // As a line names it: "1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF".
    snprintf(file, sizeof file, " %02x:%02x:%ju ", major(status.st_dev), minor(status.st_dev),
             (uintmax_t)status.st_ino);
    while (!found && fgets(line, sizeof line, locks) != NULL) {
        found = strstr(line, " FLOCK ") != NULL && strstr(line, " WRITE ") != NULL &&
                strstr(line, file) != NULL;
    }
    fclose(locks);
    return found;
}
