// SPDX-License-Identifier: MIT
//  ORIGIN \n SIZE \n BASE64 (root) \n
#include "oyez/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oyez/base64.h"

size_t oyez_checkpoint_write(const struct oyez_checkpoint *checkpoint,
                             char out[OYEZ_CHECKPOINT_TEXT_SIZE])
{
    char root[64] = "";

    root[oyez_base64_encode(root, checkpoint->root.bytes, sizeof(checkpoint->root.bytes))] = '\0';
    return (size_t)snprintf(out, OYEZ_CHECKPOINT_TEXT_SIZE, "%s\n%" PRIu64 "\n%s\n",
                            checkpoint->origin, checkpoint->size, root);
}

static oyez_err malformed(const char *what)
{
    return oyez_fail(OYEZ_ERR_MALFORMED, "checkpoint: %s", what);
}

// The next line without its newline; NULL: there is none.
static const char *next_line(const char **at, const char *end, size_t *size)
{
    const char *line = *at;
    const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

    if (newline == NULL)
        return NULL;
    *size = (size_t)(newline - line);
    *at = newline + 1;
    return line;
}

// One form for each number: no sign, no zeros before it.
static bool read_number(const char *text, size_t size, uint64_t *out)
{
    *out = 0;
    if (size == 0 || (size > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < size; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (text[i] < '0' || text[i] > '9' || *out > (UINT64_MAX - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return true;
}

oyez_err oyez_checkpoint_read(struct oyez_checkpoint *out, const char *text, size_t size)
{
    const char *end = text + size;
    size_t length, root_size;

    *out = (struct oyez_checkpoint){0};
    const char *line = next_line(&text, end, &length);
    if (line == NULL || length == 0 || length >= sizeof(out->origin) ||
        memchr(line, '\0', length) != NULL)
        return malformed("no good origin in its first line");
    memcpy(out->origin, line, length);
    line = next_line(&text, end, &length);
    if (line == NULL || !read_number(line, length, &out->size))
        return malformed("no good size in its second line");
    line = next_line(&text, end, &length);
    if (line == NULL ||
        !oyez_base64_decode(out->root.bytes, sizeof(out->root.bytes), &root_size, line, length) ||
        root_size != sizeof(out->root.bytes))
        return malformed("no good root in its third line");
    while (text < end) {
        line = next_line(&text, end, &length);
        if (line == NULL || length == 0)
            return malformed("an empty line, or one without end, behind its root");
    }
    return OYEZ_OK;
}

oyez_err oyez_checkpoint_open(struct oyez_checkpoint *out, const void *note, size_t size,
                              const struct oyez_note_verifier *keys, size_t key_count, size_t *key)
{
    struct oyez_note parsed;
    size_t by = 0;
    oyez_err err = oyez_note_parse(&parsed, note, size);

    if (err == OYEZ_OK)
        err = oyez_checkpoint_read(out, parsed.text, parsed.text_size);
    if (err == OYEZ_OK)
        err = oyez_note_verify(&parsed, keys, key_count, NULL);
    if (err != OYEZ_OK)
        return err;
    while (by + 1 < key_count && oyez_note_verify(&parsed, &keys[by], 1, NULL) != OYEZ_OK)
        by++;
    if (strcmp(out->origin, keys[by].name) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT, "the checkpoint of %.60s is signed by %.60s",
                         out->origin, keys[by].name);
    if (key != NULL)
        *key = by;
    return OYEZ_OK;
}
