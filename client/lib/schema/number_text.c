// SPDX-License-Identifier: MIT
#include "schema/number_text.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Neither printf nor strtod has a portable form that does not ask the locale.
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t enter_locale(void)
{
    pthread_once(&c_locale_once, make_locale);
    return c_locale != (locale_t)0 ? uselocale(c_locale) : uselocale((locale_t)0);
}

size_t number_to_text(double value, char text[NUMBER_TEXT_SIZE])
{
    locale_t before = enter_locale();
    int size = 0;
    for (int digits = 15; digits <= 17; digits++) {
        size = snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, value);
        if (!isfinite(value) || strtod(text, NULL) == value)
            break;
    }
    uselocale(before);
    return (size_t)size;
}

size_t number_float_to_text(float value, char text[NUMBER_TEXT_SIZE])
{
    locale_t before = enter_locale();
    int size = 0;
    for (int digits = 6; digits <= 9; digits++) {
        size = snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, (double)value);
        if (!isfinite(value) || strtof(text, NULL) == value)
            break;
    }
    uselocale(before);
    return (size_t)size;
}

bool number_from_text(const char *text, double *value)
{
    size_t size = strlen(text);
    if (size == 0 || strspn(text, "0123456789+-.eE") != size)
        return false;
    locale_t before = enter_locale();
    char *end;
    *value = strtod(text, &end);
    uselocale(before);
    return *end == '\0' && isfinite(*value);
}
