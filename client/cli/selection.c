// SPDX-License-Identifier: MIT
#include "selection.h"

int selection_check(const struct arguments *arguments, const struct text_list *where,
                    oyez_filter **filter)
{
    *filter = NULL;
    for (size_t i = 0; i < arguments->positional_count; i++) {
        if (oyez_pattern_check(arguments->positional[i]) != OYEZ_OK) {
            return command_usage_error(arguments->command, "%s", oyez_error_detail());
        }
    }
    if (where->count > 0 && oyez_filter_open(filter, where->items, where->count) != OYEZ_OK) {
        return command_usage_error(arguments->command, "--where: %s", oyez_error_detail());
    }
    return EXIT_DONE;
}
