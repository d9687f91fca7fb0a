// SPDX-License-Identifier: MIT
#include <czmq.h>

#include "command.h"
#include "deadline.h"
#include "demo.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "oyez/broker.h"
#include "oyez/catalog.h"
#include "oyez/client.h"
#include "oyez/uuid.h"
#include "print_event.h"
#include "serve_recorder.h"
#include "serve_reload.h"
#include "terminal.h"
#include "wire/endpoint.h"

#define NOT_GIVEN (-1)
#define CONNECT_MS 5000u

struct serve_values {
    bool demo;
    int64_t for_ms;
};

struct server {
    const struct arguments *arguments;
    const struct serve_values *values;
    oyez_settings *settings; // SIGHUP makes them anew
    struct terminal terminal;
    oyez_broker *broker;
    struct serve_recorder recorder;
    oyez_client *client; // prints the demo's events
    oyez_subscription *subscription;
    demo *story;
    int64_t ends_at; // by --for
};

static void take_log(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    message_log(severity, line);
}

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    (void)arg;
    message_notice(notice);
}

static void take_event(void *arg, const struct oyez_event *event)
{
    struct server *server = arg;
    output_keep(print_event(stdout, &server->terminal, event));
    output_flush();
}

static int open_broker(struct server *server)
{
    struct oyez_broker_options options = {.on_log = take_log};
    oyez_broker_options_read(&options, server->settings);
    if (oyez_settings_text(server->settings, OYEZ_SETTING_BROKER_LISTEN) == NULL) {
        options.listen = server->arguments->endpoint;
    }
    oyez_err err = oyez_broker_open(&server->broker, &options);
    // An address that is none is a mistake on the command line, not a refusal.
    if (err == OYEZ_ERR_INVALID) {
        return command_usage_error(server->arguments->command, "%s", command_reason(err));
    }
    if (err == OYEZ_ERR_IN_USE || err == OYEZ_ERR_SYSTEM) {
        message_print("%s; %s with --listen", command_reason(err),
                      err == OYEZ_ERR_IN_USE ? "stop what listens there, or choose another address"
                                             : "choose an address of this machine");
        return command_exit_code(err);
    }
    return err == OYEZ_OK ? EXIT_DONE : command_fail(err);
}

// Where this process itself reaches its broker: a wildcard address is no place
// to connect to.
static void reach_self(const struct server *server, char reached[OYEZ_ENDPOINT_SIZE_MAX])
{
    struct oyez_endpoint endpoint;
    const char *bound = oyez_broker_endpoint(server->broker);
    if (oyez_endpoint_parse(&endpoint, bound) != OYEZ_OK) {
        snprintf(reached, OYEZ_ENDPOINT_SIZE_MAX, "%s", bound);
        return;
    }
    if (endpoint.transport == OYEZ_TRANSPORT_TCP &&
        (streq(endpoint.host, "0.0.0.0") || streq(endpoint.host, "*"))) {
        snprintf(endpoint.host, sizeof endpoint.host, "127.0.0.1");
    } else if (endpoint.transport == OYEZ_TRANSPORT_TCP && streq(endpoint.host, "[::]")) {
        snprintf(endpoint.host, sizeof endpoint.host, "[::1]");
    }
    oyez_endpoint_format(&endpoint, reached);
}

static int open_demo(struct server *server)
{
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    reach_self(server, endpoint);
    struct oyez_client_options options = {
        .endpoint = endpoint, .name = "oyez serve", .on_notice = take_notice};
    struct oyez_subscription_options subscription = {.handler = take_event, .handler_arg = server};
    // Every start tells another story.
    struct oyez_uuid uuid = oyez_uuid_new();
    uint64_t seed;
    memcpy(&seed, uuid.bytes + OYEZ_UUID_SIZE - sizeof seed, sizeof seed);

    oyez_err err = oyez_client_open(&server->client, &options, CONNECT_MS);
    if (err == OYEZ_OK) {
        err = oyez_subscription_open(&server->subscription, server->client, &subscription,
                                     CONNECT_MS);
    }
    if (err == OYEZ_OK) {
        err = demo_start(&server->story, endpoint, seed);
    }
    return err == OYEZ_OK ? EXIT_DONE : command_fail(err);
}

static bool has_recorder(const oyez_settings *settings)
{
    return oyez_settings_number(settings, OYEZ_SETTING_BROKER_RECORDER) == 1;
}

static int open_recorder(struct server *server)
{
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    struct oyez_recorder_options options = {.endpoint = NULL};
    if (!has_recorder(server->settings)) {
        return EXIT_DONE;
    }
    reach_self(server, endpoint);
    if (oyez_recorder_options_read(&options, server->settings) != OYEZ_OK) {
        message_print("%s", oyez_error_detail());
        return EXIT_USAGE;
    }
    options.endpoint = endpoint;
    options.mirror = false; // it is the broker's own
    return serve_recorder_open(&server->recorder, &options);
}

static int end_by_timer(zloop_t *loop, int timer, void *arg)
{
    (void)loop;
    (void)timer;
    (void)arg;
    return -1;
}

static int end_by_signal(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    (void)arg;
    return -1;
}

static int end_by_failure(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    *(int *)arg = EXIT_ENVIRONMENT;
    return -1;
}

static int reload_by_signal(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    struct server *server = arg;
    (void)loop;
    interrupt_clear(item->fd);
    serve_reload(&server->settings, server->arguments->settings);
    message_log_set(server->settings);
    oyez_broker_reload(server->broker, server->settings);
    if (server->recorder.recorder != NULL) {
        oyez_recorder_reload(server->recorder.recorder, server->settings);
    }
    return 0;
}

// Waits for a signal, the end of --for or a journal that fails; broker and
// recorder work on threads of their own.
static int wait_for_end(struct server *server, int interrupt_fd, int hangup_fd)
{
    int code = EXIT_DONE;
    zloop_t *loop = zloop_new();
    if (loop == NULL) {
        message_print("out of memory");
        return EXIT_ENVIRONMENT;
    }
    zmq_pollitem_t item = {.fd = interrupt_fd, .events = ZMQ_POLLIN};
    zloop_poller(loop, &item, end_by_signal, NULL);
    zmq_pollitem_t hangup = {.fd = hangup_fd, .events = ZMQ_POLLIN};
    zloop_poller(loop, &hangup, reload_by_signal, server);
    zmq_pollitem_t failed = {.fd = server->recorder.failed_fd, .events = ZMQ_POLLIN};
    if (failed.fd >= 0) {
        zloop_poller(loop, &failed, end_by_failure, &code);
    }
    if (server->values->for_ms != NOT_GIVEN) {
        zloop_timer(loop, deadline_left(server->ends_at), 1, end_by_timer, NULL);
    }
    zloop_start(loop);
    zloop_destroy(&loop);
    return code;
}

// A flag that says something of a recorder; NULL = none was given.
static const char *needs_recorder(const oyez_settings *settings)
{
    for (size_t i = 0; i < OYEZ_SETTING_COUNT; i++) {
        struct oyez_setting_value value = oyez_settings_get(settings, (enum oyez_setting_id)i);
        bool is_recorders = streq(value.setting->section, "recorder") &&
                            value.setting->kind != OYEZ_SETTING_KIND_LIST;
        if (is_recorders && value.source == OYEZ_SETTING_OPTION) {
            return value.place;
        }
    }
    return NULL;
}

static int check_settings(const struct arguments *arguments)
{
    const oyez_settings *settings = arguments->settings;
    struct oyez_setting_value listen = oyez_settings_get(settings, OYEZ_SETTING_BROKER_LISTEN);
    struct oyez_endpoint endpoint;
    if (!has_recorder(settings) && needs_recorder(settings) != NULL) {
        return command_usage_error(arguments->command, "%s needs a recorder",
                                   needs_recorder(settings));
    }
    if (listen.text[0] != '\0' && oyez_endpoint_parse(&endpoint, listen.text) != OYEZ_OK) {
        return command_usage_error(arguments->command, "%s: %s", listen.place, oyez_error_detail());
    }
    return EXIT_DONE;
}

// Those of the environment the library loads by itself.
static int load_catalogs(const oyez_settings *settings)
{
    oyez_err err = oyez_catalog_load_environment();
    enum oyez_setting_source source;
    for (size_t i = 0; err == OYEZ_OK; i++) {
        const char *file = oyez_settings_item(settings, OYEZ_SETTING_RECORDER_CATALOG, i, &source);
        if (file == NULL) {
            break;
        }
        if (source != OYEZ_SETTING_ENVIRONMENT) {
            err = oyez_catalog_load(file);
        }
    }
    return err == OYEZ_OK ? EXIT_DONE : command_fail(err);
}

static int run(const struct arguments *arguments)
{
    struct server server = {.arguments = arguments,
                            .values = arguments->values,
                            .settings = arguments->settings,
                            .recorder = {.failed_fd = -1}};
    message_log_set(arguments->settings);
    int code = check_settings(arguments);
    if (code == EXIT_DONE) {
        code = load_catalogs(arguments->settings);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    // Before any thread starts, so that all of them leave the signals to us.
    int interrupt_fd = interrupt_open();
    int hangup_fd = interrupt_open_hangup();
    zsys_handler_set(NULL);
    terminal_detect(&server.terminal, STDOUT_FILENO);
    code = open_broker(&server);
    if (code == EXIT_DONE) {
        code = open_recorder(&server);
    }
    if (code != EXIT_DONE || interrupt_pending()) {
        goto done;
    }
    printf("ready %s\n", oyez_broker_endpoint(server.broker));
    output_flush();
    server.ends_at = deadline_now() + server.values->for_ms;
    if (server.values->demo) {
        code = open_demo(&server);
    }
    if (code == EXIT_DONE) {
        code = wait_for_end(&server, interrupt_fd, hangup_fd);
    }
done:
    demo_stop(&server.story);
    oyez_subscription_close(&server.subscription);
    oyez_client_close(&server.client);
    // The broker's end waits for what the recorder still has to confirm.
    oyez_broker_close(&server.broker);
    serve_recorder_close(&server.recorder);
    if (server.settings != arguments->settings) {
        oyez_settings_close(&server.settings);
    }
    return code;
}

static const struct serve_values defaults = {.for_ms = NOT_GIVEN};

static const char *const usage[] = {
    "[--listen ENDPOINT] [--data DIR] [--catalog FILE] [--demo] [--for SECONDS] [OPTION]...", NULL};

static const struct command_option options[] = {
    {"--demo", NULL, "run a small agent platform that emits, and show its events", OPTION_FLAG,
     offsetof(struct serve_values, demo)},
    {"--for", "SECONDS", "end after so long", OPTION_SECONDS,
     offsetof(struct serve_values, for_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command serve_command = {
    .name = "serve",
    .summary = "run a broker and a recorder here",
    .usage = usage,
    .notes = "Prints \"ready ENDPOINT\" on stdout once clients can connect and "
             "the recorder has caught\n"
             "up; a tcp port 0 or * is any three free ones. SIGINT and SIGTERM "
             "end it in good order. A\n"
             "journal that cannot be written any more (disk full, input or "
             "output error) ends it with 5:\n"
             "what was acknowledged stays, and nothing more is.",
    .options = options,
    .settings = OYEZ_FOR_SERVE,
    .values_size = sizeof(struct serve_values),
    .defaults = &defaults,
    .run = run,
};
