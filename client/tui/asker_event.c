// SPDX-License-Identifier: MIT
// Workflows, proofs, and files.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "asker_work.h"
#include "oyez/json.h"

struct tracing {
    struct asker_work *work;
    const struct job *job;
};

static bool visit_trace(void *arg, const struct oyez_event *event)
{
    struct tracing *tracing = arg;
    struct model *model = tracing->work->model;
    model_lock(model);
    bool wanted = strcmp(model->trace.id, tracing->job->text) == 0 && !model->trace.truncated;
    if (wanted) {
        trace_page_add(&model->trace, event);
        model_tell(model);
    }
    model_unlock(model);
    return wanted;
}

// The event that the workflow is named by, where it has no correlation id itself.
static void trace_first(struct tracing *tracing)
{
    struct oyez_uuid id;
    struct oyez_event *event = NULL;
    if (oyez_uuid_from_text(&id, tracing->job->text) == OYEZ_OK &&
        source_get(tracing->work->source, id, &event) == OYEZ_OK && event->correlation_id == NULL) {
        visit_trace(tracing, event);
    }
    oyez_event_free(&event);
}

void asker_trace(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct tracing tracing = {work, job};
    char condition[JOB_TEXT_SIZE + 20];
    const char *conditions[] = {condition};
    struct oyez_query_options options = {.conditions = conditions, .condition_count = 1};
    snprintf(condition, sizeof condition, "correlation_id=%s", job->text);
    trace_first(&tracing);
    oyez_err err = asker_walk(work, "", &options, visit_trace, &tracing);
    model_lock(model);
    if (strcmp(model->trace.id, job->text) == 0) {
        model->trace.complete = err == OYEZ_OK;
        model->trace.changed = true;
        snprintf(model->trace.failure, sizeof model->trace.failure, "%s",
                 err != OYEZ_OK ? oyez_error_detail() : "");
        model_tell(model);
    }
    model_unlock(model);
}

void asker_prove(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct oyez_event *event = NULL;
    char text[sizeof model->facts.proof];
    uint64_t size = 0;
    oyez_err err = source_get(work->source, job->id, &event);
    if (err == OYEZ_OK) {
        err = source_prove(work->source, event, &size);
    }
    if (err == OYEZ_OK) {
        snprintf(text, sizeof text, "checked: it is one of the %" PRIu64 " records; %s", size,
                 work->source->key != NULL ? "signed by the key that was given"
                                           : "no --key to check the signature with");
    } else {
        snprintf(text, sizeof text, "%.190s", oyez_error_detail());
    }
    oyez_event_free(&event);
    model_lock(model);
    if (model->event_generation == job->generation) {
        memcpy(model->facts.proof, text, sizeof text);
        model->facts.proof_holds = err == OYEZ_OK;
        model_notice(model, "%s", "");
    }
    model_unlock(model);
}

struct exporting {
    struct model *model;
    uint64_t at;
    uint64_t end;
};

static bool next_line(void *arg, char **line)
{
    struct exporting *exporting = arg;
    struct event_reading reading;
    bool made = false;
    size_t size;
    while (!made && exporting->at < exporting->end) {
        model_lock(exporting->model);
        const struct event_list *list = model_shown(exporting->model);
        made = event_list_has(list, exporting->at) &&
               event_list_read(list, exporting->at, &reading) &&
               oyez_event_to_json(&reading.event, line, &size) == OYEZ_OK;
        model_unlock(exporting->model);
        exporting->at++;
    }
    return made;
}

void asker_export(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    size_t count;
    model_lock(model);
    const struct event_list *list = model_shown(model);
    struct exporting exporting = {model, list->first, event_list_end(list)};
    model_unlock(model);
    oyez_err err = acts_export(job->text, next_line, &exporting, &count);
    model_lock(model);
    if (err == OYEZ_OK) {
        model_notice(model, "%zu events are in %s", count, job->text);
    } else {
        model_notice(model, "%s", oyez_error_detail());
    }
    model_unlock(model);
}
