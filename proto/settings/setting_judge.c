// SPDX-License-Identifier: MIT
// The text of a setting, judged by its row.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings_state.h"

#define MS_PER_SECOND 1000u
#define SHOWN_SIZE 64 // bytes of a text that a message repeats

static oyez_err refuse(const struct oyez_setting *setting, const char *text)
{
    char range[96] = "";
    if (setting->kind == OYEZ_SETTING_KIND_COUNT || setting->kind == OYEZ_SETTING_KIND_SECONDS) {
        snprintf(range, sizeof range, ", %" PRIu64 " to %" PRIu64 "%s%s", setting->min,
                 setting->max, setting->unit[0] != '\0' ? " " : "", setting->unit);
    }
    return oyez_fail(OYEZ_ERR_INVALID, "\"%.*s\" will not do, it takes %s%s", SHOWN_SIZE, text,
                     setting->argument != NULL ? setting->argument : "yes or no", range);
}

static bool read_count(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    // strtoull alone would also read " 1" and "-1".
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    *number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

// Up to three decimals, by hand: strtod asks the locale which character the point is.
static bool read_seconds(const char *text, uint64_t *milliseconds)
{
    char whole[24];
    uint64_t seconds;
    uint64_t fraction = 0;
    size_t digits = strcspn(text, ".");
    if (digits == 0 || digits >= sizeof whole) {
        return false;
    }
    memcpy(whole, text, digits);
    whole[digits] = '\0';
    if (!read_count(whole, &seconds) || seconds > UINT64_MAX / MS_PER_SECOND - 1) {
        return false;
    }
    const char *decimals = text[digits] == '.' ? text + digits + 1 : NULL;
    if (decimals != NULL) {
        size_t size = strspn(decimals, "0123456789");
        if (size == 0 || size > 3 || decimals[size] != '\0') {
            return false;
        }
        for (size_t i = 0; i < 3; i++) {
            fraction = fraction * 10 + (i < size ? (uint64_t)(decimals[i] - '0') : 0);
        }
    }
    *milliseconds = seconds * MS_PER_SECOND + fraction;
    return true;
}

static bool read_choice(const char *text, const char *words, uint64_t *number)
{
    size_t size = strlen(text);
    *number = 0;
    for (;; words++, (*number)++) {
        size_t word_size = strcspn(words, "|");
        if (word_size == size && memcmp(words, text, size) == 0) {
            return true;
        }
        words += word_size;
        if (*words == '\0') {
            return false;
        }
    }
}

oyez_err setting_judge(const struct oyez_setting *setting, const char *text, uint64_t *number)
{
    bool good = false;
    switch (setting->kind) {
    case OYEZ_SETTING_KIND_TEXT:
    case OYEZ_SETTING_KIND_LIST:
        good = text[0] != '\0';
        break;
    case OYEZ_SETTING_KIND_COUNT:
        good = read_count(text, number) && *number >= setting->min && *number <= setting->max;
        break;
    case OYEZ_SETTING_KIND_SECONDS:
        good = read_seconds(text, number) && *number >= setting->min * MS_PER_SECOND &&
               *number <= setting->max * MS_PER_SECOND;
        break;
    case OYEZ_SETTING_KIND_FLAG:
        good = read_choice(text, "no|yes", number);
        break;
    case OYEZ_SETTING_KIND_CHOICE:
        good = read_choice(text, setting->argument, number);
        break;
    }
    return good ? OYEZ_OK : refuse(setting, text);
}
