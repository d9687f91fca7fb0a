// SPDX-License-Identifier: MIT
#include "prompt.h"

#include <stdio.h>
#include <string.h>

#include "keys.h"

#define CTRL(c) ((c)&0x1f)

void prompt_open(struct prompt *prompt, enum prompt_kind kind, const char *text)
{
    memset(prompt, 0, sizeof *prompt);
    prompt->kind = kind;
    snprintf(prompt->text, sizeof prompt->text, "%s", text);
    prompt->size = strlen(prompt->text);
    prompt->at = prompt->size;
}

const char *prompt_label(const struct prompt *prompt)
{
    switch (prompt->kind) {
    case PROMPT_SEARCH:
        return "/";
    case PROMPT_FILTER:
        return "filter: ";
    case PROMPT_SAVE:
        return "name of the filter: ";
    case PROMPT_GO:
        return "go to (18:05, 15m, 2026-11-20T18:05:00Z, EPOCH:POSITION, first, last): ";
    case PROMPT_EXPORT:
        return "write to the file: ";
    case PROMPT_QUESTION:
        return prompt->question;
    case PROMPT_NONE:
        break;
    }
    return "";
}

static bool is_inside(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t before(const struct prompt *prompt, size_t at)
{
    while (at > 0) {
        at--;
        if (!is_inside(prompt->text[at])) {
            break;
        }
    }
    return at;
}

static size_t behind(const struct prompt *prompt, size_t at)
{
    at += at < prompt->size;
    while (at < prompt->size && is_inside(prompt->text[at])) {
        at++;
    }
    return at;
}

static void take_out(struct prompt *prompt, size_t from, size_t to)
{
    memmove(prompt->text + from, prompt->text + to, prompt->size - to + 1);
    prompt->size -= to - from;
    prompt->at = from;
}

static bool put_in(struct prompt *prompt, const char *bytes, size_t size)
{
    if (prompt->size + size >= PROMPT_TEXT_SIZE) {
        return false;
    }
    memmove(prompt->text + prompt->at + size, prompt->text + prompt->at,
            prompt->size - prompt->at + 1);
    memcpy(prompt->text + prompt->at, bytes, size);
    prompt->size += size;
    prompt->at += size;
    return true;
}

static size_t encode(char out[4], int code)
{
    unsigned value = (unsigned)code;
    if (value < 0x80) {
        out[0] = (char)value;
        return 1;
    }
    size_t count = value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
    for (size_t i = count; i-- > 1;) {
        out[i] = (char)(0x80 | (value & 0x3F));
        value >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[count] | value);
    return count;
}

static enum prompt_answer type(struct prompt *prompt, int code)
{
    char bytes[4];
    if (code < ' ' || code == 0x7F || code >= 0x110000 || (code >= 0xD800 && code < 0xE000)) {
        return PROMPT_GOES_ON;
    }
    size_t size = encode(bytes, code);
    return put_in(prompt, bytes, size) ? PROMPT_CHANGED : PROMPT_GOES_ON;
}

static enum prompt_answer answer_question(struct prompt *prompt, int code)
{
    bool yes = code == 'y' || code == 'Y';
    prompt->text[0] = yes ? 'y' : 'n';
    prompt->text[1] = '\0';
    return yes ? PROMPT_DONE : PROMPT_LEFT;
}

// The word before the cursor, with the spaces behind it.
static size_t word_before(const struct prompt *prompt)
{
    size_t at = prompt->at;
    while (at > 0 && prompt->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && prompt->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

enum prompt_answer prompt_key(struct prompt *prompt, int code)
{
    if (prompt->kind == PROMPT_QUESTION) {
        return answer_question(prompt, code);
    }
    switch (code) {
    case KEY_CODE_ENTER:
        return PROMPT_DONE;
    case KEY_CODE_ESCAPE:
        return PROMPT_LEFT;
    case KEY_CODE_TAB:
        return PROMPT_COMPLETE;
    case KEY_CODE_LEFT:
        prompt->at = before(prompt, prompt->at);
        return PROMPT_GOES_ON;
    case KEY_CODE_RIGHT:
        prompt->at = behind(prompt, prompt->at);
        return PROMPT_GOES_ON;
    case KEY_CODE_HOME:
    case CTRL('a'):
        prompt->at = 0;
        return PROMPT_GOES_ON;
    case KEY_CODE_END:
    case CTRL('e'):
        prompt->at = prompt->size;
        return PROMPT_GOES_ON;
    case KEY_CODE_BACKSPACE:
        take_out(prompt, before(prompt, prompt->at), prompt->at);
        return PROMPT_CHANGED;
    case KEY_CODE_DELETE:
        take_out(prompt, prompt->at, behind(prompt, prompt->at));
        return PROMPT_CHANGED;
    case CTRL('u'):
        take_out(prompt, 0, prompt->at);
        return PROMPT_CHANGED;
    case CTRL('w'):
        take_out(prompt, word_before(prompt), prompt->at);
        return PROMPT_CHANGED;
    default:
        return type(prompt, code);
    }
}

void prompt_replace(struct prompt *prompt, size_t from, const char *word)
{
    take_out(prompt, from, prompt->at);
    (void)put_in(prompt, word, strlen(word));
}
