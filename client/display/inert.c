// SPDX-License-Identifier: MIT
#include "inert.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

// Decodes one code point; returns its bytes, 0 if they are no UTF-8.
static size_t decode(uint32_t *code, const unsigned char *text, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = text[0] < 0x80   ? 1
                   : text[0] < 0xC2 ? 0
                   : text[0] < 0xE0 ? 2
                   : text[0] < 0xF0 ? 3
                                    : 4;
    if (count == 0 || count > size || text[0] > 0xF4) {
        return 0;
    }
    uint32_t value = count == 1 ? text[0] : text[0] & (0xFFu >> (count + 1));
    for (size_t i = 1; i < count; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3Fu);
    }
    if (value < least[count] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code = value;
    return count;
}

// Code points that a terminal obeys or hides instead of showing. wcwidth knows the controls but
// gives the others a width of 0, as it does for harmless combining marks.
static bool is_hidden(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x00AD, 0x00AD},   // soft hyphen
        {0x034F, 0x034F},   // grapheme joiner
        {0x061C, 0x061C},   // Arabic letter mark
        {0x115F, 0x1160},   // Hangul fillers
        {0x17B4, 0x17B5},   // Khmer inherent vowels
        {0x180B, 0x180F},   // Mongolian separators
        {0x200B, 0x200B},   // zero width space
        {0x200E, 0x200F},   // left-to-right and right-to-left marks
        {0x2028, 0x202E},   // line and paragraph ends, bidi embeddings and overrides
        {0x2060, 0x206F},   // word joiner, bidi isolates, deprecated controls
        {0x3164, 0x3164},   // Hangul filler
        {0xFEFF, 0xFEFF},   // byte order mark
        {0xFFA0, 0xFFA0},   // half-width filler
        {0xFFF0, 0xFFFB},   // interlinear annotation
        {0xE0000, 0xE0FFF}, // tags
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i][0] && code <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

static void escape(struct glyph *out, uint32_t code)
{
    int size = 0;
    if (code == '\n') {
        size = snprintf(out->bytes, sizeof out->bytes, "\\n");
    } else if (code == '\t') {
        size = snprintf(out->bytes, sizeof out->bytes, "\\t");
    } else if (code == '\r') {
        size = snprintf(out->bytes, sizeof out->bytes, "\\r");
    } else if (code > 0xFFFF) {
        uint32_t rest = (code - 0x10000) & 0xFFFFF;
        // A pair, as JSON writes it; glyphs of 12 bytes end without a NUL.
        char pair[13];
        size = snprintf(pair, sizeof pair, "\\u%04x\\u%04x", 0xD800u + (rest >> 10),
                        0xDC00u + (rest & 0x3FF));
        memcpy(out->bytes, pair, sizeof out->bytes);
    } else {
        size = snprintf(out->bytes, sizeof out->bytes, "\\u%04x", (unsigned)code);
    }
    out->size = (size_t)size;
    out->columns = (unsigned)size;
}

void inert_next(struct glyph *out, const char *text, size_t size)
{
    uint32_t code;
    size_t count = decode(&code, (const unsigned char *)text, size);
    if (count == 0) {
        out->size =
            (size_t)snprintf(out->bytes, sizeof out->bytes, "\\x%02x", (unsigned char)text[0]);
        out->columns = (unsigned)out->size;
        out->consumed = 1;
        return;
    }
    out->consumed = count;
    int columns = wcwidth((wchar_t)code);
    if (columns < 0 || code == 0 || is_hidden(code)) {
        escape(out, code);
        return;
    }
    memcpy(out->bytes, text, count);
    out->size = count;
    out->columns = (unsigned)columns;
}

void inert_write(FILE *out, const char *text, size_t size)
{
    struct glyph glyph;
    for (size_t at = 0; at < size; at += glyph.consumed) {
        inert_next(&glyph, text + at, size - at);
        fwrite(glyph.bytes, 1, glyph.size, out);
    }
}
