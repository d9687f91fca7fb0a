// SPDX-License-Identifier: MIT
#include "catalog_source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "argument.h"
#include "oyez/catalog_tools.h"

static oyez_err read_set(struct catalog_source *source, const char *path, bool for_reading)
{
    void *bytes;
    size_t size;
    struct catalog_batch batch = {0};
    oyez_err err = catalog_file_read(path, &bytes, &size);
    if (err == OYEZ_OK)
        err = descriptor_set_read(&source->set, bytes, size, path, true);
    free(bytes);
    if (err != OYEZ_OK)
        return err;
    source->set->for_reading = for_reading;
    err = catalog_batch_read(&batch, source->set, for_reading);
    for (size_t i = 0; err == OYEZ_OK && i < batch.catalog_count; i++)
        source->catalogs[source->count++] = &batch.catalogs[i];
    return err;
}

oyez_err catalog_source_open(struct catalog_source *source, const char *name, bool for_reading)
{
    const struct catalog_snapshot *now = catalog_snapshot();
    *source = (struct catalog_source){0};
    for (size_t i = 0; i < now->catalog_count; i++) {
        if (strcmp(now->catalogs[i]->head.name, name) != 0)
            continue;
        source->catalogs[source->count++] = now->catalogs[i];
        return OYEZ_OK;
    }
    if (strpbrk(name, "./") == NULL && access(name, F_OK) != 0)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: neither a file nor a catalog", name);
    return read_set(source, name, for_reading);
}

void catalog_source_close(struct catalog_source *source)
{
    descriptor_set_free(&source->set);
    source->count = 0;
}

static oyez_err check_examples(const struct catalog *catalog)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < catalog->type_count; i++) {
        char *line = NULL;
        err = oyez_type_example(&catalog->types[i], &line);
        free(line);
    }
    return err;
}

oyez_err oyez_catalog_file_check(const char *path)
{
    REQUIRE_ARGUMENT(path);
    struct catalog_source source = {0};
    oyez_err err = read_set(&source, path, false);
    for (size_t i = 0; err == OYEZ_OK && i < source.count; i++)
        err = check_examples(source.catalogs[i]);
    catalog_source_close(&source);
    return err;
}
