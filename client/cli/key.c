// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "command.h"
#include "data_directory.h"
#include "message.h"
#include "oyez/key.h"

#define ANSWER_SIZE 4096u

struct key_values {
    const char *key;
    const char *directory;
    const char *origin;
};

struct key_call {
    const struct arguments *arguments;
    const struct key_values *values;
    const char *directory;
    char path[OYEZ_JOURNAL_PATH_SIZE];
};

static void print_verifier(const struct oyez_note_verifier *verifier)
{
    char text[OYEZ_NOTE_VKEY_SIZE];
    oyez_note_verifier_write(verifier, text);
    printf("%s\n", text);
}

static int make_key(struct key_call *call)
{
    struct oyez_note_signer signer;
    oyez_err err = oyez_key_make(&signer, call->path, call->values->origin, NULL);
    if (err == OYEZ_ERR_INVALID) {
        return command_usage_error(call->arguments->command, "--origin: %s", command_reason(err));
    }
    if (err != OYEZ_OK) {
        return command_fail_at(call->path, err);
    }
    print_verifier(&signer.verifier);
    oyez_note_signer_wipe(&signer);
    message_print("made %s: keep a copy of it where the journal's copies are not", call->path);
    return EXIT_DONE;
}

static int show_key(struct key_call *call)
{
    struct oyez_note_signer signer;
    oyez_err err = oyez_key_load(&signer, call->path, NULL);
    if (err == OYEZ_ERR_NOT_FOUND) {
        message_print("%s; name the key with --key, or its journal with --dir",
                      command_reason(err));
        return command_exit_code(err);
    }
    if (err != OYEZ_OK) {
        return command_fail_at(call->path, err);
    }
    print_verifier(&signer.verifier);
    oyez_note_signer_wipe(&signer);
    return EXIT_DONE;
}

static oyez_err rotate_here(const struct key_call *call, struct oyez_note_verifier *next)
{
    const struct oyez_journal_options options = {.key = call->path};
    oyez_journal_reader *reader = NULL;
    oyez_journal *journal = NULL;
    // Opening for writing would make a journal where there is none.
    oyez_err err = oyez_journal_reader_open(&reader, call->directory, NULL);
    oyez_journal_reader_close(&reader);
    if (err == OYEZ_OK) {
        err = oyez_journal_open(&journal, call->directory, &options, NULL);
    }
    if (err == OYEZ_OK) {
        err = oyez_journal_rotate_key(journal, next);
        oyez_err closed = oyez_journal_close(&journal);
        err = err != OYEZ_OK ? err : closed;
    }
    return err;
}

// The recorder answers {"key": VKEY} or {"error": TEXT}.
static int take_answer(const char *answer)
{
    json_t *object = json_loads(answer, 0, NULL);
    const char *key = json_string_value(json_object_get(object, "key"));
    const char *error = json_string_value(json_object_get(object, "error"));
    int code = EXIT_DONE;
    if (key != NULL) {
        printf("%s\n", key);
    } else {
        message_print("%s", error != NULL ? error : "the recorder's answer cannot be read");
        code = EXIT_ENVIRONMENT;
    }
    json_decref(object);
    return code;
}

static int rotate_key(struct key_call *call)
{
    char answer[ANSWER_SIZE];
    struct oyez_note_verifier next;
    oyez_err err = admin_ask(call->directory, "rotate-key", answer, sizeof answer);
    if (err == OYEZ_OK) {
        return take_answer(answer);
    }
    if (err != OYEZ_ERR_NOT_FOUND) {
        return command_fail_at(call->directory, err);
    }
    err = rotate_here(call, &next);
    if (err != OYEZ_OK) {
        return command_fail_at(call->directory, err);
    }
    print_verifier(&next);
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    static const struct {
        const char *name;
        int (*run)(struct key_call *call);
    } actions[] = {{"new", make_key}, {"show", show_key}, {"rotate", rotate_key}};
    struct key_call call = {.arguments = arguments, .values = arguments->values};
    const char *action = arguments->positional[0];
    call.directory = data_directory(call.values->directory);
    oyez_err err = OYEZ_OK;
    if (call.values->key == NULL) {
        err = oyez_key_default_path(call.path, call.directory);
    } else if ((size_t)snprintf(call.path, sizeof call.path, "%s", call.values->key) >=
               sizeof call.path) {
        err = oyez_fail(OYEZ_ERR_INVALID, "--key: too long a path");
    }
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(action, actions[i].name) == 0) {
            return actions[i].run(&call);
        }
    }
    return command_usage_error(arguments->command, "'%s' is none of new, show, rotate", action);
}

static const char *const usage[] = {"new [--key FILE] [--origin NAME]",
                                    "show [--key FILE|--dir DIR]",
                                    "rotate [--dir DIR] [--key FILE]", NULL};

static const struct command_option options[] = {
    {"--key", "FILE", "the signing key's file (default: DIR.key, beside the directory)",
     OPTION_TEXT, offsetof(struct key_values, key)},
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct key_values, directory)},
    {"--origin", "NAME", "what a new key is called (default: a name of its own)", OPTION_TEXT,
     offsetof(struct key_values, origin)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command key_command = {
    .name = "key",
    .summary = "make, show or rotate the key that signs a journal",
    .usage = usage,
    .notes = "Each prints the verifier key, which may be given to anybody; the signing key never\n"
             "leaves its file. A rotation is recorded in the journal, under the old key, and the\n"
             "next checkpoint is signed by both: whoever trusts the old key learns of the new. A\n"
             "recorder that writes DIR does it itself, asked over the socket DIR/admin.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .values_size = sizeof(struct key_values),
    .run = run,
};
