// SPDX-License-Identifier: MIT
// A record as it lies in a segment. docs/journal.md has the bytes.
#ifndef OYEZ_FRAME_H
#define OYEZ_FRAME_H

#include "oyez/journal.h"

#define OYEZ_FRAME_ALIGN 8u
#define OYEZ_FRAME_HEAD_SIZE 96u // of a record
#define OYEZ_FRAME_MAX (2u * 1024u * 1024u)
#define OYEZ_FRAME_NO_EVENT_ID 65535u

enum oyez_frame_form {
    OYEZ_FORM_WHOLE = 0,
    OYEZ_FORM_COMMITMENT = 1,
};

// Why bytes are no frame.
enum oyez_frame_fault {
    OYEZ_FRAME_OK = 0,
    OYEZ_FRAME_NONE,     // zeros, or nothing: no frame here
    OYEZ_FRAME_SHORT,    // ends beyond what there is
    OYEZ_FRAME_SIZE,     // an impossible size
    OYEZ_FRAME_KIND,     // an unknown kind
    OYEZ_FRAME_HEAD_SUM, // the head's checksum is wrong
    OYEZ_FRAME_BODY_SUM, // the body's checksum is wrong
    OYEZ_FRAME_VERSION,  // an unknown version
    OYEZ_FRAME_FIELDS,   // checksums are right, fields contradict each other
    OYEZ_FRAME_ORDER,    // a good frame, but not the one whose turn it is
    OYEZ_FRAME_GROUP,    // a mark that does not match what stands before it
    OYEZ_FRAME_UNREAD,   // the archived segment's compressed bytes are damaged
};

// A frame in memory.
struct oyez_frame {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t kept_end; // offset at which the body begins
    uint64_t index;
    uint8_t kind;
};

// oyez_frame_fault_text says it in a few words. Static text.
const char *oyez_frame_fault_text(enum oyez_frame_fault fault);

// oyez_frame_check judges a record before it is encoded. OYEZ_ERR_INVALID, OYEZ_ERR_TOO_LARGE.
oyez_err oyez_frame_check(const struct oyez_journal_record *record);

// oyez_frame_measure is the size in bytes of the frame of a record that oyez_frame_check accepted.
size_t oyez_frame_measure(const struct oyez_journal_record *record);

// oyez_frame_encode writes oyez_frame_measure bytes. A record with a commitment (each repeat needs
// one) takes the form of a commitment. Checksums continue from `seed`.
void oyez_frame_encode(uint8_t *out, const struct oyez_journal_record *record, uint64_t index,
                       uint32_t seed);

// oyez_frame_parse finds the frame of a record or a mark at the start of `available` bytes and
// checks its head. After a fault *out is not to be read, but for OYEZ_FRAME_VERSION.
enum oyez_frame_fault oyez_frame_parse(struct oyez_frame *out, const uint8_t *bytes,
                                       size_t available, uint32_t seed);

// oyez_frame_check_body checks the rest of a parsed frame.
enum oyez_frame_fault oyez_frame_check_body(const struct oyez_frame *frame, uint32_t seed);

// oyez_frame_record shows a parsed frame of a record whose body was checked; pointers lead into it.
void oyez_frame_record(const struct oyez_frame *frame, struct oyez_journal_record *out);

// oyez_frame_sum is the head checksum as stored: what the chain runs over.
uint32_t oyez_frame_sum(const struct oyez_frame *frame);

// oyez_frame_chain continues a chain with a frame.
uint32_t oyez_frame_chain(uint32_t chain, const struct oyez_frame *frame);

// oyez_frame_blank erases a whole event's frame in memory: its commitment takes the place of the body.
// Size, head, leaf and chain stay. `bytes` is where the parsed frame lies.
void oyez_frame_blank(uint8_t *bytes, const struct oyez_frame *frame,
                      const uint8_t commitment[OYEZ_LEAF_HASH_SIZE], uint32_t seed);

// oyez_frame_seal writes both checksums of a frame whose kept part ends at kept_end.
void oyez_frame_seal(uint8_t *frame, size_t size, size_t kept_end, uint32_t seed);

#endif
