// SPDX-License-Identifier: MIT
// usage: example-health DIR
// How the parts of a system are: each has a status, a message and when it was looked at; the whole is
// as well as its worst part.
#include <oyez/client.h>
#include <oyez/local.h>
#include <stdio.h>
#include <stdlib.h>

static const char *word(enum oyez_health health)
{
    static const char *const words[] = {"healthy", "degraded", "unhealthy"};
    return words[health];
}

static oyez_err print_health(oyez_client *client)
{
    struct oyez_status *status = malloc(sizeof *status); // too large for a small stack
    if (status == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a status");
    oyez_err err = oyez_client_status(client, status, 5000);
    if (err == OYEZ_OK) {
        printf("%s\n", word(status->health));
        for (size_t i = 0; i < status->component_count; i++)
            printf("  %s: %s, looked at: %s\n", status->components[i].name,
                   word(status->components[i].status),
                   status->components[i].last_check != 0 ? "yes" : "never");
    }
    free(status);
    return err;
}

int main(int argc, char **argv)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    const struct oyez_local_options options = {.directory = argv[1]};

    oyez_err err = oyez_local_open(&bus, &options);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = print_health(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
