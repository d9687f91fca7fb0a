// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <string.h>

#include "wire/envelope.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS UINT64_C(0x0101010101010101)

// Eight bytes that are ASCII and not NUL. A byte of 1 to 127 less one keeps its high bit clear; the
// first NUL borrows and sets it.
static bool is_plain(uint64_t word)
{
    return ((word | (word - LOW_BITS)) & HIGH_BITS) == 0;
}

static uint64_t load_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// Header text is hardly ever anything but plain and short, so this way comes first and has no loop
// over single bytes: the last load overlaps the one before.
static bool is_plain_text(const uint8_t *text, size_t size)
{
    if (size >= 8) {
        for (size_t i = 0; i + 8 <= size; i += 8) {
            if (!is_plain(load_word(text + i)))
                return false;
        }
        return is_plain(load_word(text + size - 8));
    }
    if (size >= 4) {
        uint32_t halves[2];
        uint64_t word;
        memcpy(&halves[0], text, 4);
        memcpy(&halves[1], text + size - 4, 4);
        memcpy(&word, halves, sizeof word);
        return is_plain(word);
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0 || text[i] >= 0x80)
            return false;
    }
    return true;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

// Bytes of the character at `at`; 0 = not well-formed (RFC 3629, section 4).
static size_t measure_character(const uint8_t *at, size_t left)
{
    uint8_t first = at[0];
    if (first < 0x80)
        return first != 0;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (left < size)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(at[i]))
            return 0;
    }
    // The second byte alone decides on overlong forms, surrogates and the end of Unicode.
    bool refused = (first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] > 0x9f) ||
                   (first == 0xf0 && at[1] < 0x90) || (first == 0xf4 && at[1] > 0x8f);
    return refused ? 0 : size;
}

bool oyez_utf8_is_valid(const void *text, size_t size)
{
    if (is_plain_text(text, size))
        return true;
    const uint8_t *at = text;
    for (size_t left = size; left > 0;) {
        size_t step = measure_character(at, left);
        if (step == 0)
            return false;
        at += step;
        left -= step;
    }
    return true;
}
