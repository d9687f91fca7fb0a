// SPDX-License-Identifier: MIT
// Collects the metrics of a whole system: how much each handler has done, how long it takes, and
// whether all is well. Ends after so many rounds (default 1), a second apart.
#include <inttypes.h>
#include <oyez/metrics.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void collect(const oyez_metrics *metrics)
{
    const struct oyez_metric_sample *sample;
    for (size_t i = 0; (sample = oyez_metrics_at(metrics, i)) != NULL; i++) {
        const struct oyez_metric *metric = sample->metric;
        if (metric->number == OYEZ_METRIC_SUBSCRIPTION_HANDLED)
            printf("%s: %s has handled %" PRIu64 "\n", sample->name, sample->subscription,
                   sample->raw);
        if (metric->number == OYEZ_METRIC_SUBSCRIPTION_P99)
            printf("%s: %s takes at most %.6f s for 99 of 100\n", sample->name,
                   sample->subscription, sample->value);
    }
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    oyez_client *client;
    oyez_metrics *metrics;
    struct oyez_client_options options = {.name = "collect_metrics"};
    oyez_err err = oyez_client_open(&client, &options, 5000);
    for (long i = 0; err == OYEZ_OK && i < rounds; i++) {
        if (i > 0)
            sleep(1);
        err = oyez_metrics_read(&metrics, client, 5000);
        if (err != OYEZ_OK)
            break;
        collect(metrics);
        oyez_metrics_close(&metrics);
        printf("the system is %s\n", oyez_client_is_healthy(client, 5000) ? "healthy" : "not well");
        fflush(stdout);
    }
    if (err != OYEZ_OK)
        fprintf(stderr, "collect_metrics: %s\n", oyez_error_detail());
    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 1;
}
