// SPDX-License-Identifier: MIT
// Numbers as text, whatever the locale of the application.
#ifndef OYEZ_SCHEMA_NUMBER_TEXT_H
#define OYEZ_SCHEMA_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT_SIZE 32u

// number_to_text writes the shortest text that reads as the same double: "1", "0.1", "1e+30",
// "nan", "inf", "-inf". Returns its bytes without the NUL.
size_t number_to_text(double value, char text[NUMBER_TEXT_SIZE]);

// number_float_to_text: the same of a float, whose digits are fewer.
size_t number_float_to_text(float value, char text[NUMBER_TEXT_SIZE]);

// number_from_text reads a whole text as a finite decimal number. False: it is none.
bool number_from_text(const char *text, double *value);

#endif
