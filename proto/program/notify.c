// SPDX-License-Identifier: MIT
#include "program/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define US_PER_MS 1000u
#define WATCHDOG_MS_MIN 2u // half of it is the pause of a timer

void notify_manager(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof address.sun_path)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    memcpy(address.sun_path, path, strlen(path));
    // An abstract name begins with a NUL and has its length from the size of the address.
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    (void)!sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
                  (const struct sockaddr *)&address, size);
    close(fd);
}

// 0 = it is not there, or no number.
static uint64_t read_number(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return 0;
    uint64_t number = strtoull(text, &end, 10);
    return *end == '\0' ? number : 0;
}

uint64_t notify_watchdog_ms(void)
{
    uint64_t pid = read_number("WATCHDOG_PID");
    uint64_t us = read_number("WATCHDOG_USEC");
    if (us == 0 || (pid != 0 && pid != (uint64_t)getpid()))
        return 0;
    return us / US_PER_MS > WATCHDOG_MS_MIN ? us / US_PER_MS : WATCHDOG_MS_MIN;
}
