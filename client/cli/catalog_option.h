// SPDX-License-Identifier: MIT
// What commands that deal with event types share: --catalog FILE, and types by their names.
#ifndef OYEZ_CATALOG_OPTION_H
#define OYEZ_CATALOG_OPTION_H

#include "command.h"
#include "oyez/catalog.h"

#define CATALOG_OPTION(values)                                                                     \
    {                                                                                              \
        "--catalog", "FILE", "a catalog of your own, from protoc; may be given again",             \
            OPTION_LIST, offsetof(values, catalogs)                                                \
    }

// catalog_option_load loads the catalogs of OYEZ_CATALOGS, then these (NULL = none). Says what is
// wrong; returns an exit code.
int catalog_option_load(const struct text_list *files);

// catalog_option_find_type finds a type by its name, an open prefix as it is listed too; NULL, and
// said with the nearest name: there is none.
const struct oyez_type *catalog_option_find_type(const char *name);

#endif
