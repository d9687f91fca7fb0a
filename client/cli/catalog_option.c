// SPDX-License-Identifier: MIT
#include "catalog_option.h"

#include <string.h>

#include "message.h"

int catalog_option_load(const struct text_list *files)
{
    oyez_err err = oyez_catalog_load_environment();
    for (size_t i = 0; err == OYEZ_OK && files != NULL && i < files->count; i++) {
        err = oyez_catalog_load(files->items[i]);
    }
    return err == OYEZ_OK ? EXIT_DONE : command_fail(err);
}

static const char *next_type(void *arg, size_t i)
{
    (void)arg;
    const struct oyez_type *type = oyez_type_at(i);
    return type != NULL ? type->name : NULL;
}

const struct oyez_type *catalog_option_find_type(const char *name)
{
    for (size_t i = 0; i < oyez_type_count(); i++) {
        if (strcmp(oyez_type_at(i)->name, name) == 0) {
            return oyez_type_at(i);
        }
    }
    const struct oyez_type *type = oyez_type_find(name, strlen(name));
    if (type == NULL) {
        char nearest[COMMAND_WORD_SIZE];
        bool found = command_nearest(nearest, name, next_type, NULL);
        message_print("no catalog has the event type '%s'%s%s%s", name,
                      found ? "; did you mean '" : "", found ? nearest : "", found ? "'?" : "");
    }
    return type;
}
