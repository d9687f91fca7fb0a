// SPDX-License-Identifier: MIT
// A page of the record for one subscription: what it asks, and what it makes of the answer.
#ifndef OYEZ_RECORD_PAGE_H
#define OYEZ_RECORD_PAGE_H

#include "cursor.h"
#include "question.h"

struct receiver;
struct oyez_subscription;

// record_page_ask fills a request with what a subscription needs next. `mark`: as far as everything
// is surely recorded.
void record_page_ask(oyez_v1_QueryRequest *request, const struct oyez_subscription *subscription,
                     struct cursor mark);

// record_page_take hands the answer's events, gaps and ends of epochs to the subscription. False
// when it has brought it no further: the recorder is behind. Under inbox_lock.
bool record_page_take(struct receiver *receiver, struct oyez_subscription *subscription,
                      struct question *question);

#endif
