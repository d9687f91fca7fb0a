// SPDX-License-Identifier: MIT
// One line on stderr, for people. Text may come from peers and files: it is printed inert.
#ifndef OYEZ_MESSAGE_H
#define OYEZ_MESSAGE_H

#include <stddef.h>

#include "oyez/client.h"
#include "oyez/settings.h"
#include "oyez/severity.h"

// message_open: lines of message_print begin with "oyez COMMAND: ", or "oyez: " for NULL. Before
// any other thread prints.
void message_open(const char *command);

// Any thread. A progress bar on the terminal is taken off first.
void message_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

// message_line prints without the beginning.
void message_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

// message_log prints a line of a program that runs on, in the format and from the level that
// message_log_set was told. Any thread.
void message_log(enum oyez_severity severity, const char *line);
void message_log_set(const oyez_settings *settings);

// message_notice says what a client has to tell. CONNECTED is told only after a disconnect.
void message_notice(const struct oyez_notice *notice);

#endif
