// SPDX-License-Identifier: MIT
// JSON text that grows while it is written. A failed allocation is remembered, so that writers need
// not look after every piece.
#ifndef OYEZ_JSON_TEXT_H
#define OYEZ_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

// Zeroed it is empty. `bytes` is the writer's to free.
struct json_text {
    char *bytes;
    size_t size;
    size_t capacity;
    size_t size_max; // 0 = any
    oyez_err failed; // OYEZ_ERR_NO_MEMORY, OYEZ_ERR_TOO_LARGE
};

// json_text_reserve makes room behind `size`. False once anything has failed.
bool json_text_reserve(struct json_text *text, size_t more);

// json_text_put puts bytes as they are, json_text_put_words a C string.
void json_text_put(struct json_text *text, const char *bytes, size_t size);
void json_text_put_words(struct json_text *text, const char *words);

// json_text_put_string puts valid UTF-8 as a JSON string. DEL is escaped too: terminals take it
// for a command.
void json_text_put_string(struct json_text *text, const char *string, size_t size);

void json_text_put_unsigned(struct json_text *text, uint64_t number);
void json_text_put_signed(struct json_text *text, int64_t number);

#endif
