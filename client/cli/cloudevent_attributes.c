// SPDX-License-Identifier: MIT
#include "cloudevent_attributes.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define PATH_CHARACTERS UNRESERVED "!$&'()*+,;=:@"
#define SCHEME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define HEXADECIMAL "0123456789ABCDEFabcdef"

// Those that CloudEvents itself has a word for; the others lose their underscores.
static const struct {
    const char *field;
    const char *name;
} core[] = {
    {"event_id", "id"},          {"event_type", "type"},
    {"occurred_at", "time"},     {"schema_version", "dataschema"},
    {"aggregate_id", "subject"},
};

void cloudevent_field_name(char name[CLOUDEVENT_NAME_SIZE], const struct oyez_header_field *field)
{
    const char *from = field->name;
    for (size_t i = 0; i < sizeof core / sizeof core[0]; i++) {
        if (strcmp(core[i].field, field->name) == 0) {
            from = core[i].name;
        }
    }
    size_t size = 0;
    for (; *from != '\0'; from++) {
        assert(size + 1 < CLOUDEVENT_NAME_SIZE);
        if (*from != '_') {
            name[size++] = *from;
        }
    }
    name[size] = '\0';
}

const struct oyez_header_field *cloudevent_field_find(const char *name)
{
    char known[CLOUDEVENT_NAME_SIZE];
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        cloudevent_field_name(known, &oyez_header_fields[i]);
        if (strcmp(name, known) == 0) {
            return &oyez_header_fields[i];
        }
    }
    return NULL;
}

bool cloudevent_is_name(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz" DIGITS)] == '\0';
}

const char *cloudevent_next_character(const char *text, uint32_t *character)
{
    unsigned char first = (unsigned char)*text++;
    unsigned more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
    for (; more > 0; more--) {
        code = code << 6 | ((unsigned char)*text++ & 0x3Fu);
    }
    *character = code;
    return text;
}

bool cloudevent_may_hold(uint32_t character)
{
    bool control = character < 0x20 || (character >= 0x7F && character <= 0x9F);
    bool none = (character >= 0xFDD0 && character <= 0xFDEF) || (character & 0xFFFE) == 0xFFFE;
    return !control && !none;
}

bool cloudevent_is_string(const char *text)
{
    uint32_t character;
    if (*text == '\0') {
        return false;
    }
    while (*text != '\0') {
        text = cloudevent_next_character(text, &character);
        if (!cloudevent_may_hold(character)) {
            return false;
        }
    }
    return true;
}

// Characters of `set` and escaped ones, up to `end`. Returns where the first other one stands.
static const char *skip(const char *at, const char *end, const char *set)
{
    while (at < end) {
        bool escaped = end - at >= 3 && *at == '%' && strspn(at + 1, HEXADECIMAL) >= 2;
        if (!escaped && strchr(set, *at) == NULL) {
            break;
        }
        at += escaped ? 3 : 1;
    }
    return at;
}

// [user@]host[:port]
static bool is_authority(const char *at, const char *end)
{
    const char *host = memchr(at, '@', (size_t)(end - at));
    if (host != NULL) {
        if (skip(at, host, UNRESERVED "!$&'()*+,;=:") != host) {
            return false;
        }
        at = host + 1;
    }
    at = skip(at, end, UNRESERVED "!$&'()*+,;=");
    return at == end || (*at == ':' && skip(at + 1, end, DIGITS) == end);
}

bool cloudevent_is_uri_reference(const char *text)
{
    const char *end = text + strlen(text);
    const char *colon = text + strcspn(text, ":/?#");
    if (text == end) {
        return false;
    }
    if (*colon == ':') {
        bool scheme =
            strchr(LETTERS, *text) != NULL && text + strspn(text, SCHEME_CHARACTERS) == colon;
        if (!scheme) {
            return false;
        }
        text = colon + 1;
    }
    if (strncmp(text, "//", 2) == 0) {
        const char *path = text + 2 + strcspn(text + 2, "/?#");
        if (!is_authority(text + 2, path)) {
            return false;
        }
        text = path;
    }
    text = skip(text, end, PATH_CHARACTERS "/");
    if (*text == '?') {
        text = skip(text + 1, end, PATH_CHARACTERS "/?");
    }
    if (*text == '#') {
        text = skip(text + 1, end, PATH_CHARACTERS "/?");
    }
    return text == end;
}

static bool name_uuid(struct oyez_uuid *uuid, const char *name)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context != NULL && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
                EVP_DigestUpdate(context, uuid->bytes, sizeof uuid->bytes) == 1 &&
                EVP_DigestUpdate(context, name, strlen(name)) == 1 &&
                EVP_DigestFinal_ex(context, digest, &size) == 1;
    EVP_MD_CTX_free(context);
    if (made) {
        memcpy(uuid->bytes, digest, sizeof uuid->bytes);
        uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0F) | 0x50);
        uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3F) | 0x80);
    }
    return made;
}

bool cloudevent_id_of(struct oyez_uuid *out, const char *source, const char *id)
{
    // RFC 9562, 6.6: the name space of URLs.
    static const struct oyez_uuid urls = {{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80,
                                           0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
    *out = urls;
    return name_uuid(out, source) && name_uuid(out, id);
}
