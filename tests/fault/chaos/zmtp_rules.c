// SPDX-License-Identifier: MIT
#include "zmtp_rules.h"

#include <string.h>

bool zmtp_rules_add(struct zmtp_rules *rules, const struct zmtp_rule *rule)
{
    if (rules->count == ZMTP_RULES_MAX)
        return false;
    rules->rules[rules->count++] = *rule;
    return true;
}

// xorshift64*, in [0, 1).
static double next_random(struct zmtp_rules *rules)
{
    uint64_t x = rules->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    rules->random = x;
    return (double)((x * 2685821657736338717u) >> 11) / 9007199254740992.0;
}

bool zmtp_rules_drop(struct zmtp_rules *rules, unsigned socket, bool down, uint64_t connection,
                     const uint8_t *start, size_t size)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct zmtp_rule *rule = &rules->rules[i];
        size_t prefix = strlen(rule->prefix);
        if (rule->socket != socket || rule->down != down ||
            (rule->connection != 0 && rule->connection != connection) || size < prefix ||
            memcmp(start, rule->prefix, prefix) != 0)
            continue;
        if (rule->skip > 0) {
            rule->skip--;
            continue;
        }
        if (rule->chance < 1 && next_random(rules) >= rule->chance)
            continue;
        if (--rule->count == 0)
            *rule = rules->rules[--rules->count];
        return true;
    }
    return false;
}
