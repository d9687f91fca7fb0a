// SPDX-License-Identifier: MIT
// Descriptor sets for tests: text of a .proto through protoc, as a user does it.
#ifndef OYEZ_COMPILED_CATALOG_H
#define OYEZ_COMPILED_CATALOG_H

#include <stddef.h>
#include <stdint.h>

struct compiled_catalog {
    uint8_t *bytes;
    size_t size;
};

// compile_proto compiles one file of that name, "shop.proto", with imports and comments. Fails the
// test when protoc does. Free the bytes.
struct compiled_catalog compile_proto(const char *name, const char *text);

// compile_catalog does so with a catalog of that name and version: `options` go into its option,
// `body` follows.
struct compiled_catalog compile_catalog(const char *name, const char *version, const char *options,
                                        const char *body);

// load_catalog compiles and adds it; the test fails when it is refused.
void load_catalog(const char *name, const char *version, const char *options, const char *body);

#endif
