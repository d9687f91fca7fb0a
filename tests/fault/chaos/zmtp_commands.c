// SPDX-License-Identifier: MIT
// What a proxy is told, a line each. Each is answered by a line that begins with ok or error.
//   delay SOCKET MS               what comes from now on waits so long, both ways
//   cut SOCKET [conn=ID]          connections end, with what is on the way
//   half SOCKET up|down [conn=ID] that direction of the connections there are is dead: its bytes
//                                 are taken and go nowhere, and its end is not told
//   freeze SOCKET [conn=ID]       nothing is taken, nothing lost; thaw SOCKET ends it
//   hole SOCKET on|off            new connections are accepted, and nothing is behind them
//   drop SOCKET up|down [topic=PREFIX] [skip=N] [count=N] [chance=F] [conn=ID]
//                                 whole messages are left out
//   heal                          no fault is left; connections that lost bytes are cut
//   list                          a line for each connection
//   stats                         figures
//   quit
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zmtp_proxy.h"

static const char *const socket_names[PROXY_SOCKETS] = {"control", "ingress", "egress"};

#define WORDS_MAX 12

struct words {
    char *at[WORDS_MAX];
    size_t count;
};

static struct words split(char *line)
{
    struct words words = {.count = 0};
    char *rest = NULL;
    for (char *word = strtok_r(line, " \n", &rest); word != NULL && words.count < WORDS_MAX;
         word = strtok_r(NULL, " \n", &rest))
        words.at[words.count++] = word;
    return words;
}

static const char *word(const struct words *words, size_t index)
{
    return index < words->count ? words->at[index] : "";
}

// The value of key=value; NULL: it is not there.
static const char *option(const struct words *words, const char *key)
{
    size_t size = strlen(key);
    for (size_t i = 1; i < words->count; i++)
        if (strncmp(words->at[i], key, size) == 0 && words->at[i][size] == '=')
            return words->at[i] + size + 1;
    return NULL;
}

static uint64_t number(const struct words *words, const char *key, uint64_t otherwise)
{
    const char *text = option(words, key);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static bool find_socket(const char *name, unsigned *found)
{
    for (unsigned i = 0; i < PROXY_SOCKETS; i++)
        if (strcmp(name, socket_names[i]) == 0) {
            *found = i;
            return true;
        }
    return false;
}

static void apply(struct proxy_connection *connection, const char *verb, bool down)
{
    if (strcmp(verb, "cut") == 0)
        connection->doomed = true;
    else if (strcmp(verb, "freeze") == 0)
        connection->frozen = true;
    else if (strcmp(verb, "thaw") == 0)
        connection->frozen = false;
    else if (down)
        connection->down_dead = true;
    else
        connection->up_dead = true;
}

static unsigned apply_to_all(struct proxy *proxy, const struct words *words, unsigned socket)
{
    uint64_t id = number(words, "conn", 0);
    unsigned count = 0;
    for (size_t i = 0; i < proxy->count; i++) {
        struct proxy_connection *connection = proxy->connections[i];
        if (connection->socket != socket || (id != 0 && id != connection->id))
            continue;
        apply(connection, word(words, 0), strcmp(word(words, 2), "down") == 0);
        count++;
    }
    return count;
}

static bool add_rule(struct proxy *proxy, const struct words *words, unsigned socket)
{
    const char *prefix = option(words, "topic"), *chance = option(words, "chance");
    struct zmtp_rule rule = {.socket = socket,
                             .down = strcmp(word(words, 2), "down") == 0,
                             .connection = number(words, "conn", 0),
                             .skip = number(words, "skip", 0),
                             .count = number(words, "count", UINT64_MAX),
                             .chance = chance == NULL ? 1 : strtod(chance, NULL)};
    if (prefix != NULL)
        snprintf(rule.prefix, sizeof rule.prefix, "%s", prefix);
    return rule.count > 0 && zmtp_rules_add(&proxy->rules, &rule);
}

static unsigned heal(struct proxy *proxy)
{
    unsigned count = 0;
    proxy->rules.count = 0;
    for (unsigned i = 0; i < PROXY_SOCKETS; i++) {
        proxy->delay_ms[i] = 0;
        proxy->hole[i] = false;
    }
    for (size_t i = 0; i < proxy->count; i++) {
        struct proxy_connection *connection = proxy->connections[i];
        connection->frozen = false;
        if (connection->up_dead || connection->down_dead || connection->far < 0) {
            connection->doomed = true;
            count++;
        }
    }
    return count;
}

static void show_connections(const struct proxy *proxy)
{
    for (size_t i = 0; i < proxy->count; i++) {
        const struct proxy_connection *connection = proxy->connections[i];
        printf("%llu %s up=%llu down=%llu\n", (unsigned long long)connection->id,
               socket_names[connection->socket], (unsigned long long)connection->up.messages,
               (unsigned long long)connection->down.messages);
    }
    printf("ok %zu\n", proxy->count);
}

static void show_figures(const struct proxy *proxy)
{
    printf("ok opened=%llu cut=%llu", (unsigned long long)proxy->opened,
           (unsigned long long)proxy->cut);
    for (unsigned i = 0; i < PROXY_SOCKETS; i++) {
        uint64_t messages[2] = {proxy->messages[i][0], proxy->messages[i][1]};
        uint64_t dropped[2] = {proxy->dropped[i][0], proxy->dropped[i][1]};
        for (size_t k = 0; k < proxy->count; k++) {
            const struct proxy_connection *connection = proxy->connections[k];
            if (connection->socket != i)
                continue;
            messages[0] += connection->up.messages;
            messages[1] += connection->down.messages;
            dropped[0] += connection->up.dropped;
            dropped[1] += connection->down.dropped;
        }
        const char *name = socket_names[i];
        printf(" %s_up=%llu %s_down=%llu %s_up_dropped=%llu %s_down_dropped=%llu", name,
               (unsigned long long)messages[0], name, (unsigned long long)messages[1], name,
               (unsigned long long)dropped[0], name, (unsigned long long)dropped[1]);
    }
    printf("\n");
}

static void command_socket(struct proxy *proxy, const struct words *words)
{
    const char *verb = word(words, 0);
    unsigned socket, count = 0;
    bool known = true;
    if (!find_socket(word(words, 1), &socket)) {
        printf("error: no command or socket: %s %s\n", verb, word(words, 1));
        return;
    }
    if (strcmp(verb, "delay") == 0)
        proxy->delay_ms[socket] = strtoull(word(words, 2), NULL, 10);
    else if (strcmp(verb, "hole") == 0)
        proxy->hole[socket] = strcmp(word(words, 2), "on") == 0;
    else if (strcmp(verb, "drop") == 0)
        known = add_rule(proxy, words, socket);
    else if (strcmp(verb, "cut") == 0 || strcmp(verb, "half") == 0 || strcmp(verb, "freeze") == 0 ||
             strcmp(verb, "thaw") == 0)
        count = apply_to_all(proxy, words, socket);
    else
        known = false;
    if (known)
        printf("ok %u\n", count);
    else
        printf("error: not possible: %s\n", verb);
}

void proxy_command(struct proxy *proxy, char *line)
{
    struct words words = split(line);
    const char *verb = word(&words, 0);
    if (strcmp(verb, "quit") == 0) {
        proxy->ended = true;
        printf("ok 0\n");
    } else if (strcmp(verb, "heal") == 0) {
        printf("ok %u\n", heal(proxy));
    } else if (strcmp(verb, "list") == 0) {
        show_connections(proxy);
    } else if (strcmp(verb, "stats") == 0) {
        show_figures(proxy);
    } else {
        command_socket(proxy, &words);
    }
    fflush(stdout);
}
