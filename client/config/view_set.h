// SPDX-License-Identifier: MIT
// Views as they are kept.
#ifndef OYEZ_VIEW_SET_H
#define OYEZ_VIEW_SET_H

#include "oyez/config_views.h"

#define VIEW_NONE ((size_t)-1)

// One word of a view: a pattern, or with "view:" before it another view.
struct view_word {
    char *text;
    unsigned line;
    size_t view; // which view it names, once the set is checked; else VIEW_NONE
};

struct view {
    char name[OYEZ_CONFIG_NAME_SIZE_MAX + 1];
    unsigned line;
    struct view_word *words;
    size_t count;
    size_t capacity;
    unsigned height; // how many views deep it goes, from 1; 0 = not judged yet
};

struct oyez_config_views {
    char *file;
    struct view *views;
    size_t count;
    size_t capacity;
};

// view_set_find: the number of the view of this name, VIEW_NONE if there is none.
size_t view_set_find(const oyez_config_views *views, const char *name);

#endif
