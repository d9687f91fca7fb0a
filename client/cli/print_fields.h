// SPDX-License-Identifier: MIT
// One event for people, whole: a line for each field.
#ifndef OYEZ_PRINT_FIELDS_H
#define OYEZ_PRINT_FIELDS_H

#include <stdio.h>

#include "oyez/event.h"
#include "terminal.h"

// print_fields writes the stamp, the header fields that are there, tags, and the details. Text of
// strangers is written inert.
void print_fields(FILE *out, const struct terminal *terminal, const struct oyez_event *event);

#endif
