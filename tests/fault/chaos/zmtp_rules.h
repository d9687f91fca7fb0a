// SPDX-License-Identifier: MIT
// Which messages a proxy leaves out.
#ifndef OYEZ_ZMTP_RULES_H
#define OYEZ_ZMTP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZMTP_RULES_MAX 64u
#define ZMTP_PREFIX_SIZE 208u

struct zmtp_rule {
    unsigned socket;     // 0 control, 1 ingress, 2 egress
    bool down;           // from the broker; else to it
    uint64_t connection; // 0 = any
    char prefix[ZMTP_PREFIX_SIZE];
    uint64_t skip;  // so many that match pass first
    uint64_t count; // so many are left out, then the rule is over
    double chance;  // of each
};

struct zmtp_rules {
    struct zmtp_rule rules[ZMTP_RULES_MAX];
    size_t count;
    uint64_t random;
};

// zmtp_rules_add: false = there is no room.
bool zmtp_rules_add(struct zmtp_rules *rules, const struct zmtp_rule *rule);

// zmtp_rules_drop: whether the message that begins like that is to be left out.
bool zmtp_rules_drop(struct zmtp_rules *rules, unsigned socket, bool down, uint64_t connection,
                     const uint8_t *start, size_t size);

#endif
