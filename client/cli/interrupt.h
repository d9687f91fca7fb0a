// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM as something to be read, so that a command ends in good order.
#ifndef OYEZ_INTERRUPT_H
#define OYEZ_INTERRUPT_H

#include <stdbool.h>

// interrupt_open holds both signals back in this thread and all that it starts, from then on.
// Returns a descriptor that becomes readable when one has come; -1 if the system refuses.
int interrupt_open(void);

// interrupt_pending: whether one has come. Does not block, does not consume it.
bool interrupt_pending(void);

// interrupt_raise ends the process by the signal that has come, as if it had not been held back.
// Returns if none has.
void interrupt_raise(void);

// interrupt_open_hangup: a descriptor that becomes readable at SIGHUP, which ends nothing from now on;
// interrupt_clear makes it wait for the next. Before the first thread is started.
int interrupt_open_hangup(void);
void interrupt_clear(int hangup_fd);

#endif
