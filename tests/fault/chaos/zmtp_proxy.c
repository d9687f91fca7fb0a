// SPDX-License-Identifier: MIT
// zmtp_proxy LISTEN_PORT BROKER_PORT [SEED]: stands before a broker's three ports, on three of its
// own, and does to what goes through what zmtp_commands.c names. Prints "ready" when it listens.
#include "zmtp_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE 65536u
#define LINE_SIZE 1024u

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_on(unsigned port)
{
    int one = 1;
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 256) == 0)
        return fd;
    close(fd);
    return -1;
}

static void no_delay(int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

// Towards the broker; refused or not shows when it is written to or read.
static int connect_to(unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    no_delay(fd);
    return fd;
}

static bool has_room(struct proxy *proxy)
{
    if (proxy->count < proxy->room)
        return true;
    size_t room = proxy->room == 0 ? 64 : proxy->room * 2;
    struct proxy_connection **grown = reallocarray(proxy->connections, room, sizeof(void *));
    if (grown == NULL)
        return false;
    proxy->connections = grown;
    proxy->room = room;
    return true;
}

static void accept_one(struct proxy *proxy, unsigned socket)
{
    struct proxy_connection *connection = NULL;
    int near = accept4(proxy->listeners[socket], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (near < 0)
        return;
    no_delay(near);
    bool hole = proxy->hole[socket];
    int far = hole ? -1 : connect_to(proxy->target_port + socket);
    if ((hole || far >= 0) && has_room(proxy))
        connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        close(near);
        if (far >= 0)
            close(far);
        return;
    }
    *connection = (struct proxy_connection){.id = ++proxy->last_id,
                                            .socket = socket,
                                            .near = near,
                                            .far = far,
                                            .connecting = !hole,
                                            .up_dead = hole};
    proxy->connections[proxy->count++] = connection;
    proxy->opened++;
}

static void end_connection(struct proxy *proxy, size_t index)
{
    struct proxy_connection *connection = proxy->connections[index];
    unsigned socket = connection->socket;
    proxy->messages[socket][0] += connection->up.messages;
    proxy->messages[socket][1] += connection->down.messages;
    proxy->dropped[socket][0] += connection->up.dropped;
    proxy->dropped[socket][1] += connection->down.dropped;
    proxy->cut += connection->doomed;
    close(connection->near);
    if (connection->far >= 0)
        close(connection->far);
    zmtp_way_free(&connection->up);
    zmtp_way_free(&connection->down);
    free(connection);
    proxy->connections[index] = proxy->connections[--proxy->count];
}

struct judged {
    struct proxy *proxy;
    const struct proxy_connection *connection;
    bool down;
};

static bool judge(void *arg, const uint8_t *start, size_t size)
{
    const struct judged *judged = arg;
    return zmtp_rules_drop(&judged->proxy->rules, judged->connection->socket, judged->down,
                           judged->connection->id, start, size);
}

// Reads once. False: the connection is over.
static bool take(struct proxy *proxy, struct proxy_connection *connection, bool down)
{
    static uint8_t data[READ_SIZE];
    struct zmtp_way *way = down ? &connection->down : &connection->up;
    bool dead = down ? connection->down_dead : connection->up_dead;
    ssize_t size = recv(down ? connection->far : connection->near, data, sizeof data, 0);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR || dead;
    if (size == 0) {
        way->ended = true;
        return true;
    }
    if (dead)
        return true;
    struct judged judged = {.proxy = proxy, .connection = connection, .down = down};
    uint64_t release = now_ms() + proxy->delay_ms[connection->socket];
    return zmtp_way_take(way, data, (size_t)size, release, judge, &judged);
}

// Writes what may go on. False: the connection is over.
static bool pass(struct proxy_connection *connection, bool down, uint64_t now)
{
    struct zmtp_way *way = down ? &connection->down : &connection->up;
    bool dead = down ? connection->down_dead : connection->up_dead;
    int fd = down ? connection->near : connection->far;
    const uint8_t *data;
    if (fd < 0 || dead)
        return true;
    size_t size = zmtp_way_ready(way, now, &data);
    if (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        zmtp_way_sent(way, (size_t)sent);
    }
    if (way->ended && !way->shut && zmtp_way_queued(way) == 0) {
        way->shut = true;
        shutdown(fd, SHUT_WR);
    }
    return true;
}

static short near_events(struct proxy_connection *connection, uint64_t now)
{
    const uint8_t *data;
    short events = 0;
    if (!connection->frozen && !connection->up.ended &&
        zmtp_way_queued(&connection->up) < ZMTP_QUEUE_MAX)
        events |= POLLIN;
    if (!connection->down_dead && zmtp_way_ready(&connection->down, now, &data) > 0)
        events |= POLLOUT;
    return events;
}

static short far_events(struct proxy_connection *connection, uint64_t now)
{
    const uint8_t *data;
    short events = 0;
    if (connection->connecting)
        return POLLOUT;
    if (!connection->frozen && !connection->down.ended &&
        zmtp_way_queued(&connection->down) < ZMTP_QUEUE_MAX)
        events |= POLLIN;
    if (!connection->up_dead && zmtp_way_ready(&connection->up, now, &data) > 0)
        events |= POLLOUT;
    return events;
}

static bool is_connected(struct proxy_connection *connection, short revents)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (!connection->connecting || revents == 0)
        return true;
    connection->connecting = false;
    return getsockopt(connection->far, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

// What one connection has to do. False: it is over.
static bool serve(struct proxy *proxy, struct proxy_connection *connection, short near, short far)
{
    uint64_t now = now_ms();
    bool good = !connection->doomed && is_connected(connection, far);
    if (good && !connection->frozen && (near & (POLLIN | POLLHUP | POLLERR)) != 0 &&
        !connection->up.ended)
        good = take(proxy, connection, false);
    if (good && !connection->frozen && (far & (POLLIN | POLLHUP | POLLERR)) != 0 &&
        !connection->down.ended)
        good = take(proxy, connection, true);
    if (good && !connection->connecting)
        good = pass(connection, false, now) && pass(connection, true, now);
    // An end in a dead direction is not told to the other side; one that was told to both is one.
    bool up_over = connection->up.ended && (connection->up.shut || connection->up_dead);
    bool down_over = connection->down.ended && (connection->down.shut || connection->down_dead);
    return good && !(up_over && (down_over || connection->far < 0));
}

static int poll_timeout(const struct proxy *proxy, uint64_t now)
{
    uint64_t next = now + 1000;
    for (size_t i = 0; i < proxy->count; i++) {
        uint64_t up = zmtp_way_next_ms(&proxy->connections[i]->up, now);
        uint64_t down = zmtp_way_next_ms(&proxy->connections[i]->down, now);
        next = up < next ? up : next;
        next = down < next ? down : next;
    }
    return (int)(next - now);
}

static void read_commands(struct proxy *proxy)
{
    static char line[LINE_SIZE];
    static size_t filled;
    ssize_t size = read(STDIN_FILENO, line + filled, sizeof line - 1 - filled);
    if (size <= 0) {
        proxy->ended = true;
        return;
    }
    filled += (size_t)size;
    for (;;) {
        char *end = memchr(line, '\n', filled);
        if (end == NULL)
            break;
        *end = 0;
        size_t used = (size_t)(end - line) + 1;
        proxy_command(proxy, line);
        filled -= used;
        memmove(line, line + used, filled);
    }
    if (filled == sizeof line - 1)
        filled = 0;
}

#define FIXED (1 + PROXY_SOCKETS)

static bool run_once(struct proxy *proxy)
{
    uint64_t now = now_ms();
    size_t connections = proxy->count;
    struct pollfd *fds = calloc(FIXED + 2 * connections, sizeof *fds);
    if (fds == NULL)
        return false;
    fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (unsigned i = 0; i < PROXY_SOCKETS; i++)
        fds[1 + i] = (struct pollfd){.fd = proxy->listeners[i], .events = POLLIN};
    for (size_t i = 0; i < connections; i++) {
        struct proxy_connection *connection = proxy->connections[i];
        short near = near_events(connection, now), far = far_events(connection, now);
        // What asks for nothing is not polled: an end that may not be told would come for ever.
        fds[FIXED + 2 * i] =
            (struct pollfd){.fd = near != 0 ? connection->near : -1, .events = near};
        fds[FIXED + 2 * i + 1] =
            (struct pollfd){.fd = far != 0 ? connection->far : -1, .events = far};
    }
    poll(fds, FIXED + 2 * connections, poll_timeout(proxy, now));
    if (fds[0].revents != 0)
        read_commands(proxy);
    for (size_t i = connections; i-- > 0;)
        if (!serve(proxy, proxy->connections[i], fds[FIXED + 2 * i].revents,
                   fds[FIXED + 2 * i + 1].revents))
            end_connection(proxy, i);
    for (unsigned i = 0; i < PROXY_SOCKETS; i++)
        if (fds[1 + i].revents != 0)
            accept_one(proxy, i);
    free(fds);
    return true;
}

int main(int argc, char **argv)
{
    struct proxy proxy = {.rules.random = 1};
    if (argc < 3 || argc > 4)
        return 2;
    proxy.listen_port = (uint16_t)strtoul(argv[1], NULL, 10);
    proxy.target_port = (uint16_t)strtoul(argv[2], NULL, 10);
    if (argc == 4)
        proxy.rules.random = strtoull(argv[3], NULL, 10) | 1;
    for (unsigned i = 0; i < PROXY_SOCKETS; i++) {
        proxy.listeners[i] = listen_on(proxy.listen_port + i);
        if (proxy.listeners[i] < 0) {
            fprintf(stderr, "zmtp_proxy: port %u: %s\n", proxy.listen_port + i, strerror(errno));
            return 5;
        }
    }
    printf("ready\n");
    fflush(stdout);
    bool good = true;
    while (good && !proxy.ended)
        good = run_once(&proxy);
    while (proxy.count > 0)
        end_connection(&proxy, proxy.count - 1);
    free(proxy.connections);
    return good ? 0 : 5;
}
