// SPDX-License-Identifier: MIT
// Views: pattern sets with a name. The section [views] has any number of
//     NAME = PATTERN | view:NAME ...
// and view:NAME may stand wherever a pattern may.
#ifndef OYEZ_CONFIG_VIEWS_H
#define OYEZ_CONFIG_VIEWS_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/config_file.h"
#include "oyez/error.h"

#define OYEZ_CONFIG_VIEW_PREFIX "view:"
#define OYEZ_CONFIG_VIEWS_MAX 1000u
#define OYEZ_CONFIG_VIEW_DEPTH_MAX 16u // a view that names a view that names a view ...

typedef struct oyez_config_views oyez_config_views;

// oyez_config_views_open begins an empty set. `file` is what errors call the file. The caller owns
// *out. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_config_views_open(oyez_config_views **out, const char *file);
void oyez_config_views_close(oyez_config_views **views);

// oyez_config_views_take adds what a line of the section says: an oyez_config_take of an
// oyez_config_views. OYEZ_ERR_INVALID: the name (1 to 64 of a-z 0-9 -, and not twice) or a pattern;
// whether catalogs have a domain is asked when it is expanded. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_config_views_take(void *views, const struct oyez_config_entry *entry);

// oyez_config_views_check judges the set once it is whole: that each view has a pattern, and that
// views name views of the file, in no circle and not too deep. OYEZ_ERR_INVALID with FILE:LINE.
oyez_err oyez_config_views_check(oyez_config_views *views);

// oyez_config_views_name: the i-th name in the order of the file, NULL at the end. *line, where it
// is not NULL, is where the view begins.
const char *oyez_config_views_name(const oyez_config_views *views, size_t i, unsigned *line);

// oyez_config_view_name: what stands behind "view:", NULL if the pattern is no view.
const char *oyez_config_view_name(const char *pattern);

bool oyez_config_views_have(const oyez_config_views *views, const char *name);

// oyez_config_views_expand gives the patterns that the words mean: each once, in order, words that
// are no view as they are. Of a checked set. *patterns is the caller's: free(); the texts are those
// of the words and of the set. OYEZ_ERR_NOT_FOUND: no such view. OYEZ_ERR_INVALID with FILE:LINE: a
// domain of a view that no catalog here has. OYEZ_ERR_TOO_LARGE: more than OYEZ_PATTERNS_MAX.
// OYEZ_ERR_NO_MEMORY.
oyez_err oyez_config_views_expand(const oyez_config_views *views, const char *const *words,
                                  size_t word_count, const char ***patterns, size_t *pattern_count);

#endif
