// SPDX-License-Identifier: MIT
// What a service manager is told, by the protocol of sd_notify (3): one datagram a state.
#ifndef OYEZ_NOTIFY_H
#define OYEZ_NOTIFY_H

#include <stdint.h>

// notify_manager sends lines such as "READY=1" to the socket of NOTIFY_SOCKET. Nothing where there is
// none, or it takes nothing: the program works without. Does not block.
void notify_manager(const char *state);

// notify_watchdog_ms: within so long the manager wants to hear that this process lives (WATCHDOG_USEC,
// and WATCHDOG_PID where that is given). 0 = it does not ask.
uint64_t notify_watchdog_ms(void);

#endif
