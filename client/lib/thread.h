// SPDX-License-Identifier: MIT
// Threads of the library.
#ifndef OYEZ_THREAD_H
#define OYEZ_THREAD_H

#include <pthread.h>

// thread_start starts one with all signals blocked: they belong to the application, whose handlers of
// them run on its own threads. Returns as pthread_create.
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
