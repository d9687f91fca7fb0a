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

#define REQUEST_SIZE 256u
#define ANSWER_SIZE 2048u
#define PEER_SECONDS 2 // for a peer to say its line, and to take the answer

struct recorder_admin {
    struct oyez_recorder *recorder;
    struct sockaddr_un address;
    int listen_fd;
    int stop_fd;
    pthread_t thread;
};

// {"NAME": "TEXT"} and a newline; what does not fit is cut.
static void write_answer(char out[ANSWER_SIZE], const char *name, const char *text)
{
    size_t at = (size_t)snprintf(out, ANSWER_SIZE, "{\"%s\":\"", name);
    for (; *text != '\0' && at < ANSWER_SIZE - 12; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            out[at++] = '\\';
        if (byte < 0x20)
            at += (size_t)snprintf(out + at, ANSWER_SIZE - at, "\\u%04x", byte);
        else
            out[at++] = *text;
    }
    memcpy(out + at, "\"}\n", 4);
}

static void rotate_key(struct oyez_recorder *recorder, char answer[ANSWER_SIZE])
{
    struct recorder_rotation *rotation = &recorder->rotation;
    char text[OYEZ_NOTE_VKEY_SIZE];
    if (recorder->mirror) {
        write_answer(answer, "error",
                     "a mirror takes the acts of the journal from its primary: rotate there");
        return;
    }
    pthread_mutex_lock(&recorder->lock);
    rotation->wanted = true;
    rotation->done = false;
    pthread_cond_broadcast(&recorder->for_write);
    while (!rotation->done && !recorder->writing_ended && recorder->failed == OYEZ_OK)
        pthread_cond_wait(&recorder->changed, &recorder->lock);
    bool done = rotation->done && rotation->err == OYEZ_OK;
    if (done)
        oyez_note_verifier_write(&rotation->key, text);
    write_answer(answer, done ? "key" : "error",
                 done             ? text
                 : rotation->done ? rotation->detail
                                  : "the recorder is ending, or has failed");
    pthread_mutex_unlock(&recorder->lock);
}

static bool is_same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool read_request(int fd, char request[REQUEST_SIZE])
{
    const struct timeval patience = {.tv_sec = PEER_SECONDS};
    size_t size = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    while (size < REQUEST_SIZE - 1) {
        ssize_t got = recv(fd, request + size, REQUEST_SIZE - 1 - size, 0);
        if (got <= 0)
            return false;
        size += (size_t)got;
        request[size] = '\0';
        char *newline = strchr(request, '\n');
        if (newline != NULL) {
            *newline = '\0';
            return true;
        }
    }
    return false;
}

static void serve(struct recorder_admin *admin, int fd)
{
    char request[REQUEST_SIZE], answer[ANSWER_SIZE];
    if (!is_same_user(fd))
        write_answer(answer, "error", "only for the user who runs the recorder");
    else if (!read_request(fd, request))
        return;
    else if (strcmp(request, "rotate-key") == 0)
        rotate_key(admin->recorder, answer);
    else
        write_answer(answer, "error", "no such request");
    (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
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
        recorder_log(recorder, OYEZ_WARNING, "no socket %s/%s: %s; keys are not rotated meanwhile",
                     recorder->directory, RECORDER_ADMIN_SOCKET, strerror(errno));
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

// All that was written is safe, and nobody syncs.
static void wait_for_quiet(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    while ((recorder->written.any || recorder->syncing) && recorder->failed == OYEZ_OK)
        pthread_cond_wait(&recorder->for_write, &recorder->lock);
    pthread_mutex_unlock(&recorder->lock);
}

oyez_err recorder_rotate_if_asked(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    struct recorder_rotation *rotation = &recorder->rotation;
    struct oyez_note_verifier key = {.key_id = 0};
    oyez_err err = OYEZ_OK;
    pthread_mutex_lock(&recorder->lock);
    bool wanted = rotation->wanted;
    pthread_mutex_unlock(&recorder->lock);
    if (!wanted)
        return OYEZ_OK;
    if (writer->group_open) {
        wait_for_quiet(recorder);
        err = recorder_group_close(writer);
        if (err != OYEZ_OK)
            return err;
    }
    wait_for_quiet(recorder);
    err = oyez_journal_rotate_key(recorder->journal, &key);
    pthread_mutex_lock(&recorder->lock);
    rotation->wanted = false;
    rotation->done = true;
    rotation->err = err;
    rotation->key = key;
    snprintf(rotation->detail, sizeof rotation->detail, "%s", oyez_error_detail());
    if (err == OYEZ_OK)
        recorder->safe_records = recorder->counters.index =
            oyez_journal_next_index(recorder->journal);
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    // A journal that has failed says so at its next call; a key that could not be saved is no reason.
    return OYEZ_OK;
}
