// SPDX-License-Identifier: MIT
// A line that is typed. Plain data; no thread.
#ifndef OYEZ_PROMPT_H
#define OYEZ_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#define PROMPT_TEXT_SIZE 1024u

enum prompt_kind {
    PROMPT_NONE,
    PROMPT_SEARCH,
    PROMPT_FILTER,
    PROMPT_SAVE,
    PROMPT_GO,
    PROMPT_EXPORT,
    PROMPT_QUESTION, // y or n
};

struct prompt {
    enum prompt_kind kind;
    char text[PROMPT_TEXT_SIZE];
    size_t size;
    size_t at;          // of the cursor, a byte
    char question[200]; // of PROMPT_QUESTION
};

enum prompt_answer { PROMPT_GOES_ON, PROMPT_CHANGED, PROMPT_DONE, PROMPT_LEFT, PROMPT_COMPLETE };

void prompt_open(struct prompt *prompt, enum prompt_kind kind, const char *text);
const char *prompt_label(const struct prompt *prompt);

// prompt_key takes a key, and says what has become of the prompt.
enum prompt_answer prompt_key(struct prompt *prompt, int code);

// prompt_replace puts a word in place of the text from `from` to the cursor.
void prompt_replace(struct prompt *prompt, size_t from, const char *word);

#endif
