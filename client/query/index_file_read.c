// SPDX-License-Identifier: MIT
// The parts of a file of an index that are read one thing after the other: lists and summaries.
#include "index_counts.h"
#include "index_file_state.h"

oyez_err oyez_index_list_begin(struct oyez_index_list *list, oyez_index_file *file,
                               const struct oyez_index_place *place)
{
    uint64_t begin = oyez_index_lists_at(&file->header), count;
    uint64_t end = begin + file->header.lists_size;
    *list = (struct oyez_index_list){.records = file->header.records, .count = 1};
    list->last = place->value;
    if ((place->value & OYEZ_INDEX_LISTED) == 0) {
        if (place->value < list->records)
            return OYEZ_OK;
        return oyez_index_pages_fail(&file->pages, oyez_index_entry_at(place->number),
                                     "a key leads to no record of the segment");
    }
    begin += place->value & ~OYEZ_INDEX_LISTED;
    oyez_index_bytes_begin(&list->bytes, &file->pages, begin, end);
    oyez_err err = oyez_index_bytes_varint(&list->bytes, list->records, &count);
    // Each of them takes a byte at least.
    if (err == OYEZ_OK && (count < 2 || count > end - list->bytes.offset))
        err = oyez_index_pages_fail(&file->pages, begin, "a list of that size cannot be");
    if (err == OYEZ_OK)
        list->count = (uint32_t)count;
    return err;
}

oyez_err oyez_index_list_next(struct oyez_index_list *list, uint32_t *record)
{
    uint64_t step;
    if (list->bytes.pages == NULL) { // the only one stands in the entry
        *record = list->last;
        list->read++;
        return OYEZ_OK;
    }
    uint32_t base = list->read > 0 ? list->last : 0;
    oyez_err err = oyez_index_bytes_varint(&list->bytes, list->records - 1 - base, &step);
    if (err)
        return err;
    if (step == 0 && list->read > 0)
        return oyez_index_pages_fail(list->bytes.pages, list->bytes.offset - 1,
                                     "a list that does not ascend");
    list->last = base + (uint32_t)step;
    list->read++;
    *record = list->last;
    return OYEZ_OK;
}

// Adds the events of the group to *sum, which are all of the segment's records at most.
static oyez_err read_group(struct oyez_index_bytes *bytes, uint64_t records, uint64_t *sum,
                           char name[OYEZ_GROUP_NAME_MAX], uint64_t *size, uint64_t *count)
{
    oyez_err err = oyez_index_bytes_varint(bytes, OYEZ_GROUP_NAME_MAX, size);
    if (err == OYEZ_OK)
        err = oyez_index_bytes_copy(bytes, name, (size_t)*size);
    if (err == OYEZ_OK)
        err = oyez_index_bytes_varint(bytes, records - *sum, count);
    if (err == OYEZ_OK)
        *sum += *count;
    return err;
}

// Without `tell` it judges the whole summary.
static oyez_err read_counts(oyez_index_file *file, size_t by, oyez_index_tell *tell, void *arg)
{
    const struct oyez_index_header *header = &file->header;
    uint64_t offset = oyez_index_counts_at(header, by), sum = 0, size, count;
    struct oyez_index_bytes bytes;
    char name[OYEZ_GROUP_NAME_MAX];
    oyez_index_bytes_begin(&bytes, &file->pages, offset, offset + header->counts[by].size);
    for (uint32_t i = 0; i < header->counts[by].groups; i++) {
        oyez_err err = read_group(&bytes, header->records, &sum, name, &size, &count);
        if (err)
            return err;
        if (tell != NULL && !tell(arg, name, (size_t)size, count))
            return OYEZ_OK;
    }
    if (bytes.offset != bytes.end)
        return oyez_index_pages_fail(&file->pages, bytes.offset, "a summary has more than groups");
    return OYEZ_OK;
}

oyez_err oyez_index_file_judge_counts(oyez_index_file *file, size_t by)
{
    if (file->header.counts[by].groups != OYEZ_INDEX_UNCOUNTED)
        return read_counts(file, by, NULL, NULL);
    if (file->header.counts[by].size == 0)
        return OYEZ_OK;
    return oyez_index_pages_fail(&file->pages, oyez_index_counts_at(&file->header, by),
                                 "a summary that was not counted has groups");
}

oyez_err oyez_index_file_tell(oyez_index_file *file, enum oyez_index_count_by by,
                              oyez_index_tell *tell, void *arg)
{
    if (file->header.counts[by].groups == OYEZ_INDEX_UNCOUNTED)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: more groups than are counted", file->pages.path);
    // Nothing is told of a summary that ends in damage: nobody could take it back.
    oyez_err err = oyez_index_file_judge_counts(file, by);
    return err ? err : read_counts(file, by, tell, arg);
}
