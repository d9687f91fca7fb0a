// SPDX-License-Identifier: MIT
#include "verifying_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "oyez/key.h"
#include "whole_file.h"

#define SIGNING_KEY "PRIVATE+KEY+"

static oyez_err read_text(struct verifying_key *key, const char *text)
{
    struct oyez_note_signer signer;
    if (strncmp(text, SIGNING_KEY, strlen(SIGNING_KEY)) != 0) {
        return oyez_note_verifier_read(&key->verifier, text);
    }
    oyez_err err = oyez_note_signer_read(&signer, text);
    key->verifier = signer.verifier;
    key->outside = false;
    oyez_note_signer_wipe(&signer);
    return err;
}

static int read_file(struct verifying_key *key, const char *path)
{
    uint8_t *bytes = NULL;
    size_t size;
    oyez_err err = whole_file_read(path, OYEZ_NOTE_SIZE_MAX, &bytes, &size);
    if (err != OYEZ_OK) {
        message_print("--key: no verifier key, and no file either: %s", command_reason(err));
        return EXIT_USAGE;
    }
    char *newline = strchr((char *)bytes, '\n');
    if (newline != NULL) {
        *newline = '\0';
    }
    key->file = path;
    err = read_text(key, (const char *)bytes);
    memset(bytes, 0, size);
    free(bytes);
    return err == OYEZ_OK ? EXIT_DONE : command_fail_at(path, err);
}

static int read_beside(struct verifying_key *key, const char *directory)
{
    static char path[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_note_signer signer = {0};
    oyez_err err = oyez_key_default_path(path, directory);
    if (err == OYEZ_OK) {
        err = oyez_key_load(&signer, path, NULL);
    }
    key->found = err == OYEZ_OK;
    if (key->found) {
        key->verifier = signer.verifier;
        key->file = path;
        oyez_note_signer_wipe(&signer);
    }
    return EXIT_DONE;
}

int verifying_key_read(struct verifying_key *key, const char *given, const char *directory)
{
    *key = (struct verifying_key){0};
    if (given == NULL) {
        return read_beside(key, directory);
    }
    key->found = true;
    key->outside = true;
    if (read_text(key, given) == OYEZ_OK) {
        return EXIT_DONE;
    }
    return read_file(key, given);
}
