// SPDX-License-Identifier: MIT
#include "admin_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static oyez_err connect_to(const char *directory, int *fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path, sizeof address.sun_path, "%s/admin", directory);
    if (size < 0 || (size_t)size >= sizeof address.sun_path) {
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: too long a path for a socket", directory);
    }
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        return oyez_fail(OYEZ_ERR_SYSTEM, "socket: %s", strerror(errno));
    }
    if (connect(*fd, (struct sockaddr *)&address, sizeof address) != 0) {
        return oyez_fail(errno == EACCES || errno == EPERM ? OYEZ_ERR_FORBIDDEN
                                                           : OYEZ_ERR_NOT_FOUND,
                         "%s: %s", address.sun_path, strerror(errno));
    }
    return OYEZ_OK;
}

static oyez_err write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, text, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return oyez_fail(OYEZ_ERR_UNREACHABLE, "the recorder does not listen: %s",
                             strerror(errno));
        }
        text += sent;
        size -= (size_t)sent;
    }
    return OYEZ_OK;
}

static oyez_err read_line(int fd, char *answer, size_t room)
{
    size_t size = 0;
    while (size < room - 1) {
        ssize_t got = recv(fd, answer + size, room - 1 - size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return oyez_fail(OYEZ_ERR_UNREACHABLE, "the recorder ended before it answered");
        }
        size += (size_t)got;
        char *newline = memchr(answer, '\n', size);
        if (newline != NULL) {
            *newline = '\0';
            return OYEZ_OK;
        }
    }
    return oyez_fail(OYEZ_ERR_TOO_LARGE, "an answer of more than %zu bytes", room);
}

oyez_err admin_ask(const char *directory, const char *request, char *answer, size_t room)
{
    int fd = -1;
    oyez_err err = connect_to(directory, &fd);
    if (err == OYEZ_OK) {
        err = write_all(fd, request, strlen(request));
    }
    if (err == OYEZ_OK) {
        err = write_all(fd, "\n", 1);
    }
    if (err == OYEZ_OK) {
        err = read_line(fd, answer, room);
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}
