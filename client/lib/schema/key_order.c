// SPDX-License-Identifier: MIT
#include "schema/key_order.h"

struct order {
    uint32_t *keys;
    const void *base;
    key_compare *compare;
};

static void sift(const struct order *order, size_t root, size_t count)
{
    uint32_t *keys = order->keys;
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && order->compare(order->base, keys[child], keys[child + 1]) < 0)
            child++;
        if (order->compare(order->base, keys[root], keys[child]) >= 0)
            return;
        uint32_t smaller = keys[root];
        keys[root] = keys[child];
        keys[child] = smaller;
    }
}

// A heap sort: no input makes it slow.
static void sort(const struct order *order, size_t count)
{
    for (size_t root = count / 2; root > 0; root--)
        sift(order, root - 1, count);
    for (size_t last = count; last > 1; last--) {
        uint32_t largest = order->keys[0];
        order->keys[0] = order->keys[last - 1];
        order->keys[last - 1] = largest;
        sift(order, 0, last - 1);
    }
}

bool keys_repeat(uint32_t *keys, size_t count, const void *base, key_compare *compare,
                 uint32_t *which)
{
    struct order order = {keys, base, compare};
    sort(&order, count);
    for (size_t i = 1; i < count; i++) {
        if (compare(base, keys[i - 1], keys[i]) == 0) {
            *which = keys[i];
            return true;
        }
    }
    return false;
}
