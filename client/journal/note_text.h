// SPDX-License-Identifier: MIT
// Which characters a note may have.
#ifndef OYEZ_NOTE_TEXT_H
#define OYEZ_NOTE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

// oyez_note_text_is_valid: UTF-8, no control characters but newlines.
bool oyez_note_text_is_valid(const char *text, size_t size);

// oyez_note_name_is_valid: a key's name: the same without newlines, spaces of any kind and '+'; not
// empty, and short enough for OYEZ_NOTE_NAME_SIZE.
bool oyez_note_name_is_valid(const char *name, size_t size);

#endif
