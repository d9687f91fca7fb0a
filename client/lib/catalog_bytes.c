// SPDX-License-Identifier: MIT
// A catalog's own descriptor set: its file and what that imports, imports first, in the order of
// the import lines. The order does not depend on the set that the catalog came in, so the bytes of
// one file compiled with one protoc are the same everywhere.
#include <stdlib.h>
#include <string.h>

#include "catalog_set.h"
#include "wire/field.h"

enum { SET_FILE = 1 };

struct walk {
    uint32_t order[DESCRIPTOR_FILES_MAX]; // files whose imports are all before them
    size_t count;
    uint32_t stack[DESCRIPTOR_FILES_MAX];
    size_t next_import[DESCRIPTOR_FILES_MAX]; // of the file at that level
    bool seen[DESCRIPTOR_FILES_MAX];
};

static void order_files(struct walk *walk, const struct descriptor_set *set, uint32_t file)
{
    size_t depth = 1;
    walk->stack[0] = file;
    walk->seen[file] = true;
    while (depth > 0) {
        const struct descriptor_file *top = &set->files[walk->stack[depth - 1]];
        size_t next = walk->next_import[depth - 1]++;
        if (next == top->import_count) {
            walk->order[walk->count++] = walk->stack[--depth];
            continue;
        }
        uint32_t import = top->imports[next];
        if (walk->seen[import])
            continue;
        walk->seen[import] = true;
        walk->stack[depth] = import;
        walk->next_import[depth++] = 0;
    }
}

static struct catalog_bytes *make_bytes(const struct catalog *catalog)
{
    const struct descriptor_set *set = catalog->set;
    struct walk *walk = calloc(1, sizeof *walk);
    struct catalog_bytes *made = NULL;
    if (walk == NULL)
        goto done;
    order_files(walk, set, catalog->file);
    size_t size = 0;
    for (size_t i = 0; i < walk->count; i++)
        size += wire_bytes_field_size(SET_FILE, set->files[walk->order[i]].bytes.size);
    made = malloc(sizeof *made + size);
    if (made == NULL)
        goto done;
    made->size = size;
    uint8_t *end = made->bytes;
    for (size_t i = 0; i < walk->count; i++) {
        struct descriptor_slice bytes = set->files[walk->order[i]].bytes;
        end = wire_write_bytes_field(end, SET_FILE, bytes.bytes, bytes.size);
    }
done:
    free(walk);
    return made;
}

const struct catalog_bytes *catalog_bytes_of(const struct catalog *catalog)
{
    // The catalog itself is ours and not constant.
    struct catalog *own = (struct catalog *)(uintptr_t)catalog;
    struct catalog_bytes *bytes = atomic_load(&own->bytes);
    if (bytes != NULL)
        return bytes;
    struct catalog_bytes *made = make_bytes(catalog);
    if (made != NULL && !atomic_compare_exchange_strong(&own->bytes, &bytes, made)) {
        free(made);
        return bytes;
    }
    return made;
}

void oyez_catalog_descriptor_set(const struct oyez_catalog *catalog, const void **bytes,
                                 size_t *size)
{
    if (bytes == NULL || size == NULL)
        return;
    *bytes = NULL;
    *size = 0;
    if (catalog == NULL)
        return;
    const struct catalog_bytes *own = catalog_bytes_of((const struct catalog *)catalog);
    *bytes = own != NULL ? own->bytes : NULL;
    *size = own != NULL ? own->size : 0;
}
