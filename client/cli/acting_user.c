// SPDX-License-Identifier: MIT
#include "acting_user.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_SIZE 4096u

void acting_user(char out[ACTING_USER_SIZE])
{
    char memory[MEMORY_SIZE];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(getuid(), &entry, memory, sizeof memory, &found) == 0 && found != NULL &&
        strpbrk(entry.pw_name, "\r\n") == NULL && entry.pw_name[0] != '\0') {
        snprintf(out, ACTING_USER_SIZE, "%s", entry.pw_name);
    } else {
        snprintf(out, ACTING_USER_SIZE, "uid %lu", (unsigned long)getuid());
    }
}
