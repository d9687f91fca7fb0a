// SPDX-License-Identifier: MIT
// Where the user is: which page, which line, what is being typed. Keys change it, views draw it. It
// talks to server and disk only through the asker and the watcher. One thread: the program's first.
#ifndef OYEZ_APP_H
#define OYEZ_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asker.h"
#include "canvas.h"
#include "filter_completion.h"
#include "filter_store.h"
#include "keys.h"
#include "model.h"
#include "playback.h"
#include "prompt.h"
#include "row.h"
#include "text_lines.h"
#include "watcher.h"

#define APP_DEPTH_MAX 16u
#define APP_MESSAGE_SIZE 300u

// A page of lines and where one stands in it.
struct app_lines {
    struct text_lines lines;
    size_t at;
    size_t top;
};

struct app {
    struct model *model;
    struct asker_thread *asker;
    struct watcher *watcher;
    const char *endpoint;
    const char *directory; // NULL = a server

    enum page pages[APP_DEPTH_MAX]; // from the list on; the last one is shown
    size_t depth;
    struct app_lines lines[PAGE_COUNT]; // of all pages but list and trace
    size_t trace_at;
    size_t trace_top;

    uint64_t selected; // in the window
    uint64_t top;
    unsigned rows; // of the screen
    unsigned columns;
    uint64_t shown_total; // live events that had come when the list was last drawn
    uint64_t skipped;     // of those that came since then, so many were never drawn

    struct prompt prompt;
    struct filter_completion completion;
    enum action question; // what PROMPT_QUESTION is about
    struct oyez_uuid letter;
    struct oyez_uuid
        shown_letters[SYSTEM_DEAD_LETTERS_MAX]; // by subject of the system page's lines
    char needle[PROMPT_TEXT_SIZE];
    char message[APP_MESSAGE_SIZE];
    bool message_is_bad;
    uint64_t notice_seen;
    struct playback playback;
    bool playing; // the list ends where playback stands
    struct filter_store store;
    struct oyez_uuid learned; // the last event whose catalog was asked for
    bool open_when_there;     // Enter was pressed while a jump was under way
    bool redraw;
    bool quit;
};

// app_open: the page of the list, live or at the end of the directory.
void app_open(struct app *app);
void app_close(struct app *app);

// app_key does what a key means. Mouse keys have a place.
void app_key(struct app *app, int code, unsigned row, unsigned column);

// app_step is called before each drawing, under the model's lock: it follows what was found, keeps
// what is selected on the screen, and asks for more of the past where its end is near.
void app_step(struct app *app);

enum page app_page(const struct app *app);
void app_go_to_page(struct app *app, enum page page);
void app_say(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
void app_complain(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Rows of the screen that pages have, and where they begin.
#define APP_HEADER_ROWS 2u
#define APP_LIST_TOP 5u
unsigned app_list_rows(const struct app *app);
unsigned app_page_rows(const struct app *app);

// app_filter: the text of the filter in force.
const char *app_filter(const struct app *app);

// app_read reads the event that is selected on the page that is shown. Under lock. False: none.
bool app_read(const struct app *app, struct event_reading *out);

// The list.
void app_list_move(struct app *app, int64_t by);
void app_list_first(struct app *app);
void app_list_last(struct app *app);
void app_list_pause(struct app *app);
void app_list_jump(struct app *app, const struct job *place);
void app_list_step_time(struct app *app, int64_t seconds);
void app_list_play(struct app *app);
void app_list_step(struct app *app);
void app_list_follow(struct app *app); // under lock: selects what a jump or a search has found
void app_list_click(struct app *app, unsigned row, unsigned column);

// Pages of lines.
struct text_lines *app_page_lines(struct app *app, size_t **at, size_t **top);
void app_page_move(struct app *app, int64_t by);
bool app_page_scrolls(const struct app *app); // as a whole: no line of it is selected
void app_page_step(struct app *app);
void app_open_event(struct app *app);
void app_open_selected(struct app *app); // under lock: what a jump that was under way has found
void app_open_trace(struct app *app);
void app_open_filters(struct app *app);

// app_dead_letter copies the one that is selected on the page of the system. False: none is.
bool app_dead_letter(struct app *app, struct oyez_dead_letter *out);
void app_settle(struct app *app, bool discard); // asks before it does

// Prompts.
void app_prompt_key(struct app *app, int code);
void app_ask_filter(struct app *app);
void app_set_filter(struct app *app, const char *text);
void app_search_on(struct app *app, bool newer);

// What leaves the view.
void app_copy(struct app *app, bool as_command);

#endif
