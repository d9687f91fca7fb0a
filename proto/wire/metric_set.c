// SPDX-License-Identifier: MIT
#include "wire/metric_set.h"

#include <assert.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <string.h>

#include "wire/envelope.h"

#define SETS_TAG 1u // MetricSets.sets

_Static_assert(oyez_v1_MetricsPart_size <= OYEZ_METRICS_PART_SIZE_MAX, "a part must fit");
_Static_assert(oyez_v1_MetricSet_size <= OYEZ_METRICS_REPORT_SIZE_MAX, "a set must fit");

void oyez_metric_set_begin(oyez_v1_MetricSet *set, enum oyez_metric_scope scope, const char *name)
{
    set->scope = (oyez_v1_MetricScope)scope;
    set->samples_count = 0;
    snprintf(set->name, sizeof set->name, "%s", name);
    size_t size = strlen(set->name);
    // What was cut may end within a character.
    while (size > 0 && !oyez_utf8_is_valid(set->name, size))
        set->name[--size] = '\0';
}

void oyez_metric_set_add(oyez_v1_MetricSet *set, enum oyez_metric_number metric, uint64_t value)
{
    if (value == 0)
        return;
    assert(set->samples_count < sizeof set->samples / sizeof set->samples[0]);
    set->samples[set->samples_count++] =
        (oyez_v1_MetricSample){.metric = (uint32_t)metric, .value = value};
}

void oyez_metric_set_add_times(oyez_v1_MetricSet *set, enum oyez_metric_number first,
                               const struct oyez_times *times)
{
    const uint64_t values[] = {times->p50_ns, times->p95_ns, times->p99_ns,
                               times->sum_ns, times->count,  times->max_ns};
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++)
        oyez_metric_set_add(set, (enum oyez_metric_number)((unsigned)first + i), values[i]);
}

uint64_t oyez_metric_set_get(const oyez_v1_MetricSet *set, enum oyez_metric_number metric)
{
    for (pb_size_t i = 0; i < set->samples_count; i++)
        if (set->samples[i].metric == (uint32_t)metric)
            return set->samples[i].value;
    return 0;
}

bool oyez_metric_sets_put(struct oyez_metric_sets *sets, const oyez_v1_MetricSet *set)
{
    pb_ostream_t stream =
        pb_ostream_from_buffer(sets->bytes + sets->size, sizeof sets->bytes - sets->size);
    if (!pb_encode_tag(&stream, PB_WT_STRING, SETS_TAG) ||
        !pb_encode_submessage(&stream, oyez_v1_MetricSet_fields, set))
        return false;
    sets->size += stream.bytes_written;
    return true;
}

bool oyez_metric_sets_next(const uint8_t *bytes, size_t size, size_t *offset,
                           oyez_v1_MetricSet *set)
{
    pb_istream_t stream = pb_istream_from_buffer(bytes + *offset, size - *offset);
    pb_istream_t inner;
    pb_wire_type_t type;
    uint32_t tag;
    bool eof;
    memset(set, 0, sizeof *set);
    if (!pb_decode_tag(&stream, &type, &tag, &eof) || tag != SETS_TAG || type != PB_WT_STRING ||
        !pb_make_string_substream(&stream, &inner))
        return false;
    bool good = pb_decode(&inner, oyez_v1_MetricSet_fields, set);
    // Closing reads what is left of the inner one, so that the outer stands behind it.
    good = pb_close_string_substream(&stream, &inner) && good;
    *offset = size - stream.bytes_left;
    return good && oyez_utf8_is_valid(set->name, strlen(set->name));
}

bool oyez_metrics_part_encode(const oyez_v1_MetricsPart *part, uint8_t *out, size_t capacity,
                              size_t *size)
{
    pb_ostream_t stream = pb_ostream_from_buffer(out, capacity);
    bool good = pb_encode(&stream, oyez_v1_MetricsPart_fields, part);
    *size = stream.bytes_written;
    return good;
}

bool oyez_metrics_part_decode(oyez_v1_MetricsPart *part, const uint8_t *frame, size_t size)
{
    pb_istream_t stream = pb_istream_from_buffer(frame, size);
    memset(part, 0, sizeof *part);
    return pb_decode(&stream, oyez_v1_MetricsPart_fields, part);
}
