// SPDX-License-Identifier: MIT
#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

oyez_err whole_file_read(const char *path, size_t most, uint8_t **bytes, size_t *size)
{
    oyez_err err = OYEZ_OK;
    *bytes = malloc(most + 2);
    if (*bytes == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to read it", path);
    }
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        err = oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
        goto done;
    }
    *size = fread(*bytes, 1, most + 1, file);
    if (ferror(file)) {
        err = oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    } else if (*size > most) {
        err = oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: more than %zu bytes", path, most);
    } else {
        (*bytes)[*size] = '\0';
    }
    if (file != stdin) {
        fclose(file);
    }
done:
    if (err != OYEZ_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return err;
}
