// SPDX-License-Identifier: MIT
#include "catalog_act.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "wire/field.h"

// FileDescriptorSet.file, FileDescriptorProto.source_code_info.
enum { SET_FILE = 1, FILE_SOURCE_INFO = 9 };

#define NAME_SIZE_MAX 255u
#define NUMBERS_SIZE (OYEZ_CATALOG_DIGEST_SIZE + 4u + 4u) // between version and part

bool oyez_catalog_digest(uint8_t out[OYEZ_CATALOG_DIGEST_SIZE], const void *bytes, size_t size)
{
    return EVP_Digest(bytes, size, out, NULL, EVP_sha256(), NULL) == 1;
}

// Copies a file's fields but for the comments, which are four fifths of it. Returns bytes written.
static size_t copy_file(uint8_t *out, const struct wire_field *file)
{
    struct wire_reader reader = {file->bytes, file->bytes + file->size};
    struct wire_field field;
    size_t size = 0;
    while (reader.at < reader.end) {
        const uint8_t *begin = reader.at;
        if (!wire_read_field(&reader, &field))
            break;
        if (field.number == FILE_SOURCE_INFO)
            continue;
        if (out != NULL)
            memcpy(out + size, begin, (size_t)(reader.at - begin));
        size += (size_t)(reader.at - begin);
    }
    return size;
}

static size_t strip(uint8_t *out, const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_field field;
    uint8_t *at = out;
    while (reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number != SET_FILE || field.type != WIRE_BYTES)
            continue;
        at = wire_write_tag(at, SET_FILE, WIRE_BYTES);
        at = wire_write_varint(at, copy_file(NULL, &field));
        at += copy_file(at, &field);
    }
    return (size_t)(at - out);
}

oyez_err oyez_stored_catalog_open(struct oyez_stored_catalog *out,
                                  const struct oyez_catalog *catalog)
{
    const void *bytes;
    size_t size;
    *out = (struct oyez_stored_catalog){.catalog = catalog};
    oyez_catalog_descriptor_set(catalog, &bytes, &size);
    out->bytes = bytes != NULL ? malloc(size + 1) : NULL;
    if (out->bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the catalog %s", catalog->name);
    out->size = strip(out->bytes, bytes, size);
    if (!oyez_catalog_digest(out->digest, out->bytes, out->size))
        return oyez_fail(OYEZ_ERR_SYSTEM, "SHA-256 failed in libcrypto");
    return OYEZ_OK;
}

void oyez_stored_catalog_close(struct oyez_stored_catalog *stored)
{
    free(stored->bytes);
    stored->bytes = NULL;
}

static uint8_t *put_text(uint8_t *out, const char *text)
{
    size_t size = strlen(text) < NAME_SIZE_MAX ? strlen(text) : NAME_SIZE_MAX;
    *out++ = (uint8_t)size;
    memcpy(out, text, size);
    return out + size;
}

bool oyez_stored_catalog_next(struct oyez_stored_catalog *stored, uint8_t *out, size_t *size)
{
    size_t part = stored->size - stored->told;
    if (part == 0)
        return false;
    if (part > OYEZ_CATALOG_PART_SIZE)
        part = OYEZ_CATALOG_PART_SIZE;
    uint8_t *at = out;
    *at++ = OYEZ_CATALOG_ACT_FORM;
    at = put_text(at, stored->catalog->name);
    at = put_text(at, stored->catalog->version);
    memcpy(at, stored->digest, sizeof stored->digest);
    at = put_number(at + sizeof stored->digest, stored->size, 4);
    at = put_number(at, stored->told, 4);
    memcpy(at, stored->bytes + stored->told, part);
    stored->told += part;
    *size = (size_t)(at + part - out);
    return true;
}

static bool read_text(const uint8_t **at, const uint8_t *end, const char **text, size_t *size)
{
    if (*at == end || (size_t)(end - *at) < 1u + **at)
        return false;
    *size = **at;
    *text = (const char *)(*at + 1);
    *at += 1 + *size;
    return true;
}

bool oyez_catalog_part_read(struct oyez_catalog_part *out, const uint8_t *act, size_t size)
{
    const uint8_t *at = act;
    const uint8_t *end = act + size;
    if (size == 0 || *at++ != OYEZ_CATALOG_ACT_FORM ||
        !read_text(&at, end, &out->name, &out->name_size) ||
        !read_text(&at, end, &out->version, &out->version_size) ||
        (size_t)(end - at) < NUMBERS_SIZE)
        return false;
    out->digest = at;
    out->size = (uint32_t)get_number(at + OYEZ_CATALOG_DIGEST_SIZE, 4);
    out->offset = (uint32_t)get_number(at + OYEZ_CATALOG_DIGEST_SIZE + 4, 4);
    out->bytes = at + NUMBERS_SIZE;
    out->part_size = (size_t)(end - out->bytes);
    return out->size <= OYEZ_CATALOG_SET_SIZE_MAX && out->part_size > 0 &&
           out->offset <= out->size && out->part_size <= out->size - out->offset;
}
