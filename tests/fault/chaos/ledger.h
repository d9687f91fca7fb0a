// SPDX-License-Identifier: MIT
// A file of lines in which a process of the chaos tests says what it did and what it was told. Each
// line is written at once, so that it outlasts a kill; a last line without its end counts as none.
#ifndef OYEZ_CHAOS_LEDGER_H
#define OYEZ_CHAOS_LEDGER_H

#include <oyez/client.h>
#include <stdbool.h>

// ledger_open appends to a file. False: it cannot be opened.
bool ledger_open(const char *path);

// ledger_write adds one line. Any thread.
void ledger_write(const char *format, ...) __attribute__((format(printf, 1, 2)));

// 32 hexadecimal digits.
struct ledger_id {
    char text[33];
};

struct ledger_id ledger_id(const struct oyez_uuid *id);

// ledger_notice adds "N kind type first last count epoch previous-epoch". For on_notice.
void ledger_notice(void *arg, const struct oyez_notice *notice);

#endif
