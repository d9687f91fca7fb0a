// SPDX-License-Identifier: MIT
#include "index_set.h"

oyez_err oyez_index_source_has(const struct oyez_index_source *source, uint64_t key, bool *has)
{
    if (source->file != NULL)
        return oyez_index_file_has(source->file, key, has);
    *has = source->table != NULL && oyez_index_table_count(source->table, key) > 0;
    return OYEZ_OK;
}

oyez_err oyez_index_source_count(const struct oyez_index_source *source, uint64_t key,
                                 uint32_t *count)
{
    if (source->file != NULL)
        return oyez_index_file_count(source->file, key, count);
    *count = source->table != NULL ? oyez_index_table_count(source->table, key) : 0;
    return OYEZ_OK;
}

oyez_err oyez_index_source_find(const struct oyez_index_source *source, uint64_t key,
                                struct oyez_record_list *list)
{
    if (source->file != NULL)
        return oyez_index_file_find(source->file, key, list);
    return source->table != NULL ? oyez_index_table_find(source->table, key, list) : OYEZ_OK;
}

oyez_err oyez_index_source_tell(const struct oyez_index_source *source, enum oyez_index_count_by by,
                                oyez_index_tell *tell, void *arg)
{
    if (source->file != NULL)
        return oyez_index_file_tell(source->file, by, tell, arg);
    bool told = source->table != NULL && oyez_index_table_tell(source->table, by, tell, arg);
    return told ? OYEZ_OK : oyez_fail(OYEZ_ERR_TOO_LARGE, "more groups than are counted");
}
