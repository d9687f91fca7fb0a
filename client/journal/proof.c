// SPDX-License-Identifier: MIT
//  c2sp.org/tlog-proof@v1 \n  extra BASE64 \n  index N \n  (BASE64 \n)* \n  signed note
#include "oyez/proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oyez/base64.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";

struct text {
    char *at;
    size_t left;
    bool full;
};

static void put(struct text *text, const char *bytes, size_t size)
{
    text->full = text->full || size > text->left;
    if (text->full)
        return;
    memcpy(text->at, bytes, size);
    text->at += size;
    text->left -= size;
}

static void put_base64(struct text *text, const uint8_t *bytes, size_t size)
{
    text->full = text->full || oyez_base64_size(size) > text->left;
    if (text->full)
        return;
    size_t written = oyez_base64_encode(text->at, bytes, size);
    text->at += written;
    text->left -= written;
}

oyez_err oyez_proof_write(const struct oyez_proof *proof, char *out, size_t room, size_t *size)
{
    struct text text = {.left = room};
    char index[32];

    text.at = out;
    put(&text, first_line, strlen(first_line));
    if (proof->leaf_size > 0) {
        put(&text, "\nextra ", 7);
        put_base64(&text, proof->leaf, proof->leaf_size);
    }
    put(&text, index,
        (size_t)snprintf(index, sizeof(index), "\nindex %" PRIu64 "\n", proof->index));
    for (size_t i = 0; i < proof->path.count; i++) {
        put_base64(&text, proof->path.hashes[i].bytes, sizeof(proof->path.hashes[i].bytes));
        put(&text, "\n", 1);
    }
    put(&text, "\n", 1);
    put(&text, proof->checkpoint, proof->checkpoint_size);
    if (text.full)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a proof of more than %zu bytes", room);
    *size = room - text.left;
    return OYEZ_OK;
}

static oyez_err malformed(const char *what)
{
    return oyez_fail(OYEZ_ERR_MALFORMED, "proof: %s", what);
}

// The next line without its newline; NULL: there is none.
static const char *next_line(const char **at, const char *end, size_t *size)
{
    const char *line = *at;
    const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

    if (newline == NULL)
        return NULL;
    *size = (size_t)(newline - line);
    *at = newline + 1;
    return line;
}

static bool begins(const char *line, size_t size, const char *with)
{
    return size > strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

static bool read_index(const char *text, size_t size, uint64_t *out)
{
    *out = 0;
    if (size == 0 || (size > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < size; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (text[i] < '0' || text[i] > '9' || *out > (UINT64_MAX - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return true;
}

static oyez_err read_hashes(struct oyez_proof *out, const char **at, const char *end)
{
    const char *line;
    size_t size, decoded;

    while ((line = next_line(at, end, &size)) != NULL && size > 0) {
        if (out->path.count == OYEZ_TREE_PROOF_MAX)
            return malformed("too many hashes");
        if (!oyez_base64_decode(out->path.hashes[out->path.count].bytes, OYEZ_LEAF_HASH_SIZE,
                                &decoded, line, size) ||
            decoded != OYEZ_LEAF_HASH_SIZE)
            return malformed("a line that is no hash");
        out->path.count++;
    }
    return line != NULL ? OYEZ_OK : malformed("no checkpoint behind an empty line");
}

oyez_err oyez_proof_read(struct oyez_proof *out, const void *bytes, size_t size,
                         uint8_t leaf[OYEZ_LEAF_SIZE_MAX])
{
    const char *at = bytes, *end = at + size;
    size_t length;

    *out = (struct oyez_proof){.leaf = leaf};
    if (size > OYEZ_PROOF_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "proof of %zu bytes, %u allowed", size,
                         OYEZ_PROOF_SIZE_MAX);
    const char *line = next_line(&at, end, &length);
    if (line == NULL || length != strlen(first_line) || memcmp(line, first_line, length) != 0)
        return malformed("does not begin with \"c2sp.org/tlog-proof@v1\"");
    line = next_line(&at, end, &length);
    if (line != NULL && begins(line, length, "extra ")) {
        if (!oyez_base64_decode(leaf, OYEZ_LEAF_SIZE_MAX, &out->leaf_size, line + 6, length - 6))
            return malformed("its extra line is no base64, or too long");
        line = next_line(&at, end, &length);
    }
    if (line == NULL || !begins(line, length, "index ") ||
        !read_index(line + 6, length - 6, &out->index))
        return malformed("no good index line");
    oyez_err err = read_hashes(out, &at, end);
    out->checkpoint = at;
    out->checkpoint_size = (size_t)(end - at);
    return err;
}

oyez_err oyez_proof_check(const struct oyez_proof *proof, oyez_leaf_hasher *hasher,
                          const struct oyez_note_verifier *keys, size_t key_count,
                          struct oyez_checkpoint *checkpoint, size_t *key)
{
    struct oyez_checkpoint opened;
    struct oyez_hash hash = {0};

    if (proof->leaf_size == 0)
        return oyez_fail(OYEZ_ERR_INVALID, "the proof holds no leaf in an extra line");
    oyez_err err = oyez_checkpoint_open(&opened, proof->checkpoint, proof->checkpoint_size, keys,
                                        key_count, key);
    if (err == OYEZ_OK)
        err = oyez_leaf_hash(hasher, proof->leaf, proof->leaf_size, hash.bytes);
    if (err == OYEZ_OK)
        err = oyez_tree_check_inclusion(hasher, &hash, proof->index, opened.size, &opened.root,
                                        &proof->path);
    if (err == OYEZ_OK && checkpoint != NULL)
        *checkpoint = opened;
    return err;
}
