// SPDX-License-Identifier: MIT
// Where a bus inside a test listens.
#ifndef OYEZ_TEST_INPROC_H
#define OYEZ_TEST_INPROC_H

// Over inproc libzmq hands memory from thread to thread by atomic operations that ThreadSanitizer,
// which it is not built with, takes for none.
#ifdef __SANITIZE_THREAD__
#define LOCAL_LISTEN "tcp://127.0.0.1:*"
#else
#define LOCAL_LISTEN NULL
#endif

#endif
