// SPDX-License-Identifier: MIT
// A handler whose failures become dead letters. Usage: mailer FILE
// While FILE is there the mail server is down. Each mail is tried three times; then
// `oyez deadletter list` shows it, and `oyez deadletter retry ID` brings it back here. Ends at the
// end of standard input.
#include <oyez/handler.h>
#include <stdio.h>
#include <unistd.h>

// Must not mind being called twice for one event: it may have failed after the mail went out.
static oyez_err send_mail(void *arg, const struct oyez_event *event)
{
    const char *server_is_down = arg;
    if (access(server_is_down, F_OK) == 0)
        return oyez_fail(OYEZ_ERR_UNREACHABLE, "the mail server does not answer");
    printf("mail: %s of %s\n", event->event_type,
           event->correlation_id != NULL ? event->correlation_id : "nobody");
    fflush(stdout);
    return OYEZ_OK;
}

int main(int argc, char **argv)
{
    static const char *const orders[] = {"order.*"};
    oyez_client *client = NULL;
    oyez_handler *handler = NULL;
    const struct oyez_client_options options = {.name = "mailer"};
    const struct oyez_handler_options mail = {
        .name = "mail", // dead letters come back by this name
        .patterns = orders,
        .pattern_count = 1,
        .run = send_mail,
        .arg = argc > 1 ? argv[1] : "mail-server-is-down",
        .retry = {.count = 2, .first_ms = 10, .max_ms = 100},
        .timeout_ms = 5000,
    };
    oyez_err err = oyez_client_open(&client, &options, 5000);
    if (err == OYEZ_OK)
        err = oyez_handler_open(&handler, client, &mail, 5000);
    if (err == OYEZ_OK) {
        fprintf(stderr, "ready\n");
        while (getchar() != EOF)
            ;
    } else {
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    }
    oyez_handler_close(&handler);
    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 1;
}
