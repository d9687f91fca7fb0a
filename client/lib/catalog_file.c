// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "catalog_set.h"

#define ENVIRONMENT "OYEZ_CATALOGS"
#define PATHS_MAX 64u

// Reads at most a byte more than any set may have, so that the limit is told and not the file's end.
static oyez_err read_file(FILE *file, const char *path, void **bytes, size_t *size)
{
    const size_t room = DESCRIPTOR_SET_SIZE_MAX + 1;
    *bytes = malloc(room);
    if (*bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory for its catalogs", path);
    *size = fread(*bytes, 1, room, file);
    if (ferror(file))
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    return OYEZ_OK;
}

oyez_err catalog_file_read(const char *path, void **bytes, size_t *size)
{
    *bytes = NULL;
    *size = 0;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    oyez_err err = read_file(file, path, bytes, size);
    fclose(file);
    return err;
}

oyez_err oyez_catalog_load(const char *path)
{
    REQUIRE_ARGUMENT(path);
    void *bytes;
    size_t size;
    oyez_err err = catalog_file_read(path, &bytes, &size);
    if (err == OYEZ_OK)
        err = oyez_catalog_add(bytes, size, path, false);
    free(bytes);
    return err;
}

static oyez_err load_paths(const char *paths)
{
    oyez_err err = OYEZ_OK;
    const char *at = paths;
    for (unsigned count = 0; err == OYEZ_OK && *at != '\0'; count++) {
        size_t size = strcspn(at, ":");
        if (count == PATHS_MAX)
            return oyez_fail(OYEZ_ERR_TOO_LARGE, ENVIRONMENT ": more than %u paths", PATHS_MAX);
        if (size > 0) {
            char *path = strndup(at, size);
            if (path == NULL)
                return oyez_fail(OYEZ_ERR_NO_MEMORY, ENVIRONMENT ": no memory");
            err = oyez_catalog_load(path);
            free(path);
        }
        at += size;
        at += *at == ':';
    }
    return err;
}

oyez_err oyez_catalog_load_environment(void)
{
    static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
    static bool loaded;
    oyez_err err = OYEZ_OK;
    pthread_mutex_lock(&loading);
    const char *paths = loaded ? NULL : getenv(ENVIRONMENT);
    if (paths != NULL)
        err = load_paths(paths);
    loaded = loaded || err == OYEZ_OK;
    pthread_mutex_unlock(&loading);
    return err;
}
