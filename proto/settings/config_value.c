// SPDX-License-Identifier: MIT
#include "config_value.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static oyez_err set_text(char **target, const struct oyez_config_key *key, const char *text)
{
    if (text[0] == '\0') {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: no value", key->name);
    }
    *target = strdup(text);
    return *target != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory", key->name);
}

static oyez_err set_count(uint64_t *target, const struct oyez_config_key *key, const char *text)
{
    char *end;
    errno = 0;
    // strtoull alone would also read " 1" and "-1".
    bool is_number = text[0] >= '0' && text[0] <= '9';
    *target = is_number ? strtoull(text, &end, 10) : 0;
    if (!is_number || *end != '\0' || errno != 0 || *target == 0) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: '%.64s' is not a whole number from 1", key->name,
                         text);
    }
    return OYEZ_OK;
}

static oyez_err set_flag(bool *target, const struct oyez_config_key *key, const char *text)
{
    *target = strcmp(text, "yes") == 0;
    if (!*target && strcmp(text, "no") != 0) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: '%.64s' is neither yes nor no", key->name, text);
    }
    return OYEZ_OK;
}

oyez_err config_value_set(const struct oyez_config_key *key, void *values, const char *text)
{
    void *target = (char *)values + key->target;
    switch (key->kind) {
    case OYEZ_CONFIG_TEXT:
        return set_text(target, key, text);
    case OYEZ_CONFIG_COUNT:
        return set_count(target, key, text);
    case OYEZ_CONFIG_FLAG:
        return set_flag(target, key, text);
    }
    return OYEZ_ERR_INVALID;
}

oyez_err config_value_fail_key(const struct oyez_config_section *section, const char *name)
{
    char known[256];
    size_t used = 0;
    known[0] = '\0';
    for (const struct oyez_config_key *key = section->keys; key->name != NULL; key++) {
        int size = snprintf(known + used, sizeof known - used, " %s", key->name);
        if (size < 0 || (size_t)size >= sizeof known - used) {
            break;
        }
        used += (size_t)size;
    }
    return oyez_fail(OYEZ_ERR_INVALID, "[%s] has no %.64s; it has%s", section->name, name, known);
}
