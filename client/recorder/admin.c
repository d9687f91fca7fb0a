// SPDX-License-Identifier: MIT
#include "admin.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin_verb.h"

#define VERB_SIZE 32u
#define PEER_SECONDS 2 // for a peer to go on with its request, and to take the answer

struct recorder_admin {
    struct oyez_recorder *recorder;
    struct sockaddr_un address;
    int listen_fd;
    int stop_fd;
    pthread_t thread;
};

static bool is_same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool ends(const char *request, size_t size, bool *known)
{
    const char *newline = memchr(request, '\n', size);
    char name[VERB_SIZE] = "";
    *known = true;
    if (newline == NULL)
        return false;
    if ((size_t)(newline - request) < sizeof name)
        memcpy(name, request, (size_t)(newline - request));
    const struct recorder_verb *verb = recorder_verb_find(name);
    *known = verb != NULL;
    // The empty line is the second of two newlines: no line of a request is empty.
    return verb == NULL || !verb->has_lines ||
           (size >= 2 && memcmp(request + size - 2, "\n\n", 2) == 0);
}

// A peer that says nothing, or too much, is left.
static bool read_request(int fd, char *request)
{
    const struct timeval patience = {.tv_sec = PEER_SECONDS};
    size_t size = 0;
    bool known = true;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    while (!ends(request, size, &known)) {
        if (size == RECORDER_REQUEST_MAX)
            return false;
        ssize_t got = recv(fd, request + size, RECORDER_REQUEST_MAX - size, 0);
        if (got <= 0)
            return false;
        size += (size_t)got;
    }
    request[size] = '\0';
    return true;
}

static void answer_request(struct oyez_recorder *recorder, struct recorder_request request,
                           struct recorder_reply *reply)
{
    const char *name = recorder_request_line(&request);
    const struct recorder_verb *verb = recorder_verb_find(name != NULL ? name : "");
    char *end = strstr(request.next, "\n\n");
    if (*request.next == '\n')
        *request.next = '\0';
    else if (end != NULL)
        end[1] = '\0';
    if (verb == NULL)
        recorder_reply_error(reply, "no such request");
    else if (recorder->mirror && !verb->for_mirrors)
        recorder_reply_error(reply,
                             "a mirror takes the acts of the journal from its primary: ask there");
    else
        verb->answer(recorder, &request, reply);
}

static void serve(struct recorder_admin *admin, int fd)
{
    struct recorder_reply reply = {.size = 0};
    char *request = malloc(RECORDER_REQUEST_MAX + 1);
    if (request == NULL)
        recorder_reply_error(&reply, "no memory for a request");
    else if (!is_same_user(fd))
        recorder_reply_error(&reply, "only for the user who runs the recorder");
    else if (read_request(fd, request))
        answer_request(admin->recorder, (struct recorder_request){.next = request}, &reply);
    if (reply.size > 0)
        (void)!send(fd, reply.text, strlen(reply.text), MSG_NOSIGNAL);
    free(request);
}

static void *run(void *arg)
{
    struct recorder_admin *admin = arg;
    struct pollfd items[2] = {{.fd = admin->listen_fd, .events = POLLIN},
                              {.fd = admin->stop_fd, .events = POLLIN}};
    for (;;) {
        if (poll(items, 2, -1) < 0 && errno != EINTR)
            break;
        if (items[1].revents != 0)
            break;
        int fd = accept4(admin->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        serve(admin, fd);
        close(fd);
    }
    return NULL;
}

static bool listen_at(struct recorder_admin *admin)
{
    // Only the holder of the journal's lock comes here: what is there was left behind.
    unlink(admin->address.sun_path);
    admin->stop_fd = eventfd(0, EFD_CLOEXEC);
    admin->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return admin->stop_fd >= 0 && admin->listen_fd >= 0 &&
           bind(admin->listen_fd, (struct sockaddr *)&admin->address, sizeof admin->address) == 0 &&
           chmod(admin->address.sun_path, 0600) == 0 && listen(admin->listen_fd, 4) == 0;
}

static void free_admin(struct recorder_admin *admin)
{
    if (admin->listen_fd >= 0)
        close(admin->listen_fd);
    if (admin->stop_fd >= 0)
        close(admin->stop_fd);
    free(admin);
}

void recorder_admin_open(struct recorder_admin **out, struct oyez_recorder *recorder)
{
    struct recorder_admin *admin = calloc(1, sizeof *admin);
    *out = NULL;
    if (admin == NULL)
        return;
    admin->recorder = recorder;
    admin->address.sun_family = AF_UNIX;
    admin->listen_fd = admin->stop_fd = -1;
    int size = snprintf(admin->address.sun_path, sizeof admin->address.sun_path, "%s/%s",
                        recorder->directory, RECORDER_ADMIN_SOCKET);
    errno = ENAMETOOLONG;
    if (size < 0 || (size_t)size >= sizeof admin->address.sun_path || !listen_at(admin) ||
        (errno = pthread_create(&admin->thread, NULL, run, admin)) != 0) {
        recorder_log(recorder, OYEZ_WARNING,
                     "no socket %s/%s: %s; acts of the journal have to wait", recorder->directory,
                     RECORDER_ADMIN_SOCKET, strerror(errno));
        free_admin(admin);
        return;
    }
    *out = admin;
}

void recorder_admin_close(struct recorder_admin **closing)
{
    struct recorder_admin *admin = *closing;
    uint64_t one = 1;
    *closing = NULL;
    if (admin == NULL)
        return;
    (void)!write(admin->stop_fd, &one, sizeof one);
    pthread_join(admin->thread, NULL);
    unlink(admin->address.sun_path);
    free_admin(admin);
}
