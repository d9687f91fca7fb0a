// SPDX-License-Identifier: MIT
// Base64 (RFC 4648): written in the standard alphabet, padded. Any thread.
#ifndef OYEZ_BASE64_H
#define OYEZ_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum oyez_base64_form {
    OYEZ_BASE64_STRICT, // as it is written: one text for each value
    OYEZ_BASE64_ANY,    // the alphabet for URLs too, and the padding may be missing
};

// oyez_base64_size is the characters that `size` bytes make, without NUL.
static inline size_t oyez_base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

// oyez_base64_encode writes them and no NUL. Returns their number.
size_t oyez_base64_encode(char *out, const uint8_t *bytes, size_t size);

// oyez_base64_decode reads `length` characters of the strict form into at most `room` bytes. False:
// they are no base64, have bits behind the last byte, or do not fit.
bool oyez_base64_decode(uint8_t *out, size_t room, size_t *size, const char *text, size_t length);

// The same character by character, for text that is not there in one piece. Begins as zeros, but
// for the form.
struct oyez_base64_reader {
    enum oyez_base64_form form;
    uint32_t rest; // bits that do not fill a byte yet are its lowest
    unsigned bits;
    size_t characters;
    size_t padding;
};

// oyez_base64_take takes the next character. 1: *byte is the next byte; 0: it needs more; -1: this
// is no base64.
int oyez_base64_take(struct oyez_base64_reader *reader, char c, uint8_t *byte);

// oyez_base64_end says whether the text may end here: a wrong length, wrong padding, or bits behind
// the last byte, which would be lost, are none.
bool oyez_base64_end(const struct oyez_base64_reader *reader);

#endif
