// SPDX-License-Identifier: MIT
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "oyez/json.h"
#include "row.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define PAUSE_EVENTS 4096u // that a pause takes along

oyez_err model_open(struct model **out, bool from_directory)
{
    struct model *model = calloc(1, sizeof *model);
    *out = model;
    if (model == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    pthread_mutex_init(&model->lock, NULL);
    model->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    model->from_directory = from_directory;
    model->next_number = 1;
    model->link = from_directory ? MODEL_LINK_NONE : MODEL_LINK_WAITING;
    model->link_since = model_time();
    model->window.open = from_directory;
    oyez_err err = model->wake >= 0 ? OYEZ_OK : oyez_fail(OYEZ_ERR_SYSTEM, "no eventfd");
    if (err == OYEZ_OK) {
        err = event_list_open(&model->live, MODEL_LIVE_BYTES, MODEL_LIVE_EVENTS);
    }
    if (err == OYEZ_OK) {
        err = event_list_open(&model->matched, MODEL_PART_BYTES, MODEL_PART_EVENTS);
    }
    if (err == OYEZ_OK) {
        err = event_list_open(&model->window.list, MODEL_PART_BYTES, MODEL_PART_EVENTS);
    }
    if (err != OYEZ_OK) {
        model_close(out);
    }
    return err;
}

void model_close(struct model **out)
{
    struct model *model = *out;
    if (model == NULL) {
        return;
    }
    event_list_close(&model->live);
    event_list_close(&model->matched);
    event_list_close(&model->window.list);
    if (model->filter != NULL) {
        filter_text_close(model->filter);
        free(model->filter);
    }
    counts_clear(&model->counts);
    trace_page_clear(&model->trace);
    oyez_event_free(&model->event);
    if (model->wake >= 0) {
        close(model->wake);
    }
    pthread_mutex_destroy(&model->lock);
    free(model);
    *out = NULL;
}

void model_lock(struct model *model)
{
    pthread_mutex_lock(&model->lock);
}

void model_unlock(struct model *model)
{
    pthread_mutex_unlock(&model->lock);
}

int64_t model_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

// One word until the view has looked, however many events come.
void model_tell(struct model *model)
{
    const uint64_t one = 1;
    if (!model->dirty) {
        model->dirty = true;
        (void)!write(model->wake, &one, sizeof one);
    }
}

void model_notice(struct model *model, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(model->notice, sizeof model->notice, format, list);
    va_end(list);
    model->notice_number++;
    model_tell(model);
}

bool model_has_filter(const struct model *model)
{
    return model->filter != NULL && !filter_text_is_empty(model->filter);
}

static bool is_after(uint64_t epoch, uint64_t position, uint64_t other_epoch,
                     uint64_t other_position)
{
    return epoch > other_epoch || (epoch == other_epoch && position > other_position);
}

static void take_locked(struct model *model, const struct oyez_event *event)
{
    const struct oyez_stamp *stamp = &event->stamp;
    uint64_t number = model->next_number++;
    bool counted =
        is_after(stamp->epoch, stamp->position, model->boundary_epoch, model->boundary_position);
    if (counted) {
        counts_add(&model->counts, event);
    }
    if (is_after(stamp->epoch, stamp->position, model->newest_epoch, model->newest_position)) {
        model->newest_epoch = stamp->epoch;
        model->newest_position = stamp->position;
    }
    event_list_append(&model->live, event, number);
    if (model_has_filter(model) && filter_text_matches(model->filter, event)) {
        event_list_append(&model->matched, event, number);
        model->matched_total += counted;
    }
    if (trace_page_takes(&model->trace, event)) {
        trace_page_add(&model->trace, event);
    }
    model_tell(model);
}

void model_take(struct model *model, const struct oyez_event *event)
{
    model_lock(model);
    take_locked(model, event);
    model_unlock(model);
}

void model_mark(struct model *model, const char *format, ...)
{
    char text[MODEL_NOTICE_SIZE];
    char whole[MODEL_NOTICE_SIZE + ROW_TIME_SIZE + 16];
    char time[ROW_TIME_SIZE];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    row_time(time, model_time(), false);
    snprintf(whole, sizeof whole, "%s ── %s", time, text);
    uint64_t number = model->next_number++;
    event_list_append_mark(&model->live, whole, number);
    if (model_has_filter(model)) {
        event_list_append_mark(&model->matched, whole, number);
    }
    model_tell(model);
}

void model_set_link(struct model *model, enum model_link link, const char *why)
{
    if (model->link == link) {
        return;
    }
    if (link == MODEL_LINK_DOWN && model->link == MODEL_LINK_UP) {
        model->breaks++;
        model_mark(model, "the server is gone: %s", why);
    } else if (link == MODEL_LINK_UP && model->link == MODEL_LINK_DOWN) {
        model_mark(model, "the server is back after %lld s",
                   (long long)((model_time() - model->link_since) / NANOSECONDS_PER_SECOND));
    }
    model->link = link;
    model->link_since = model_time();
    model_tell(model);
}

void model_set_filter(struct model *model, struct filter_text *filter)
{
    if (model->filter != NULL) {
        filter_text_close(model->filter);
        free(model->filter);
    }
    model->filter = filter;
    model->filter_generation++;
    model->matched_total = 0;
    event_list_clear(&model->matched);
    model_tell(model);
}

void model_set_event(struct model *model, struct oyez_event *event)
{
    oyez_event_free(&model->event);
    model->event = event;
    model->event_generation++;
    model->facts = (struct event_facts){0};
    model_tell(model);
}

static struct event_list *live_list(struct model *model)
{
    return model_has_filter(model) ? &model->matched : &model->live;
}

struct event_list *model_shown(struct model *model)
{
    return model->window.open ? &model->window.list : live_list(model);
}

uint64_t model_new_window(struct model *model)
{
    struct model_window *window = &model->window;
    uint64_t generation = window->generation + 1;
    event_list_clear(&window->list);
    window->open = true;
    window->generation = generation;
    window->at_first = false;
    window->at_last = false;
    window->loading = false;
    window->jumping = false;
    window->selected = 0;
    window->failure[0] = '\0';
    window->paused_at = model_has_filter(model) ? model->matched_total : model->counts.total;
    model_tell(model);
    return generation;
}

void model_close_window(struct model *model)
{
    if (!model->from_directory) {
        model->window.generation++;
        model->window.open = false;
        model_tell(model);
    }
}

void model_pause(struct model *model)
{
    const struct event_list *from = live_list(model);
    model_new_window(model);
    uint64_t end = event_list_end(from);
    uint64_t at = from->count > PAUSE_EVENTS ? end - PAUSE_EVENTS : from->first;
    for (; at < end; at++) {
        event_list_append_copy(&model->window.list, from, at);
    }
    // What comes now waits until somebody goes on to it.
    model->window.at_last = true;
}

// The place in the live list of the entry of that number; false where it is not there any more.
static bool find_number(const struct event_list *list, uint64_t number, uint64_t *at)
{
    if (list->count == 0) {
        return false;
    }
    uint64_t first = event_list_entry(list, list->first)->number;
    *at = list->first + (number - first);
    return number >= first && event_list_has(list, *at);
}

static bool is_shown(struct model *model, uint64_t at, struct event_reading *reading)
{
    return !model_has_filter(model) || event_list_entry(&model->live, at)->is_mark ||
           (event_list_read(&model->live, at, reading) &&
            filter_text_matches(model->filter, &reading->event));
}

bool model_extend_behind(struct model *model, size_t most)
{
    struct event_list *list = &model->window.list;
    struct event_reading reading;
    uint64_t at;
    size_t added = 0;
    uint64_t number =
        list->count > 0 ? event_list_entry(list, event_list_end(list) - 1)->number : 0;
    if (number == 0 || !find_number(&model->live, number, &at)) {
        return false;
    }
    for (at++; event_list_has(&model->live, at) && added < most; at++) {
        if (is_shown(model, at, &reading)) {
            event_list_append_copy(list, &model->live, at);
            added++;
        }
    }
    model->window.at_last = added == 0;
    return true;
}

bool model_extend_before(struct model *model, size_t most)
{
    struct event_list *list = &model->window.list;
    struct event_reading reading;
    uint64_t at;
    size_t added = 0;
    uint64_t number = list->count > 0 ? event_list_entry(list, list->first)->number : 0;
    if (number == 0 || !find_number(&model->live, number, &at)) {
        return false;
    }
    while (at-- > model->live.first && added < most) {
        if (is_shown(model, at, &reading)) {
            event_list_prepend_copy(list, &model->live, at);
            added++;
        }
    }
    return added > 0;
}
