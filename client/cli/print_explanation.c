// SPDX-License-Identifier: MIT
#include "print_explanation.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "inert.h"

static void print_json(FILE *out, const struct oyez_query_explanation *explanation)
{
    json_t *object = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "segments",
        (json_int_t)explanation->segments, "skipped_by_range",
        (json_int_t)explanation->skipped_by_range, "skipped_by_filter",
        (json_int_t)explanation->skipped_by_filter, "looked_at", (json_int_t)explanation->looked_at,
        "without_index", (json_int_t)explanation->without_index, "indexes_made",
        (json_int_t)explanation->indexes_made, "candidates", (json_int_t)explanation->candidates,
        "records_read", (json_int_t)explanation->records_read, "events",
        (json_int_t)explanation->events, "plan", explanation->plan);
    if (object != NULL) {
        json_dumpf(object, out, JSON_COMPACT);
        putc('\n', out);
    }
    json_decref(object);
}

static void print_plan(FILE *out, const char *plan)
{
    if (plan[0] == '\0') {
        fputs("plan:     no index of records\n", out);
        return;
    }
    fputs("plan:     index of ", out);
    inert_write(out, plan, strlen(plan));
    putc('\n', out);
}

// With --no-index nothing was decided about any of them.
static void print_segments(FILE *out, const struct oyez_query_explanation *explanation)
{
    fprintf(out, "segments: %" PRIu32, explanation->segments);
    if (explanation->skipped_by_range + explanation->skipped_by_filter + explanation->looked_at >
        0) {
        fprintf(
            out,
            ": %" PRIu32 " outside the range, %" PRIu32 " without the keys, %" PRIu32 " looked at",
            explanation->skipped_by_range, explanation->skipped_by_filter, explanation->looked_at);
    }
    if (explanation->without_index > 0) {
        fprintf(out, " (%" PRIu32 " not wholly indexed)", explanation->without_index);
    }
    putc('\n', out);
}

static void print_text(FILE *out, const struct oyez_query_explanation *explanation)
{
    print_plan(out, explanation->plan);
    print_segments(out, explanation);
    fprintf(out, "records:  %" PRIu64 " led to, %" PRIu64 " read, %" PRIu64 " events\n",
            explanation->candidates, explanation->records_read, explanation->events);
    if (explanation->indexes_made > 0) {
        fprintf(out, "made:     %" PRIu32 " indexes that were missing or bad\n",
                explanation->indexes_made);
    }
}

void print_explanation(FILE *out, const struct oyez_query_explanation *explanation, bool json)
{
    if (json) {
        print_json(out, explanation);
    } else {
        print_text(out, explanation);
    }
}
