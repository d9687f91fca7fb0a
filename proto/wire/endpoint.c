// SPDX-License-Identifier: MIT
#include "wire/endpoint.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535
// sockaddr_un holds 107 bytes and a NUL; this leaves room for ".out".
#define IPC_PATH_SIZE_MAX 100u
// Leaves room for "inproc://" and ".out", or "tcp://" and ":65535".
#define NAME_SIZE_MAX 240u
_Static_assert(NAME_SIZE_MAX + sizeof("inproc://.out") <= OYEZ_ENDPOINT_SIZE_MAX, "no room");

static const char *const schemes[] = {
    [OYEZ_TRANSPORT_TCP] = "tcp://",
    [OYEZ_TRANSPORT_IPC] = "ipc://",
    [OYEZ_TRANSPORT_INPROC] = "inproc://",
};

static oyez_err refuse(const char *text, const char *why)
{
    return oyez_fail(OYEZ_ERR_INVALID,
                     "endpoint \"%.200s\": %s; expected tcp://HOST:PORT, ipc://PATH or "
                     "inproc://NAME",
                     text, why);
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The address in brackets, with an optional zone: [fe80::1%eth0].
static bool read_ipv6(const char *host, struct in6_addr *address)
{
    char text[INET6_ADDRSTRLEN];
    size_t size = host[0] == '[' ? strcspn(host + 1, "%]") : 0;

    if (size == 0 || size >= sizeof(text))
        return false;
    memcpy(text, host + 1, size);
    text[size] = '\0';
    return inet_pton(AF_INET6, text, address) == 1;
}

static bool is_ipv6_host(const char *host, size_t size)
{
    struct in6_addr address;
    const char *zone = memchr(host, '%', size);

    if (memchr(host, ']', size) != host + size - 1 || !read_ipv6(host, &address))
        return false;
    if (zone == NULL)
        return true;
    const char *zone_end = host + size - 1;
    for (const char *c = zone + 1; c < zone_end; c++)
        if (!is_letter_or_digit(*c) && strchr("._-", *c) == NULL)
            return false;
    return zone + 1 < zone_end;
}

static bool is_host(const char *host, size_t size)
{
    if (size == 0 || size > NAME_SIZE_MAX)
        return false;
    if (host[0] == '[')
        return is_ipv6_host(host, size);
    if (size == 1 && host[0] == '*')
        return true;
    for (size_t i = 0; i < size; i++)
        if (!is_letter_or_digit(host[i]) && host[i] != '.' && host[i] != '-' && host[i] != '_')
            return false;
    return true;
}

static bool read_port(const char *text, uint16_t *port)
{
    unsigned value = 0;

    if (strcmp(text, "*") == 0) {
        *port = 0;
        return true;
    }
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (unsigned)(*text - '0');
        if (value > PORT_MAX)
            return false;
    }
    *port = (uint16_t)value;
    return true;
}

static oyez_err parse_tcp(struct oyez_endpoint *out, const char *text, const char *address)
{
    const char *colon = strrchr(address, ':');

    if (colon == NULL)
        return refuse(text, "no port");
    size_t host_size = (size_t)(colon - address);
    if (!is_host(address, host_size))
        return refuse(text, "no such form of host (IPv6 stands in brackets)");
    if (!read_port(colon + 1, &out->port))
        return refuse(text, "the port is no number up to 65535");
    memcpy(out->host, address, host_size);
    return OYEZ_OK;
}

static oyez_err parse_name(struct oyez_endpoint *out, const char *text, const char *name)
{
    size_t size = strlen(name);

    if (size == 0)
        return refuse(text, "no path or name");
    if (out->transport == OYEZ_TRANSPORT_IPC && size > IPC_PATH_SIZE_MAX)
        return refuse(text, "the path is above 100 bytes, too long for the operating system");
    if (size > NAME_SIZE_MAX)
        return refuse(text, "the name is above 240 bytes");
    // libzmq would make up a path of its own, and nobody could derive the other two.
    if (strcmp(name, "*") == 0)
        return refuse(text, "a path or name of its own is needed");
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F)
            return refuse(text, "a control character");
    memcpy(out->host, name, size);
    return OYEZ_OK;
}

oyez_err oyez_endpoint_parse(struct oyez_endpoint *out, const char *text)
{
    if (text == NULL)
        return refuse("", "no text");
    for (unsigned i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t scheme_size = strlen(schemes[i]);
        struct oyez_endpoint endpoint = {.transport = (enum oyez_transport)i};
        oyez_err err;

        if (strncmp(text, schemes[i], scheme_size) != 0)
            continue;
        if (i == OYEZ_TRANSPORT_TCP)
            err = parse_tcp(&endpoint, text, text + scheme_size);
        else
            err = parse_name(&endpoint, text, text + scheme_size);
        if (err == OYEZ_OK)
            *out = endpoint;
        return err;
    }
    return refuse(text, "unknown transport");
}

static void write_endpoint(const struct oyez_endpoint *endpoint, const char *suffix,
                           char out[OYEZ_ENDPOINT_SIZE_MAX])
{
    const char *scheme = schemes[endpoint->transport];
    int size;

    if (endpoint->transport != OYEZ_TRANSPORT_TCP)
        size = snprintf(out, OYEZ_ENDPOINT_SIZE_MAX, "%s%s%s", scheme, endpoint->host, suffix);
    else if (endpoint->port == 0)
        size = snprintf(out, OYEZ_ENDPOINT_SIZE_MAX, "%s%s:*", scheme, endpoint->host);
    else
        size = snprintf(out, OYEZ_ENDPOINT_SIZE_MAX, "%s%s:%" PRIu16, scheme, endpoint->host,
                        endpoint->port);
    assert(size > 0 && size < (int)OYEZ_ENDPOINT_SIZE_MAX);
}

void oyez_endpoint_format(const struct oyez_endpoint *endpoint, char out[OYEZ_ENDPOINT_SIZE_MAX])
{
    write_endpoint(endpoint, "", out);
}

bool oyez_endpoint_is_local(const struct oyez_endpoint *endpoint)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;

    if (endpoint->transport != OYEZ_TRANSPORT_TCP || strcmp(endpoint->host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, endpoint->host, &ipv4) == 1)
        return ntohl(ipv4.s_addr) >> 24 == 127;
    if (!read_ipv6(endpoint->host, &ipv6))
        return false;
    return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127);
}

oyez_err oyez_endpoints_derive(struct oyez_endpoints *out, const struct oyez_endpoint *control)
{
    struct oyez_endpoint next = *control;

    if (control->transport == OYEZ_TRANSPORT_TCP && control->port > PORT_MAX - 2)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "port %" PRIu16 ": the two after it are needed as well, so the highest "
                         "is %d",
                         control->port, PORT_MAX - 2);
    write_endpoint(control, "", out->control);
    next.port = control->port == 0 ? 0 : (uint16_t)(control->port + 1);
    write_endpoint(&next, ".in", out->ingress);
    next.port = control->port == 0 ? 0 : (uint16_t)(control->port + 2);
    write_endpoint(&next, ".out", out->egress);
    return OYEZ_OK;
}

static oyez_err read_bound_port(const char *bound, uint16_t *port)
{
    struct oyez_endpoint endpoint;

    if (oyez_endpoint_parse(&endpoint, bound) != OYEZ_OK ||
        endpoint.transport != OYEZ_TRANSPORT_TCP || endpoint.port == 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "the broker names \"%.200s\" where tcp was reached",
                         bound);
    *port = endpoint.port;
    return OYEZ_OK;
}

// The address `reached`, with its port moved by as much as the broker's ports lie apart.
static oyez_err shift_port(char out[OYEZ_ENDPOINT_SIZE_MAX], const struct oyez_endpoint *reached,
                           const char *bound_control, const char *bound)
{
    struct oyez_endpoint endpoint = *reached;
    uint16_t control_port = 0;
    uint16_t port = 0;
    oyez_err err = read_bound_port(bound_control, &control_port);

    if (err == OYEZ_OK)
        err = read_bound_port(bound, &port);
    if (err != OYEZ_OK)
        return err;
    int shifted = reached->port + port - control_port;
    if (shifted < 1 || shifted > PORT_MAX)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "port %" PRIu16 " reached and the broker's ports %" PRIu16 ", %" PRIu16
                         " lead to port %d",
                         reached->port, control_port, port, shifted);
    endpoint.port = (uint16_t)shifted;
    write_endpoint(&endpoint, "", out);
    return OYEZ_OK;
}

oyez_err oyez_endpoints_reach(struct oyez_endpoints *out, const char *reached,
                              const struct oyez_endpoints *bound)
{
    struct oyez_endpoint control;
    struct oyez_endpoints result;
    oyez_err err = oyez_endpoint_parse(&control, reached);

    if (err != OYEZ_OK)
        return err;
    if (control.transport != OYEZ_TRANSPORT_TCP)
        return oyez_endpoints_derive(out, &control);
    if (control.port == 0)
        return refuse(reached, "no port to connect to");
    write_endpoint(&control, "", result.control);
    err = shift_port(result.ingress, &control, bound->control, bound->ingress);
    if (err == OYEZ_OK)
        err = shift_port(result.egress, &control, bound->control, bound->egress);
    if (err == OYEZ_OK)
        *out = result;
    return err;
}
