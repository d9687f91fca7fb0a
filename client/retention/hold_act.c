// SPDX-License-Identifier: MIT
#include "hold_act.h"

#include <stdlib.h>
#include <string.h>

static oyez_err put_line(uint8_t *out, size_t *size, const char *word, const char *text)
{
    size_t word_size = strlen(word), text_size = strlen(text);
    if (strpbrk(text, "\r\n") != NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: a line break in %.64s", word, text);
    if (word_size + text_size + 2 > OYEZ_HOLD_ACT_SIZE_MAX - *size)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a hold of more than %u bytes",
                         OYEZ_HOLD_ACT_SIZE_MAX);
    memcpy(out + *size, word, word_size);
    out[*size + word_size] = ' ';
    memcpy(out + *size + word_size + 1, text, text_size);
    *size += word_size + text_size + 2;
    out[*size - 1] = '\n';
    return OYEZ_OK;
}

static oyez_err put_lines(uint8_t *out, size_t *size, const char *word, const char *const *texts,
                          size_t count)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < count; i++)
        err = put_line(out, size, word, texts[i]);
    return err;
}

oyez_err oyez_hold_act_write(const struct oyez_legal_hold *hold, uint8_t *out, size_t *size)
{
    *size = 0;
    oyez_err err = put_line(out, size, "hold", hold->name);
    if (err == OYEZ_OK)
        err = put_lines(out, size, "pattern", hold->patterns, hold->pattern_count);
    if (err == OYEZ_OK)
        err = put_lines(out, size, "where", hold->conditions, hold->condition_count);
    if (err == OYEZ_OK)
        err = put_line(out, size, "by", hold->by);
    return err == OYEZ_OK ? put_line(out, size, "why", hold->why) : err;
}

// The rest of a line that begins with the word.
static const char *behind(const char *line, const char *word)
{
    size_t size = strlen(word);
    return strncmp(line, word, size) == 0 && line[size] == ' ' ? line + size + 1 : NULL;
}

static void take_line(struct oyez_hold_act *act, const char *line)
{
    struct oyez_legal_hold *hold = &act->hold;
    const char *rest;
    if ((rest = behind(line, "hold")) != NULL)
        hold->name = rest;
    else if ((rest = behind(line, "pattern")) != NULL)
        act->patterns[hold->pattern_count++] = rest;
    else if ((rest = behind(line, "where")) != NULL)
        act->conditions[hold->condition_count++] = rest;
    else if ((rest = behind(line, "by")) != NULL)
        hold->by = rest;
    else if ((rest = behind(line, "why")) != NULL)
        hold->why = rest;
    else
        act->understood = false;
}

static size_t count_lines(const uint8_t *bytes, size_t size)
{
    size_t count = 1;
    for (size_t i = 0; i < size; i++)
        count += bytes[i] == '\n';
    return count;
}

oyez_err oyez_hold_act_read(struct oyez_hold_act *out, const struct oyez_journal_record *act)
{
    size_t lines = count_lines(act->details, act->details_size);
    *out = (struct oyez_hold_act){
        .text = malloc(act->details_size + 1),
        .patterns = calloc(lines, sizeof *out->patterns),
        .conditions = calloc(lines, sizeof *out->conditions),
        .hold = {.by = "", .why = "", .index = act->index, .time = act->broker_time},
        .understood = true,
    };
    if (out->text == NULL || out->patterns == NULL || out->conditions == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a hold");
    if (act->details_size > 0)
        memcpy(out->text, act->details, act->details_size);
    out->text[act->details_size] = '\0';
    out->hold.patterns = out->patterns;
    out->hold.conditions = out->conditions;
    char *rest = out->text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;)
        take_line(out, line);
    return out->hold.name != NULL ? OYEZ_OK
                                  : oyez_fail(OYEZ_ERR_MALFORMED, "an act of a hold has no name");
}

void oyez_hold_act_free(struct oyez_hold_act *act)
{
    free(act->text);
    free(act->patterns);
    free(act->conditions);
    *act = (struct oyez_hold_act){.text = NULL};
}
