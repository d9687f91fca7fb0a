// SPDX-License-Identifier: MIT
#include "page.h"

#include <assert.h>
#include <pb_encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct oyez_page *page)
{
    size_t count = page->answer.indexes_count;
    return count > 0 ? page->ends[count - 1] : 0;
}

void oyez_page_begin(struct oyez_page *page, uint64_t request_id)
{
    // Counts say what of its 40 kB is in use: to clear them all would take longer than many an
    // answer.
    oyez_v1_QueryAnswer *answer = &page->answer;
    answer->request_id = request_id;
    answer->fault = oyez_v1_QueryFault_QUERY_FAULT_NONE;
    answer->text[0] = '\0';
    answer->indexes_count = answer->groups_count = answer->marks_count = 0;
    answer->next_index = answer->next_group = 0;
    answer->complete_epoch = answer->complete_position = 0;
    answer->has_explain = false;
    memset(&answer->explain, 0, sizeof answer->explain);
    page->other = (struct oyez_query_frame){NULL, 0};
}

void oyez_page_set_other(struct oyez_page *page, const void *bytes, size_t size)
{
    assert(page->answer.indexes_count == 0);
    page->other = (struct oyez_query_frame){bytes, size};
}

void oyez_page_free(struct oyez_page *page)
{
    free(page->bytes);
    page->bytes = NULL;
    page->room = 0;
}

bool oyez_page_takes(const struct oyez_page *page, size_t size)
{
    size_t count = page->answer.indexes_count;
    return count == 0 || (count < OYEZ_PAGE_EVENTS_MAX && size <= OYEZ_PAGE_BYTES_MAX &&
                          size_of(page) <= OYEZ_PAGE_BYTES_MAX - size);
}

oyez_err oyez_page_add(struct oyez_page *page, size_t size, uint64_t index, uint8_t **out)
{
    size_t used = size_of(page);
    assert(oyez_page_takes(page, size));
    if (page->room < used + size) {
        size_t room = used + size > OYEZ_PAGE_BYTES_MAX ? used + size : OYEZ_PAGE_BYTES_MAX;
        uint8_t *bytes = realloc(page->bytes, room);
        if (bytes == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a page of %zu bytes", room);
        page->bytes = bytes;
        page->room = room;
    }
    page->answer.indexes[page->answer.indexes_count] = index;
    page->ends[page->answer.indexes_count++] = used + size;
    *out = page->bytes + used;
    return OYEZ_OK;
}

bool oyez_page_mark(struct oyez_page *page, const struct oyez_journal_record *record)
{
    oyez_v1_QueryAnswer *answer = &page->answer;
    bool is_gap = record->kind == OYEZ_RECORD_GAP;
    if (!is_gap && record->kind != OYEZ_RECORD_EPOCH_END)
        return true;
    if (answer->marks_count == sizeof answer->marks / sizeof answer->marks[0])
        return false;
    oyez_v1_Mark *mark = &answer->marks[answer->marks_count++];
    *mark = (oyez_v1_Mark){.kind = is_gap ? oyez_v1_MarkKind_MARK_KIND_GAP
                                          : oyez_v1_MarkKind_MARK_KIND_EPOCH_END,
                           .epoch = record->epoch,
                           .first = is_gap ? record->position : 0,
                           .last = is_gap ? record->last_position : record->position,
                           .next_epoch = record->next_epoch,
                           .highest = record->highest_position,
                           .clean = record->clean};
    return true;
}

bool oyez_page_mark_expired(struct oyez_page *page, uint64_t epoch, uint64_t first, uint64_t last)
{
    oyez_v1_QueryAnswer *answer = &page->answer;
    if (first > last)
        return true;
    if (answer->marks_count == sizeof answer->marks / sizeof answer->marks[0])
        return false;
    answer->marks[answer->marks_count++] = (oyez_v1_Mark){
        .kind = oyez_v1_MarkKind_MARK_KIND_EXPIRED, .epoch = epoch, .first = first, .last = last};
    return true;
}

static oyez_v1_QueryFault fault_of(oyez_err err)
{
    switch (err) {
    case OYEZ_ERR_INVALID:
    case OYEZ_ERR_TOO_LARGE:
        return oyez_v1_QueryFault_QUERY_FAULT_INVALID;
    case OYEZ_ERR_NOT_FOUND:
        return oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND;
    case OYEZ_ERR_CORRUPT:
    case OYEZ_ERR_VERSION:
        return oyez_v1_QueryFault_QUERY_FAULT_CORRUPT;
    default:
        return oyez_v1_QueryFault_QUERY_FAULT_IO;
    }
}

void oyez_page_refuse(struct oyez_page *page, oyez_err err)
{
    uint64_t request_id = page->answer.request_id;
    const char *detail = oyez_error_detail();
    oyez_page_begin(page, request_id);
    page->answer.fault = fault_of(err);
    int size = snprintf(page->answer.text, sizeof page->answer.text, "%s",
                        detail[0] != '\0' ? detail : oyez_strerror(err));
    // A pattern of a peer may be no text, or be cut within a character; the answer must be text.
    for (int i = 0; i < size && i < (int)sizeof page->answer.text - 1; i++)
        if ((unsigned char)page->answer.text[i] >= 0x80)
            page->answer.text[i] = '?';
}

void oyez_page_finish(struct oyez_page *page, struct oyez_query_page *out)
{
    pb_ostream_t stream = pb_ostream_from_buffer(page->first, sizeof page->first);
    bool encoded = pb_encode(&stream, oyez_v1_QueryAnswer_fields, &page->answer);
    assert(encoded); // its largest size is the buffer's
    (void)encoded;
    page->frames[0] = (struct oyez_query_frame){page->first, stream.bytes_written};
    size_t begin = 0;
    for (size_t i = 0; i < page->answer.indexes_count; i++) {
        page->frames[i + 1] = (struct oyez_query_frame){page->bytes + begin, page->ends[i] - begin};
        begin = page->ends[i];
    }
    size_t count = 1u + page->answer.indexes_count;
    if (page->other.bytes != NULL)
        page->frames[count++] = page->other;
    *out = (struct oyez_query_page){page->frames, count};
}
