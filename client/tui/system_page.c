// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "row.h"
#include "system_page.h"

#define GIB (1024.0 * 1024 * 1024)
#define NANOSECONDS_PER_SECOND INT64_C(1000000000)

static void add_title(struct text_lines *out, const char *title)
{
    if (out->count > 0) {
        text_lines_add(out, STYLE_PLAIN, "", STYLE_PLAIN, "", 0, SIZE_MAX);
    }
    text_lines_add(out, STYLE_STRONG, title, STYLE_PLAIN, "", 0, SIZE_MAX);
}

static enum style style_of(enum oyez_health health)
{
    return health == OYEZ_HEALTHY ? STYLE_GOOD : health == OYEZ_DEGRADED ? STYLE_WARN : STYLE_BAD;
}

static const char *name_of(enum oyez_health health)
{
    return health == OYEZ_HEALTHY ? "healthy" : health == OYEZ_DEGRADED ? "degraded" : "unhealthy";
}

static uint64_t counter(const struct oyez_status *status, const char *name)
{
    for (size_t i = 0; i < status->counter_count; i++) {
        if (strcmp(status->counters[i].name, name) == 0) {
            return status->counters[i].value;
        }
    }
    return 0;
}

static void add_components(struct text_lines *out, const struct oyez_status *status)
{
    for (size_t i = 0; i < status->component_count; i++) {
        const struct oyez_component *component = &status->components[i];
        char label[64];
        snprintf(label, sizeof label, "  %-18.33s ", component->name);
        text_lines_format(out, STYLE_KEY, label, style_of(component->status), "%s: %s",
                          name_of(component->status), component->message);
    }
}

static void add_server(struct text_lines *out, const struct system_facts *facts,
                       const struct system_view *view)
{
    const struct oyez_status *status = &facts->status;
    add_title(out, "Server");
    text_lines_format(out, STYLE_KEY, "  endpoint           ", STYLE_PLAIN, "%s, %s",
                      view->endpoint, view->link);
    if (!facts->has_status) {
        text_lines_format(out, STYLE_KEY, "  status             ", STYLE_WARN, "%s",
                          facts->failure[0] != '\0' ? facts->failure : "asking …");
        return;
    }
    add_components(out, status);
    text_lines_format(out, STYLE_KEY, "  version            ", STYLE_PLAIN, "%s, up %" PRId64 " s",
                      status->version,
                      (view->now - (int64_t)status->started_at) / NANOSECONDS_PER_SECOND);
    text_lines_format(out, STYLE_KEY, "  position           ", STYLE_NUMBER, "%" PRIu64 ":%" PRIu64,
                      status->epoch, status->position);
    text_lines_format(out, STYLE_KEY, "  recorded           ", STYLE_NUMBER,
                      "%" PRIu64 " (%" PRIu64 " behind)", counter(status, "recorded_position"),
                      status->position - counter(status, "recorded_position"));
}

static void add_emitters(struct text_lines *out, const struct oyez_status *status)
{
    static const char *const refusals[] = {"bad_type",         "bad_stamp",      "bad_emitter",
                                           "bad_number",       "unknown_field",  "truncated",
                                           "reserved_type",    "refused_types",  "refused_sessions",
                                           "refused_emitters", "invalid_events", NULL};
    uint64_t refused = 0;
    for (size_t i = 0; refusals[i] != NULL; i++) {
        refused += counter(status, refusals[i]);
    }
    add_title(out, "Emitters and subscribers");
    text_lines_format(out, STYLE_KEY, "  sessions           ", STYLE_NUMBER, "%" PRIu64,
                      counter(status, "sessions"));
    text_lines_format(out, STYLE_KEY, "  emitters           ", STYLE_NUMBER,
                      "%" PRIu64 " remembered, %" PRIu64 " forgotten", counter(status, "emitters"),
                      counter(status, "emitters_evicted"));
    text_lines_format(out, STYLE_KEY, "  events             ", STYLE_NUMBER,
                      "%" PRIu64 " of %" PRIu64 " types since the server started",
                      counter(status, "events"), counter(status, "types"));
    text_lines_format(out, STYLE_KEY, "  refused            ",
                      refused > 0 ? STYLE_WARN : STYLE_GOOD, "%" PRIu64, refused);
    text_lines_format(out, STYLE_KEY, "  sent again         ", STYLE_NUMBER,
                      "%" PRIu64 " duplicates dropped, %" PRIu64 " holes told",
                      counter(status, "duplicate"), counter(status, "nacks"));
    text_lines_format(out, STYLE_KEY, "  held back          ",
                      counter(status, "hold_overruns") > 0 ? STYLE_WARN : STYLE_NUMBER,
                      "%" PRIu64 " times, %" PRIu64 " ms", counter(status, "holds"),
                      counter(status, "held_ms"));
}

static void add_gaps(struct text_lines *out, const struct system_facts *facts,
                     const struct system_view *view)
{
    add_title(out, "Gaps");
    text_lines_format(out, STYLE_KEY, "  lost to this view  ",
                      view->lost > 0 ? STYLE_BAD : STYLE_GOOD,
                      "%" PRIu64 " events, %" PRIu64 " breaks", view->lost, view->breaks);
    text_lines_format(out, STYLE_KEY, "  read again         ", STYLE_NUMBER,
                      "%" PRIu64 " events from the record, %" PRIu64 " that were known dropped",
                      facts->counters.refilled, facts->counters.repeated);
    if (facts->has_status) {
        text_lines_format(out, STYLE_KEY, "  lost on the way    ",
                          counter(&facts->status, "fast_lost") > 0 ? STYLE_WARN : STYLE_GOOD,
                          "%" PRIu64 " fast events before the broker",
                          counter(&facts->status, "fast_lost"));
        text_lines_format(out, STYLE_KEY, "  unrecorded         ",
                          counter(&facts->status, "unrecorded") > 0 ? STYLE_BAD : STYLE_GOOD,
                          "%" PRIu64 " positions", counter(&facts->status, "unrecorded"));
    }
}

static void add_journal(struct text_lines *out, const struct system_facts *facts,
                        const struct system_view *view)
{
    add_title(out, "Journal");
    if (view->directory != NULL) {
        text_lines_format(out, STYLE_KEY, "  directory          ", STYLE_PLAIN, "%s",
                          view->directory);
    }
    if (facts->has_checkpoint) {
        text_lines_format(out, STYLE_KEY, "  checkpoint         ", STYLE_GOOD,
                          "the first %" PRIu64 " records are signed for", facts->checkpointed);
        text_lines_format(out, STYLE_KEY, "  by the key         ", STYLE_PLAIN, "%s", facts->key);
    } else {
        text_lines_format(out, STYLE_KEY, "  checkpoint         ", STYLE_FAINT, "none is known");
    }
    if (facts->has_disk) {
        double share = (double)facts->disk_free / (double)(facts->disk_size + 1);
        text_lines_format(out, STYLE_KEY, "  disk               ",
                          share < 0.1 ? STYLE_WARN : STYLE_GOOD,
                          "%.1f GiB free of %.1f GiB, %.0f %%", (double)facts->disk_free / GIB,
                          (double)facts->disk_size / GIB, share * 100);
    }
}

static void add_consumers(struct text_lines *out, const struct system_facts *facts)
{
    add_title(out, "Consumers");
    if (!facts->has_consumers || facts->consumer_count == 0) {
        text_lines_format(out, STYLE_PLAIN, "  ", STYLE_FAINT, "%s",
                          facts->has_consumers ? "none" : "not known");
    }
    for (size_t i = 0; i < facts->consumer_count; i++) {
        const struct system_consumer *consumer = &facts->consumers[i];
        char label[80];
        snprintf(label, sizeof label, "  %-18s ", consumer->name);
        text_lines_format(out, STYLE_KEY, label, consumer->lag > 0 ? STYLE_WARN : STYLE_GOOD,
                          "%s%" PRIu64 " behind, at %" PRIu64 ":%" PRIu64 ", %s%s  %s",
                          consumer->lag_is_bound ? "at least " : "", consumer->lag, consumer->epoch,
                          consumer->position, consumer->held ? "held by " : "free, last ",
                          consumer->holder, consumer->patterns);
    }
}

static void add_dead_letters(struct text_lines *out, const struct system_facts *facts)
{
    add_title(out, "Dead letters");
    if (facts->dead_letter_count == 0) {
        text_lines_format(out, STYLE_PLAIN, "  ", STYLE_FAINT, "none");
    }
    for (size_t i = 0; i < facts->dead_letter_count; i++) {
        const struct oyez_dead_letter *letter = &facts->dead_letters[i];
        char time[ROW_TIME_SIZE];
        char label[ROW_TIME_SIZE + 8];
        char text[640];
        row_time(time, letter->failed_at, true);
        snprintf(label, sizeof label, "  %s  ", time);
        int size =
            snprintf(text, sizeof text, "%s  %s  %" PRIu32 " attempts%s  %s", letter->handler,
                     letter->event_type, letter->attempts, letter->timed_out ? ", out of time" : "",
                     letter->error_text[0] != '\0' ? letter->error_text : letter->error);
        text_lines_add(out, STYLE_FAINT, label, STYLE_BAD, text,
                       size > 0 && (size_t)size < sizeof text ? (size_t)size : strlen(text), i);
    }
    if (facts->dead_letter_count > 0) {
        text_lines_format(out, STYLE_PLAIN, "  ", STYLE_FAINT,
                          "Enter opens the event, r retries, d discards");
    }
}

void system_page_build(struct text_lines *out, const struct system_facts *facts,
                       const struct system_view *view)
{
    text_lines_clear(out);
    if (view->directory == NULL) {
        add_server(out, facts, view);
    }
    add_journal(out, facts, view);
    add_consumers(out, facts);
    add_dead_letters(out, facts);
    if (view->directory == NULL) {
        add_gaps(out, facts, view);
        if (facts->has_status) {
            add_emitters(out, &facts->status);
        }
    }
}
