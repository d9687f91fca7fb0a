// SPDX-License-Identifier: MIT
#include "retention_place.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act_place.h"
#include "acting_user.h"
#include "interrupt.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define SEGMENTS_MAX 16u // of one act, where nobody waits for the writer

static char *write_request(const struct oyez_retention_rules *rules, const char *by,
                           const char *why)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) {
        return NULL;
    }
    fprintf(stream, "retain\nby %s\nwhy %s\n", by, why);
    if (rules->keep_for > 0) {
        fprintf(stream, "keep-for %" PRIu64 "s\n", rules->keep_for / NS_PER_SECOND);
    }
    if (rules->keep_size > 0) {
        fprintf(stream, "keep-size %" PRIu64 "\n", rules->keep_size);
    }
    for (size_t i = 0; i < rules->type_count; i++) {
        fprintf(stream, "keep-type %s=%" PRIu64 "s\n", rules->types[i].pattern,
                rules->types[i].keep_for / NS_PER_SECOND);
    }
    return fclose(stream) == 0 ? text : NULL;
}

static uint64_t number(const json_t *answer, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(answer, name));
}

static bool take_answer(struct retention_done *done, const json_t *answer)
{
    struct oyez_retention_report *report = &done->report;
    const char *hold = json_string_value(json_object_get(answer, "hold"));
    report->records += number(answer, "records");
    report->events += number(answer, "events");
    report->segments += (size_t)number(answer, "segments");
    report->bytes += number(answer, "bytes");
    report->blanked += number(answer, "blanked");
    report->unblanked = number(answer, "unblanked");
    if (hold != NULL && strlen(hold) < sizeof done->hold) {
        memcpy(done->hold, hold, strlen(hold) + 1);
    }
    return number(answer, "more") != 0;
}

static oyez_err ask(struct retention_done *done, const char *directory, const char *request)
{
    oyez_err err = OYEZ_OK;
    for (bool more = true; err == OYEZ_OK && more && !interrupt_pending();) {
        json_t *answer;
        err = act_place_ask(directory, request, &answer);
        more = err == OYEZ_OK && take_answer(done, answer);
        json_decref(answer);
    }
    return err;
}

static oyez_err do_here(struct retention_done *done, const char *directory, const char *key,
                        const struct oyez_retention_rules *rules, const char *by, const char *why)
{
    static const struct oyez_retention_limits limits = {.segments = SEGMENTS_MAX};
    oyez_journal *journal = NULL;
    oyez_err err = act_place_open(&journal, directory, key);
    for (bool more = true; err == OYEZ_OK && more && !interrupt_pending();) {
        struct oyez_retention_plan plan;
        err = oyez_retention_survey(&plan, directory, NULL, rules, act_place_now(), &limits);
        if (err == OYEZ_OK) {
            do {
                err = oyez_retention_apply(journal, &plan, by, why, &done->report);
            } while (err == OYEZ_OK && oyez_retention_goes_on(&plan) && !interrupt_pending());
        }
        more = plan.more;
        memcpy(done->hold, plan.hold, sizeof done->hold);
        oyez_retention_plan_free(&plan);
    }
    oyez_err closed = oyez_journal_close(&journal);
    return err == OYEZ_OK ? closed : err;
}

oyez_err retention_place_do(struct retention_done *out, const char *directory, const char *key,
                            const struct oyez_retention_rules *rules, const char *why)
{
    char by[ACTING_USER_SIZE];
    *out = (struct retention_done){.hold = ""};
    acting_user(by);
    (void)interrupt_open();
    char *request = write_request(rules, by, why);
    oyez_err err = request != NULL ? ask(out, directory, request)
                                   : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a request");
    free(request);
    return err == OYEZ_ERR_NOT_FOUND ? do_here(out, directory, key, rules, by, why) : err;
}
