// SPDX-License-Identifier: MIT
#include "oyez/metric.h"

#include <assert.h>
#include <string.h>

// What the words of the table mean.
#define SCALE_ONE 1.0
#define SCALE_NS 1e-9
#define SCALE_MS 1e-3
#define SCALE_MILLI 1e-3
#define QUANTILE_OF(part) ((part)[0] == '0' ? (part) : NULL)
#define SUFFIX_OF(part) ((part)[0] == '_' ? (part) : "")

static const struct oyez_metric table[] = {
#define METRIC_ROW(number_, id, name_, part, scope_, kind_, scale_, help_)                         \
    {.number = (number_),                                                                          \
     .name = (name_),                                                                              \
     .suffix = SUFFIX_OF(part),                                                                    \
     .quantile = QUANTILE_OF(part),                                                                \
     .scope = OYEZ_METRIC_SCOPE_##scope_,                                                          \
     .kind = OYEZ_METRIC_KIND_##kind_,                                                             \
     .scale = SCALE_##scale_,                                                                      \
     .help = (help_)},
    OYEZ_METRICS(METRIC_ROW)
#undef METRIC_ROW
#define COUNTER_ROW(counter_, name_, kind_, scale_, help_)                                         \
    {.name = (name_),                                                                              \
     .suffix = "",                                                                                 \
     .scope = OYEZ_METRIC_SCOPE_BROKER,                                                            \
     .kind = OYEZ_METRIC_KIND_##kind_,                                                             \
     .scale = SCALE_##scale_,                                                                      \
     .counter = #counter_,                                                                         \
     .help = (help_)},
        OYEZ_BROKER_METRICS(COUNTER_ROW)
#undef COUNTER_ROW
};

#define METRIC_COUNT (sizeof table / sizeof table[0])

#define NUMBER_FITS(number, ...)                                                                   \
    static_assert((number) > 0 && (number) <= OYEZ_METRIC_NUMBER_MAX, "raise the maximum");
OYEZ_METRICS(NUMBER_FITS)
#undef NUMBER_FITS

const struct oyez_metric *oyez_metric_at(size_t i)
{
    return i < METRIC_COUNT ? &table[i] : NULL;
}

const struct oyez_metric *oyez_metric_find(uint32_t number)
{
    for (size_t i = 0; i < METRIC_COUNT; i++)
        if (number != 0 && table[i].number == number)
            return &table[i];
    return NULL;
}

const struct oyez_metric *oyez_metric_find_counter(const char *counter)
{
    for (size_t i = 0; i < METRIC_COUNT; i++)
        if (table[i].counter != NULL && strcmp(table[i].counter, counter) == 0)
            return &table[i];
    return NULL;
}

const char *oyez_metric_scope_name(enum oyez_metric_scope scope)
{
    static const char *const names[] = {"client", "subscription", "recorder", "type", "broker"};
    return names[scope];
}
