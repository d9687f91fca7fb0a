// SPDX-License-Identifier: MIT
// chaos_emitter ENDPOINT LEDGER NAME RATE SEED: emits until SIGTERM, then waits until all of it is
// recorded. Its ledger, beside notices:
//   P emitter NAME
//   E id number type durable|fast stream   the client has it; of the stream "own" also before that
//   F number                               of the stream "many", all durable ones up to it are
//                                          recorded
//   R id epoch position index duplicate    recorded
//   X text                                 a call failed otherwise than faults explain
//   END
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"

#define FLUSH_TIMEOUT_MS 5000u
#define LAST_FLUSH_TIMEOUT_MS 60000u

struct emitter {
    oyez_client *client;
    const char *name;
    unsigned rate; // events a second
    uint64_t seed;
    atomic_bool over;
    atomic_ullong many; // the last number of the stream "many" that the client has
};

static const struct {
    const char *name;
    const char *details; // what the type's catalog needs
} types[] = {
    {"plan.created", "{\"goal\":\"survive\"}"},
    {"plan.errored", "{\"error_message\":\"chaos\"}"},
    {"plan.applied", "{}"},
    {"tool.invoked", "{\"tool\":\"chaos\"}"},
    {"tool.completed", "{\"tool\":\"chaos\"}"},
    {"actor.completed", "{\"actor\":\"chaos\"}"},
    {"decision.created", "{\"decision_id\":\"d-1\",\"choice\":\"chaos\"}"},
    {"invariant.reconciled", "{}"},
    {"agent.thinking", "{}"},
};
#define TYPES (sizeof types / sizeof *types)

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static bool is_fast(const char *type)
{
    return strcmp(type, "agent.thinking") == 0;
}

static void pause_us(unsigned us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&time, NULL);
}

static struct oyez_event make_event(const struct emitter *emitter, uint64_t *random, char *padding)
{
    size_t size = next_random(random) % 200;
    memset(padding, 'x', size);
    padding[size] = 0;
    size_t type = next_random(random) % TYPES;
    return (struct oyez_event){.event_type = types[type].name,
                               .correlation_id = emitter->name,
                               .phase = "execute",
                               .state = "processing",
                               .run_id = emitter->name,
                               .thread_id = emitter->name,
                               .tags = {{"padding", padding}},
                               .details = types[type].details};
}

// Many, as fast as asked for; what the client takes is its responsibility from then on.
static void *emit_many(void *arg)
{
    struct emitter *emitter = arg;
    uint64_t random = emitter->seed * 2 + 1;
    uint64_t number = 0;
    char padding[256];
    while (!atomic_load(&emitter->over)) {
        struct oyez_event event = make_event(emitter, &random, padding);
        struct oyez_uuid id;
        oyez_err err = oyez_client_emit(emitter->client, &event, &id);
        if (err == OYEZ_OK) {
            ledger_write("E %s %llu %s %s many", ledger_id(&id).text, (unsigned long long)++number,
                         event.event_type, is_fast(event.event_type) ? "fast" : "durable");
            atomic_store(&emitter->many, number);
        } else if (err != OYEZ_ERR_FULL) {
            ledger_write("X emit: %s", oyez_strerror(err));
        }
        pause_us(err == OYEZ_OK ? 1000000 / emitter->rate : 1000);
    }
    return NULL;
}

static oyez_err flush(struct emitter *emitter, unsigned timeout_ms)
{
    unsigned long long number = atomic_load(&emitter->many);
    oyez_err err = oyez_client_flush(emitter->client, OYEZ_LEVEL_RECORDED, timeout_ms);
    if (err == OYEZ_OK)
        ledger_write("F %llu", number);
    return err;
}

static void *flush_often(void *arg)
{
    struct emitter *emitter = arg;
    while (!atomic_load(&emitter->over)) {
        oyez_err err = flush(emitter, FLUSH_TIMEOUT_MS);
        if (err != OYEZ_OK && err != OYEZ_ERR_TIMEOUT && err != OYEZ_ERR_UNREACHABLE)
            ledger_write("X flush: %s", oyez_strerror(err));
        pause_us(200000);
    }
    return NULL;
}

// One after the other, each with an id of its own, again until it is receipted.
static void *emit_own(void *arg)
{
    struct emitter *emitter = arg;
    uint64_t random = emitter->seed * 2 + 77777;
    uint64_t number = 0;
    char padding[256];
    while (!atomic_load(&emitter->over)) {
        struct oyez_event event = make_event(emitter, &random, padding);
        struct oyez_receipt receipt;
        if (is_fast(event.event_type))
            continue;
        event.occurred_at = 1700000000000000000 + (int64_t)++number;
        event.event_id = oyez_uuid_new();
        ledger_write("E %s %llu %s durable own", ledger_id(&event.event_id).text,
                     (unsigned long long)number, event.event_type);
        oyez_err err;
        do
            err = oyez_client_emit_wait(emitter->client, &event, OYEZ_LEVEL_RECORDED,
                                        500 + (uint32_t)(next_random(&random) % 3000), &receipt);
        while ((err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE) &&
               !atomic_load(&emitter->over));
        if (err == OYEZ_OK)
            ledger_write("R %s %llu %llu %llu %d", ledger_id(&event.event_id).text,
                         (unsigned long long)receipt.epoch, (unsigned long long)receipt.position,
                         (unsigned long long)receipt.index, receipt.duplicate);
        else if (!atomic_load(&emitter->over))
            ledger_write("X emit and wait: %s", oyez_strerror(err));
        pause_us(20000);
    }
    return NULL;
}

static void run(struct emitter *emitter, const sigset_t *signals)
{
    static void *(*const work[])(void *) = {emit_many, flush_often, emit_own};
    pthread_t threads[3];
    int number;
    for (size_t i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, work[i], emitter) != 0)
            _exit(5);
    sigwait(signals, &number);
    atomic_store(&emitter->over, true);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    oyez_err err = flush(emitter, LAST_FLUSH_TIMEOUT_MS);
    if (err != OYEZ_OK)
        ledger_write("X last flush: %s", oyez_strerror(err));
}

int main(int argc, char **argv)
{
    struct emitter emitter = {0};
    struct oyez_client_options options = {.on_notice = ledger_notice};
    sigset_t signals;
    if (argc != 6 || !ledger_open(argv[2]))
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    ledger_write("P emitter %s", argv[3]);
    options.endpoint = argv[1];
    options.name = emitter.name = argv[3];
    emitter.rate = (unsigned)strtoul(argv[4], NULL, 10);
    emitter.seed = strtoull(argv[5], NULL, 10);
    if (emitter.rate == 0 || oyez_client_open(&emitter.client, &options, 0) != OYEZ_OK)
        return 5;
    run(&emitter, &signals);
    oyez_client_close(&emitter.client);
    ledger_write("END");
    return 0;
}
