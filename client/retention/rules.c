// SPDX-License-Identifier: MIT
// The rules of retention as they are written.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/pattern.h"
#include "oyez/retention.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static uint64_t seconds_of(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return UINT64_C(60) * 60;
    case 'd':
        return UINT64_C(60) * 60 * 24;
    default:
        return 0;
    }
}

oyez_err oyez_age_read(uint64_t *ns, const char *text)
{
    char *end = NULL;
    errno = 0;
    uint64_t count = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    uint64_t seconds = end != NULL ? seconds_of(*end) : 0;
    if (count == 0 || errno != 0 || seconds == 0 || end[1] != '\0' ||
        count > INT64_MAX / NS_PER_SECOND / seconds)
        return oyez_fail(OYEZ_ERR_INVALID, "'%.64s' is no age such as 90s, 15m, 12h or 30d", text);
    *ns = count * seconds * NS_PER_SECOND;
    return OYEZ_OK;
}

oyez_err oyez_retention_add_type(struct oyez_retention_rules *rules, const char *text)
{
    struct oyez_retention_type *type = &rules->types[rules->type_count];
    const char *equals = strrchr(text, '=');
    size_t size = equals != NULL ? (size_t)(equals - text) : 0;
    if (rules->type_count == OYEZ_RETENTION_TYPES_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "more than %u rules by type",
                         OYEZ_RETENTION_TYPES_MAX);
    if (size == 0 || size >= sizeof type->pattern)
        return oyez_fail(OYEZ_ERR_INVALID, "'%.64s' is not of the form PATTERN=AGE", text);
    memcpy(type->pattern, text, size);
    type->pattern[size] = '\0';
    oyez_err err = oyez_pattern_check(type->pattern);
    if (err == OYEZ_OK)
        err = oyez_age_read(&type->keep_for, equals + 1);
    rules->type_count += err == OYEZ_OK;
    return err;
}
