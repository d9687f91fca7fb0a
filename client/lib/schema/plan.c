// SPDX-License-Identifier: MIT
#include "schema/plan.h"

#include <string.h>

const struct plan_field *plan_field_by_number(const struct plan *plan, uint32_t number)
{
    if (number < plan->by_number_count) {
        uint16_t place = plan->by_number[number];
        return place != 0 ? &plan->fields[place - 1] : NULL;
    }
    size_t low = 0;
    size_t high = plan->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plan->fields[middle].number == number)
            return &plan->fields[middle];
        if (plan->fields[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

int plan_text_compare(const struct plan_text *text, const char *other, size_t size)
{
    if (text->size != size)
        return text->size < size ? -1 : 1;
    return size > 0 ? memcmp(text->text, other, size) : 0;
}

const struct plan_field *plan_field_by_name(const struct plan *plan, const char *name, size_t size)
{
    size_t low = 0;
    size_t high = plan->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct plan_field *field = &plan->fields[plan->by_name[middle]];
        int order = plan_text_compare(&field->name, name, size);
        if (order == 0)
            return field;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct plan_enum_value *plan_enum_by_number(const struct plan_enum *e, int32_t number)
{
    size_t low = 0;
    size_t high = e->count;
    // The lowest index of that number: the first declared.
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->values[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < e->count && e->values[low].number == number ? &e->values[low] : NULL;
}

const struct plan_enum_value *plan_enum_by_name(const struct plan_enum *e, const char *name,
                                                size_t size)
{
    size_t low = 0;
    size_t high = e->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct plan_enum_value *value = &e->values[e->by_name[middle]];
        int order = plan_text_compare(&value->name, name, size);
        if (order == 0)
            return value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
