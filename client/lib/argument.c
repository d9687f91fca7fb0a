// SPDX-License-Identifier: MIT
#include "argument.h"

oyez_err argument_missing(const char *name)
{
    return oyez_fail(OYEZ_ERR_INVALID, "%s: is NULL", name);
}

oyez_err argument_out_of_range(const char *name, long long value)
{
    return oyez_fail(OYEZ_ERR_INVALID, "%s: %lld is none of its values", name, value);
}

oyez_err argument_check_texts(const char *name, const char *const *texts, size_t count)
{
    if (count != 0 && texts == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: is NULL, and should be %zu texts", name, count);
    for (size_t i = 0; i < count; i++) {
        if (texts[i] == NULL)
            return oyez_fail(OYEZ_ERR_INVALID, "%s: number %zu is NULL", name, i);
    }
    return OYEZ_OK;
}
