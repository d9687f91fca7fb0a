// SPDX-License-Identifier: MIT
#include "note_text.h"

#include <stdint.h>

#include "oyez/note.h"

#define NO_CHARACTER UINT32_MAX

// The character at the front of a text of at least one byte, and how many bytes it takes.
static uint32_t next_character(const char *text, size_t size, size_t *taken)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)text[0];
    size_t length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t character = length == 1 ? first : first & (0x7Fu >> length);

    *taken = length;
    if (length == 0 || first > 0xF4 || length > size)
        return NO_CHARACTER;
    for (size_t i = 1; i < length; i++) {
        if (((uint8_t)text[i] & 0xC0) != 0x80)
            return NO_CHARACTER;
        character = character << 6 | ((uint8_t)text[i] & 0x3Fu);
    }
    if (character < lowest[length] || character > 0x10FFFF ||
        (character >= 0xD800 && character <= 0xDFFF))
        return NO_CHARACTER;
    return character;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool oyez_note_text_is_valid(const char *text, size_t size)
{
    size_t taken = 0;

    for (size_t at = 0; at < size; at += taken) {
        uint32_t c = next_character(text + at, size - at, &taken);
        if (c == NO_CHARACTER || (c < 0x20 && c != '\n'))
            return false;
    }
    return true;
}

bool oyez_note_name_is_valid(const char *name, size_t size)
{
    size_t taken = 0;

    for (size_t at = 0; at < size; at += taken) {
        uint32_t c = next_character(name + at, size - at, &taken);
        if (c == NO_CHARACTER || c < 0x20 || c == 0x7F || c == '+' || is_space(c))
            return false;
    }
    return size > 0 && size < OYEZ_NOTE_NAME_SIZE;
}
