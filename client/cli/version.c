// SPDX-License-Identifier: MIT
#include <czmq.h>
#include <jansson.h>

#include "command.h"
#include "oyez/limits.h"

struct version_values {
    bool json;
};

static int run(const struct arguments *arguments)
{
    const struct version_values *values = arguments->values;
    int zmq[3];
    int czmq[3];
    char zmq_text[40];
    char czmq_text[40];
    zmq_version(&zmq[0], &zmq[1], &zmq[2]);
    zsys_version(&czmq[0], &czmq[1], &czmq[2]);
    snprintf(zmq_text, sizeof zmq_text, "%d.%d.%d", zmq[0], zmq[1], zmq[2]);
    snprintf(czmq_text, sizeof czmq_text, "%d.%d.%d", czmq[0], czmq[1], czmq[2]);
    if (!values->json) {
        printf("oyez %s\nprotocol %u\nlibzmq %s\nczmq %s\n", OYEZ_VERSION, OYEZ_PROTOCOL_VERSION,
               zmq_text, czmq_text);
        return EXIT_DONE;
    }
    json_t *object = json_pack("{s:s, s:i, s:s, s:s}", "oyez", OYEZ_VERSION, "protocol",
                               (int)OYEZ_PROTOCOL_VERSION, "libzmq", zmq_text, "czmq", czmq_text);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
    return EXIT_DONE;
}

static const char *const usage[] = {"[--json]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "as one JSON object", OPTION_FLAG, offsetof(struct version_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command version_command = {
    .name = "version",
    .summary = "print the versions of oyez, its protocol and its libraries",
    .usage = usage,
    .options = options,
    .values_size = sizeof(struct version_values),
    .run = run,
};
