// SPDX-License-Identifier: MIT
// What the recorder's word does to the durable window: what is on disk is let go of, and what was
// lost between broker and recorder is emitted again. Session thread, with lock held.
#ifndef OYEZ_RECEIPTS_H
#define OYEZ_RECEIPTS_H

#include "client_state.h"

// receipts_take takes a receipt of the present epoch. A batch within a lost range goes out again
// with the bytes of its events, so with their ids, under new numbers and flagged RESENT: numbers
// stay dense, and the recorder looks the ids up. OYEZ_ERR_MALFORMED: it names numbers never given
// out. OYEZ_ERR_NO_MEMORY: nothing was taken of it; a hello brings it again.
oyez_err receipts_take(struct oyez_client *client, const oyez_v1_Receipt *receipt);

#endif
