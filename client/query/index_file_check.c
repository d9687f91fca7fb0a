// SPDX-License-Identifier: MIT
#include "index_file_state.h"
#include "oyez/little_endian.h"

static oyez_err check_pages(oyez_index_file *file)
{
    const struct oyez_index_page *page;
    oyez_err err = OYEZ_OK;
    for (uint64_t n = 0; err == OYEZ_OK && n * OYEZ_INDEX_PAYLOAD_SIZE < file->pages.size; n++)
        err = oyez_index_pages_get(&file->pages, n, &page);
    return err;
}

// Lists stand in the order of the keys, without holes: so no part of them is read twice.
static oyez_err check_list(oyez_index_file *file, const struct oyez_index_place *place,
                           uint32_t *lists_end)
{
    struct oyez_index_list list;
    uint32_t record;
    bool is_listed = (place->value & OYEZ_INDEX_LISTED) != 0;
    if (is_listed && place->value != (*lists_end | OYEZ_INDEX_LISTED))
        return oyez_index_pages_fail(&file->pages, oyez_index_entry_at(place->number),
                                     "a list is not where it should be");
    oyez_err err = oyez_index_list_begin(&list, file, place);
    while (err == OYEZ_OK && list.read < list.count)
        err = oyez_index_list_next(&list, &record);
    if (err == OYEZ_OK && is_listed)
        *lists_end = (uint32_t)(list.bytes.offset - oyez_index_lists_at(&file->header));
    return err;
}

static oyez_err check_keys(oyez_index_file *file)
{
    uint8_t bytes[OYEZ_INDEX_ENTRY_SIZE];
    uint64_t before = 0, key;
    uint32_t lists_end = 0;
    for (uint64_t n = 0; n < file->header.keys; n++, before = key) {
        bool has = false;
        oyez_err err =
            oyez_index_pages_read(&file->pages, oyez_index_entry_at(n), bytes, sizeof bytes);
        if (err)
            return err;
        const struct oyez_index_place place = {n, get_u32(bytes + 8)};
        key = get_u64(bytes);
        if (n > 0 && key <= before)
            return oyez_index_pages_fail(&file->pages, oyez_index_entry_at(n),
                                         "the keys do not ascend");
        err = oyez_index_file_has(file, key, &has);
        if (err == OYEZ_OK && !has)
            err = oyez_index_pages_fail(&file->pages, oyez_index_entry_at(n),
                                        "the filter lacks a key");
        if (err == OYEZ_OK)
            err = check_list(file, &place, &lists_end);
        if (err)
            return err;
    }
    return OYEZ_OK;
}

oyez_err oyez_index_file_check(oyez_index_file *file)
{
    oyez_err err = check_pages(file);
    if (err == OYEZ_OK)
        err = check_keys(file);
    for (size_t by = 0; err == OYEZ_OK && by < OYEZ_INDEX_COUNTS; by++)
        err = oyez_index_file_judge_counts(file, by);
    return err;
}
