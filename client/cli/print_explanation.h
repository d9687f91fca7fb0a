// SPDX-License-Identifier: MIT
// What answering a question took, for --explain.
#ifndef OYEZ_PRINT_EXPLANATION_H
#define OYEZ_PRINT_EXPLANATION_H

#include <stdbool.h>
#include <stdio.h>

#include "oyez/query.h"

// print_explanation prints a few lines, or one JSON object.
void print_explanation(FILE *out, const struct oyez_query_explanation *explanation, bool json);

#endif
