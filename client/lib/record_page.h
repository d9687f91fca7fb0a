// SPDX-License-Identifier: MIT
// A page of the record for one subscription: what it asks, and what it makes of the answer.
#ifndef OYEZ_RECORD_PAGE_H
#define OYEZ_RECORD_PAGE_H

#include "cursor.h"
#include "question.h"

struct receiver;
struct oyez_subscription;

// record_page_ask fills a request with what a subscription needs next. Where many stand at the same
// place, it is asked for all of them at once: those are `joined`. Under inbox_lock.
void record_page_ask(struct receiver *receiver, oyez_v1_QueryRequest *request,
                     struct oyez_subscription *subscription);

// record_page_take hands the answer's events, gaps and ends of epochs to who asked. False when it
// has brought `subscription` no further: the recorder is behind. Under inbox_lock.
bool record_page_take(struct receiver *receiver, struct oyez_subscription *subscription,
                      struct question *question);

#endif
