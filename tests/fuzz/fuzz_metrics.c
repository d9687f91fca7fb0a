// SPDX-License-Identifier: MIT
// Metrics as a stranger reports them: whatever the bytes are, reading ends, and what comes out is text
// in Prometheus' form, a line a sample. tests/fuzz/run runs it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "metrics_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

// Of each sample one line, and of each family two.
static void check_text(const oyez_metrics *metrics)
{
    const struct oyez_metric_sample *sample;
    const char *family = "";
    char *text;
    size_t lines = 0;
    for (size_t i = 0; (sample = oyez_metrics_at(metrics, i)) != NULL; i++) {
        lines += strcmp(family, sample->metric->name) == 0 ? 1 : 3;
        family = sample->metric->name;
    }
    require(oyez_metrics_to_prometheus(metrics, &text) == OYEZ_OK);
    require(count_lines(text) == lines);
    free(text);
}

static void check_sets(const struct oyez_uuid *client, bool is_recorder, const uint8_t *data,
                       size_t size)
{
    oyez_metrics *metrics;
    require(metrics_open(&metrics) == OYEZ_OK);
    require(metrics_put_sets(metrics, client, is_recorder, data, size));
    require(metrics_sort(metrics));
    check_text(metrics);
    oyez_metrics_close(&metrics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct oyez_uuid id = {{1}};
    static oyez_v1_MetricsPart part;
    check_sets(&id, false, data, size);
    check_sets(&id, true, data, size);
    check_sets(NULL, false, data, size);
    if (oyez_metrics_part_decode(&part, data, size)) {
        check_sets(&id, true, part.sets.bytes, part.sets.size);
    }
    return 0;
}
