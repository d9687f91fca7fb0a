// SPDX-License-Identifier: MIT
// What the terminal program knows: filled by the threads that talk to server and disk, read by the
// view. Nobody waits under its lock.
//
// Memory, at most: 32 MiB of live events and their entries, 11 MiB of those that match the filter,
// 11 MiB of the window into the past, 16 MiB of a workflow, one event.
#ifndef OYEZ_MODEL_H
#define OYEZ_MODEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counts.h"
#include "event_list.h"
#include "event_page.h"
#include "filter_text.h"
#include "oyez/client.h"
#include "system_page.h"
#include "timeline.h"
#include "trace_page.h"

#define MODEL_LIVE_BYTES (24u * 1024u * 1024u)
#define MODEL_LIVE_EVENTS 65536u
#define MODEL_PART_BYTES (8u * 1024u * 1024u)
#define MODEL_PART_EVENTS 20000u
#define MODEL_NOTICE_SIZE 240u

enum model_link { MODEL_LINK_NONE, MODEL_LINK_WAITING, MODEL_LINK_UP, MODEL_LINK_DOWN };

// A piece of the past that is looked at: opened by pausing, jumping, searching, or of a directory.
struct model_window {
    bool open;
    struct event_list list;
    uint64_t generation; // grows with each new piece: answers for an older one are dropped
    bool at_first;       // there is nothing before it
    bool at_last;        // nothing was behind it when it was last asked
    bool loading;
    bool jumping;       // its first piece is on its way
    uint64_t paused_at; // matching live events that had come when it was opened
    uint64_t selected;  // what a jump or a search found; 0 = nothing new
    char failure[MODEL_NOTICE_SIZE];
};

struct model_search {
    uint64_t generation;
    bool running;
    bool failed; // nothing was found
    uint64_t looked_at;
};

struct model {
    pthread_mutex_t lock;
    int wake; // an eventfd that becomes readable when there is something to draw
    bool dirty;
    bool from_directory;

    struct event_list live;
    struct event_list
        matched; // of the live ones, and of the record before, where there is a filter
    struct filter_text *filter;
    uint64_t filter_generation;
    uint64_t matched_total; // live ones that matched since the filter was set
    struct counts counts;
    uint64_t next_number;
    uint64_t boundary_epoch; // what stands at or before it was there before counting began
    uint64_t boundary_position;
    uint64_t newest_epoch;
    uint64_t newest_position;

    enum model_link link;
    int64_t link_since; // time of day, nanoseconds
    bool no_recorder;
    uint64_t breaks;
    uint64_t lost; // events that will not come
    char notice[MODEL_NOTICE_SIZE];
    uint64_t notice_number; // grows with each notice

    struct model_window window;
    struct model_search search;
    struct trace_page trace;
    struct oyez_event *event; // that of the page of one event
    struct event_facts facts;
    uint64_t event_generation;
    struct timeline timeline;
    struct system_facts system;
};

// model_open takes all of its memory. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_SYSTEM.
oyez_err model_open(struct model **out, bool from_directory);
void model_close(struct model **out);

void model_lock(struct model *model);
void model_unlock(struct model *model);

// model_tell makes the view draw soon. Under lock.
void model_tell(struct model *model);

// model_notice shows a line. Under lock.
void model_notice(struct model *model, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// model_take takes an event that came live. Any thread.
void model_take(struct model *model, const struct oyez_event *event);

// model_mark puts a line that is no event between the live ones. Under lock.
void model_mark(struct model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

// model_set_link says whether the server is there, and marks breaks. Under lock.
void model_set_link(struct model *model, enum model_link link, const char *why);

// model_set_filter takes a filter, which is the model's from then on; NULL = none. What matched
// before is forgotten. Under lock.
void model_set_filter(struct model *model, struct filter_text *filter);
bool model_has_filter(const struct model *model);

// model_set_event takes the event of the page of one event, which is the model's from then on. Under
// lock.
void model_set_event(struct model *model, struct oyez_event *event);

// model_shown is the list that the view shows. Under lock.
struct event_list *model_shown(struct model *model);

// model_pause opens the window on what the live list shows. Under lock.
void model_pause(struct model *model);

// model_new_window empties the window for another piece. Returns its generation. Under lock.
uint64_t model_new_window(struct model *model);
void model_close_window(struct model *model); // back to live

// model_extend_from_live adds up to `most` matching live events behind, or before, the window's own.
// False: the live list does not have what comes next. Under lock.
bool model_extend_behind(struct model *model, size_t most);
bool model_extend_before(struct model *model, size_t most);

// model_time: the time of day, nanoseconds.
int64_t model_time(void);

#endif
