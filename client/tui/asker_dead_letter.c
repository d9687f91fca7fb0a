// SPDX-License-Identifier: MIT
// Dead letters: the event that one names, and what is to become of it.
#include "asker_work.h"
#include "oyez/dead_letter.h"
#include "oyez/json.h"

#define RETRY_MS 10000u // a handler may take its time

void asker_open_event(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct oyez_event *event = NULL;
    oyez_err err = source_get(work->source, job->id, &event);
    model_lock(model);
    if (err == OYEZ_OK) {
        model_set_event(model, event);
    } else {
        model_notice(model, "%s", oyez_error_detail());
        oyez_event_free(&event);
    }
    model_unlock(model);
}

// Until the record is asked again the page should not offer what is settled.
static void forget(struct system_facts *facts, struct oyez_uuid id)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->dead_letter_count; i++) {
        if (!oyez_uuid_equal(facts->dead_letters[i].letter_id, id)) {
            facts->dead_letters[kept++] = facts->dead_letters[i];
        }
    }
    facts->dead_letter_count = kept;
}

void asker_settle(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    oyez_client *client = work->source->client;
    bool retry = job->kind == JOB_RETRY;
    oyez_err err =
        retry ? oyez_client_retry_dead_letter(client, job->id, RETRY_MS)
              : oyez_client_discard_dead_letter(client, job->id, "by oyez tui", SOURCE_TIMEOUT_MS);
    model_lock(model);
    if (err == OYEZ_OK || err == OYEZ_ERR_REFUSED || err == OYEZ_ERR_NOT_FOUND) {
        forget(&model->system, job->id);
    }
    if (err == OYEZ_OK) {
        model_notice(model, retry ? "the event is handled" : "the dead letter is discarded");
    } else if (err == OYEZ_ERR_REFUSED && retry) {
        model_notice(model, "it has failed again: there is a new dead letter");
    } else {
        model_notice(model, "%s", oyez_error_detail());
    }
    model_unlock(model);
}
