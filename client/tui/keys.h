// SPDX-License-Identifier: MIT
// Keys and what they do, once: the same table binds them and is the page of help.
#ifndef OYEZ_KEYS_H
#define OYEZ_KEYS_H

#include <stddef.h>

#include "text_lines.h"

// Keys that are no character.
enum key_code {
    KEY_CODE_NONE = 0,
    KEY_CODE_TAB = 9,
    KEY_CODE_ENTER = 10,
    KEY_CODE_ESCAPE = 27,
    KEY_CODE_UP = 0x110000,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_BACKSPACE,
    KEY_CODE_DELETE,
    KEY_CODE_CLICK,
    KEY_CODE_DOUBLE_CLICK,
    KEY_CODE_WHEEL_UP,
    KEY_CODE_WHEEL_DOWN,
};

enum page { PAGE_LIST, PAGE_EVENT, PAGE_TRACE, PAGE_SYSTEM, PAGE_FILTERS, PAGE_HELP, PAGE_COUNT };

enum action {
    ACTION_NONE,
    ACTION_UP,
    ACTION_DOWN,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_CLICK,
    ACTION_OPEN,
    ACTION_WHEEL_UP,
    ACTION_WHEEL_DOWN,
    ACTION_PAUSE,
    ACTION_SEARCH,
    ACTION_SEARCH_OLDER,
    ACTION_SEARCH_NEWER,
    ACTION_FILTER,
    ACTION_FILTER_CLEAR,
    ACTION_FILTER_SAVE,
    ACTION_FILTERS,
    ACTION_TRACE,
    ACTION_GO,
    ACTION_MINUTE_BACK,
    ACTION_MINUTE_ON,
    ACTION_HOUR_BACK,
    ACTION_HOUR_ON,
    ACTION_SPAN_LONGER,
    ACTION_SPAN_SHORTER,
    ACTION_PLAY,
    ACTION_FASTER,
    ACTION_SLOWER,
    ACTION_SYSTEM,
    ACTION_COPY,
    ACTION_COPY_COMMAND,
    ACTION_EXPORT,
    ACTION_PREVIOUS,
    ACTION_NEXT,
    ACTION_PROVE,
    ACTION_FOLD,
    ACTION_FOLD_ALL,
    ACTION_UNFOLD_ALL,
    ACTION_RETRY,
    ACTION_DISCARD,
    ACTION_DELETE,
    ACTION_HELP,
    ACTION_REDRAW,
    ACTION_BACK,
    ACTION_QUIT,
};

// keys_action is what a key does on a page.
enum action keys_action(enum page page, int code);

// keys_help writes the page of help.
void keys_help(struct text_lines *out);

// keys_hint writes the most important keys of a page into one line.
void keys_hint(enum page page, char *out, size_t size);

#endif
