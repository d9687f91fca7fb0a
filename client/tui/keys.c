// SPDX-License-Identifier: MIT
#include "keys.h"

#include <stdio.h>
#include <string.h>

#define ON(page) (1u << (page))
#define LIST ON(PAGE_LIST)
#define EVENT ON(PAGE_EVENT)
#define TRACE ON(PAGE_TRACE)
#define SYSTEM ON(PAGE_SYSTEM)
#define FILTERS ON(PAGE_FILTERS)
#define EVERYWHERE ((1u << PAGE_COUNT) - 1)
#define CTRL(c) ((c)&0x1f)

struct binding {
    int code;
    unsigned pages;
    enum action action;
    const char *label; // what is written on the key
    const char *hint;  // a word for the last line; NULL = not there
    const char *help;  // NULL = another key does the same, and is listed
};

static const struct binding bindings[] = {
    {'?', EVERYWHERE, ACTION_HELP, "?", "help", "all keys"},
    {'q', LIST, ACTION_QUIT, "q", "quit", "quit"},
    {'q', EVERYWHERE & ~LIST, ACTION_BACK, "q, Esc", "back", "back to where you came from"},
    {KEY_CODE_ESCAPE, EVERYWHERE, ACTION_BACK, "Esc", NULL, NULL},
    {KEY_CODE_UP, EVERYWHERE, ACTION_UP, "↑ ↓, k j", NULL, "move; in the live list this pauses it"},
    {'k', EVERYWHERE, ACTION_UP, "k", NULL, NULL},
    {KEY_CODE_DOWN, EVERYWHERE, ACTION_DOWN, "↓", NULL, NULL},
    {'j', EVERYWHERE, ACTION_DOWN, "j", NULL, NULL},
    {KEY_CODE_PAGE_UP, EVERYWHERE, ACTION_PAGE_UP, "PgUp PgDn", NULL, "move by a screen"},
    {CTRL('b'), EVERYWHERE, ACTION_PAGE_UP, "Ctrl-B", NULL, NULL},
    {KEY_CODE_PAGE_DOWN, EVERYWHERE, ACTION_PAGE_DOWN, "PgDn", NULL, NULL},
    {CTRL('f'), EVERYWHERE, ACTION_PAGE_DOWN, "Ctrl-F", NULL, NULL},
    {KEY_CODE_HOME, EVERYWHERE, ACTION_FIRST, "Home", NULL,
     "the beginning; in the list, of the record"},
    {KEY_CODE_END, EVERYWHERE, ACTION_LAST, "End, G", NULL, "the end; in the list, live again"},
    {'G', EVERYWHERE, ACTION_LAST, "G", NULL, NULL},
    {KEY_CODE_WHEEL_UP, EVERYWHERE, ACTION_WHEEL_UP, "wheel", NULL, "scroll"},
    {KEY_CODE_WHEEL_DOWN, EVERYWHERE, ACTION_WHEEL_DOWN, "wheel", NULL, NULL},
    {KEY_CODE_CLICK, EVERYWHERE, ACTION_CLICK, "click", NULL,
     "select a line; twice opens it; on the time line, go there"},
    {KEY_CODE_DOUBLE_CLICK, EVERYWHERE, ACTION_OPEN, "click twice", NULL, NULL},
    {CTRL('l'), EVERYWHERE, ACTION_REDRAW, "Ctrl-L", NULL, "draw the screen anew"},

    {' ', LIST, ACTION_PAUSE, "Space", "pause", "pause, and go on live"},
    {KEY_CODE_ENTER, LIST | TRACE | SYSTEM, ACTION_OPEN, "Enter", "open", "open the event"},
    {'f', LIST, ACTION_FILTER, "f", "filter", "filter; Tab completes"},
    {'F', LIST, ACTION_FILTERS, "F", NULL, "filters that have names"},
    {'S', LIST, ACTION_FILTER_SAVE, "S", NULL, "keep the filter under a name"},
    {'c', LIST, ACTION_FILTER_CLEAR, "c", NULL, "no filter"},
    {'/', EVERYWHERE, ACTION_SEARCH, "/", "search", "search, as you type, back into the record"},
    {'n', EVERYWHERE, ACTION_SEARCH_OLDER, "n", NULL, "the next one older"},
    {'N', EVERYWHERE, ACTION_SEARCH_NEWER, "N", NULL, "the next one newer"},
    {'t', LIST | EVENT, ACTION_TRACE, "t", "trace", "the workflow of the event as a tree"},
    {'g', LIST, ACTION_GO, "g", "go to", "go to a time or a cursor"},
    {'[', LIST, ACTION_MINUTE_BACK, "[ ]", NULL, "a minute back, on"},
    {']', LIST, ACTION_MINUTE_ON, "]", NULL, NULL},
    {'{', LIST, ACTION_HOUR_BACK, "{ }", NULL, "an hour back, on"},
    {'}', LIST, ACTION_HOUR_ON, "}", NULL, NULL},
    {'z', LIST, ACTION_SPAN_LONGER, "z Z", NULL, "a longer, a shorter time line"},
    {'Z', LIST, ACTION_SPAN_SHORTER, "Z", NULL, NULL},
    {'p', LIST, ACTION_PLAY, "p", "play", "play the past again from here, and stop"},
    {'+', LIST, ACTION_FASTER, "+ -", NULL, "play faster, slower"},
    {'-', LIST, ACTION_SLOWER, "-", NULL, NULL},
    {'s', LIST, ACTION_SYSTEM, "s", "system",
     "broker, recorder, consumers, gaps, disk, checkpoints"},
    {'y', LIST | EVENT | TRACE, ACTION_COPY, "y", NULL, "copy the event as JSON"},
    {'Y', LIST | EVENT | TRACE, ACTION_COPY_COMMAND, "Y", NULL, "copy it as an oyez emit command"},
    {'x', LIST, ACTION_EXPORT, "x", NULL, "write the events of this view to a file, as JSON lines"},

    {KEY_CODE_LEFT, EVENT, ACTION_PREVIOUS, "← →", "others", "the event before, behind"},
    {KEY_CODE_RIGHT, EVENT, ACTION_NEXT, "→", NULL, NULL},
    {'v', EVENT, ACTION_PROVE, "v", "verify", "check the proof that it is in the journal"},

    {' ', TRACE, ACTION_FOLD, "Space", "fold", "fold and unfold"},
    {KEY_CODE_LEFT, TRACE, ACTION_FOLD, "←", NULL, NULL},
    {KEY_CODE_RIGHT, TRACE, ACTION_FOLD, "→", NULL, NULL},
    {'-', TRACE, ACTION_FOLD_ALL, "- +", NULL, "fold all, unfold all"},
    {'+', TRACE, ACTION_UNFOLD_ALL, "+", NULL, NULL},

    {'r', SYSTEM, ACTION_RETRY, "r", "retry", "have the event of a dead letter handled again"},
    {'d', SYSTEM, ACTION_DISCARD, "d", "discard", "discard a dead letter"},

    {KEY_CODE_ENTER, FILTERS, ACTION_OPEN, "Enter", "use", "use the filter"},
    {'d', FILTERS, ACTION_DELETE, "d", "delete", "delete the filter"},
};

#define BINDING_COUNT (sizeof bindings / sizeof bindings[0])

enum action keys_action(enum page page, int code)
{
    for (size_t i = 0; i < BINDING_COUNT; i++) {
        if (bindings[i].code == code && (bindings[i].pages & ON(page)) != 0) {
            return bindings[i].action;
        }
    }
    return ACTION_NONE;
}

static void add_section(struct text_lines *out, const char *title, unsigned pages, unsigned without)
{
    text_lines_add(out, STYLE_STRONG, title, STYLE_PLAIN, "", 0, (size_t)-1);
    for (size_t i = 0; i < BINDING_COUNT; i++) {
        const struct binding *binding = &bindings[i];
        char label[64];
        if (binding->help == NULL || (binding->pages & pages) == 0 ||
            (binding->pages & without) != 0) {
            continue;
        }
        // Arrows are three bytes and one column each.
        int extra = 0;
        for (const char *c = binding->label; *c != '\0'; c++) {
            extra += ((unsigned char)*c & 0xC0) == 0x80;
        }
        snprintf(label, sizeof label, "  %-*s ", 10 + extra, binding->label);
        text_lines_format(out, STYLE_KEY, label, STYLE_PLAIN, "%s", binding->help);
    }
    text_lines_add(out, STYLE_PLAIN, "", STYLE_PLAIN, "", 0, (size_t)-1);
}

void keys_help(struct text_lines *out)
{
    text_lines_clear(out);
    add_section(out, "Everywhere", ON(PAGE_HELP), 0);
    add_section(out, "List", LIST, ON(PAGE_HELP));
    add_section(out, "Event", EVENT, ON(PAGE_HELP) | LIST);
    add_section(out, "Trace", TRACE, ON(PAGE_HELP) | LIST);
    add_section(out, "System", SYSTEM, ON(PAGE_HELP) | LIST);
    add_section(out, "Filters", FILTERS, ON(PAGE_HELP));
    text_lines_format(out, STYLE_STRONG, "Filters are words", STYLE_PLAIN, "%s", "");
    text_lines_format(out, STYLE_KEY, "  plan.* @github   ", STYLE_PLAIN,
                      "patterns over event types: any of them");
    text_lines_format(out, STYLE_KEY, "  plan_id=P7       ", STYLE_PLAIN,
                      "conditions: all of them. Header fields, tag.KEY, details.PATH");
    text_lines_format(out, STYLE_KEY, "  tag.env=\"a b\"    ", STYLE_PLAIN, "quotes keep spaces");
}

void keys_hint(enum page page, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < BINDING_COUNT; i++) {
        const struct binding *binding = &bindings[i];
        if (binding->hint == NULL || (binding->pages & ON(page)) == 0) {
            continue;
        }
        int used = snprintf(out + at, size - at, " %s %s ", binding->label, binding->hint);
        if (used < 0 || (size_t)used >= size - at) {
            out[at] = '\0';
            return;
        }
        at += (size_t)used;
    }
}
