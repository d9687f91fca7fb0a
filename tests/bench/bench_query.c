// SPDX-License-Identifier: MIT
// Questions to a journal beside the same questions to SQLite, on the same events, in one process and
// turn by turn.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_query
// build/bench/bin/bench_query [EVENTS [DIRECTORY [QUESTIONS]]]    prints what it finds as JSON
// What is made in DIRECTORY is removed at the end. A directory that holds both sides already, because
// a run was stopped, is asked as it is, and left.
//
// An event has 8 keys and 120 to 200 bytes of typed details; SQLite has an index for each column that
// is asked for. Both sides give whole events, decoded.
// Warm: all files were read before. Cold: before each question all files are taken out of the page
// cache; both sides keep what they hold in memory (the journal filters, SQLite 64 MiB of pages), and
// were opened anew. First: opening is timed too. CPU is the asking thread's own: a busy machine does not change it.
// Memory is the peak of a process of its own that asks one side.
#include <inttypes.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_query.h"

#define ROUNDS 5u
#define POINTS 3u // the first kinds of questions
#define FIRSTS 20u
#define RANGES 20u
#define PRIMED 20u
#define PATH_SIZE 512u
#ifdef __OPTIMIZE__
#define OPTIMISED "true"
#else
#define OPTIMISED "false"
#endif

enum side { OURS, SQLITE, SIDES };

static const char *const side_names[SIDES] = {"journal", "sqlite"};
static const char *const question_names[BENCH_QUESTIONS] = {
    "event_id", "correlation", "tag", "range of 10000", "stats by type", "stats by actor"};

struct bench {
    char base[PATH_SIZE / 2], journal[PATH_SIZE], data[PATH_SIZE], database[PATH_SIZE];
    uint64_t events;
    size_t questions; // of each kind of point query
    uint64_t draw;
    struct bench_ours *ours;
    struct bench_sqlite *sqlite;
    double *times[SIDES];
    double *cpu[SIDES];
};

struct spent {
    double seconds, cpu;
};

static void open_sides(struct bench *bench, bool mapped)
{
    bench->ours = bench_ours_open(bench->journal);
    bench->sqlite = bench_sqlite_open(bench->database, mapped);
}

static void close_sides(struct bench *bench)
{
    bench_ours_close(&bench->ours);
    bench_sqlite_close(&bench->sqlite);
}

static void drop_caches(const struct bench *bench)
{
    bench_drop_caches(bench->journal);
    bench_drop_caches(bench->data);
}

static struct bench_answer ask(struct bench *bench, enum side side, enum bench_question question,
                               const struct bench_event *about, struct spent *spent)
{
    double begun = bench_now(), cpu = bench_cpu();
    struct bench_answer answer = side == OURS ? bench_ours_ask(bench->ours, question, about)
                                              : bench_sqlite_ask(bench->sqlite, question, about);
    spent->cpu = bench_cpu() - cpu;
    spent->seconds = bench_now() - begun;
    return answer;
}

static void draw_event(struct bench *bench, enum bench_question question, struct bench_event *out)
{
    uint64_t end = bench->events;
    if (question == BENCH_RANGE)
        end = end > BENCH_RANGE_EVENTS ? end - BENCH_RANGE_EVENTS : 1;
    bench_event_make(out, 1 + bench_draw(&bench->draw, end));
}

// Asks both, the one that was second the last time first.
static void ask_both(struct bench *bench, enum bench_question question, size_t number, bool cold)
{
    struct bench_event about;
    struct bench_answer answers[SIDES];
    struct spent spent;
    draw_event(bench, question, &about);
    for (unsigned i = 0; i < SIDES; i++) {
        enum side side = (i + number) % 2 == 0 ? OURS : SQLITE;
        if (cold)
            drop_caches(bench);
        answers[side] = ask(bench, side, question, &about, &spent);
        bench->times[side][number] = spent.seconds;
        bench->cpu[side][number] = spent.cpu;
    }
    bench_require(answers[OURS].count == answers[SQLITE].count &&
                      answers[OURS].positions == answers[SQLITE].positions,
                  "the two sides disagree");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *sorted, size_t count, double share)
{
    size_t at = (size_t)((double)count * share);
    return sorted[at < count ? at : count - 1];
}

// Of all, and of each round the 99th percentile: its least and its largest.
static void tell_times(struct bench *bench, enum side side, size_t count)
{
    double *times = bench->times[side], least = 1e9, most = 0;
    size_t each = count / ROUNDS;
    for (size_t i = 0; i < ROUNDS && each > 0; i++) {
        qsort(times + i * each, each, sizeof *times, compare);
        double value = quantile(times + i * each, each, 0.99);
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    qsort(times, count, sizeof *times, compare);
    qsort(bench->cpu[side], count, sizeof *times, compare);
    printf("\"%s\": {\"p50_us\": %.1f, \"p99_us\": %.1f, \"p99_of_rounds_us\": [%.1f, %.1f], "
           "\"cpu_p50_us\": %.1f, \"cpu_p99_us\": %.1f}%s",
           side_names[side], quantile(times, count, 0.5) * 1e6, quantile(times, count, 0.99) * 1e6,
           least * 1e6, most * 1e6, quantile(bench->cpu[side], count, 0.5) * 1e6,
           quantile(bench->cpu[side], count, 0.99) * 1e6, side == OURS ? ", " : "}");
}

static void tell_both(struct bench *bench, size_t count)
{
    tell_times(bench, OURS, count);
    tell_times(bench, SQLITE, count);
    fflush(stdout);
}

static void measure(struct bench *bench, enum bench_question question, size_t count, bool cold)
{
    for (size_t i = 0; i < PRIMED && !cold; i++)
        ask_both(bench, question, i, false);
    for (size_t i = 0; i < count; i++)
        ask_both(bench, question, i, cold);
    printf("%s\"%s\": {", question == 0 ? "" : ",\n    ", question_names[question]);
    tell_both(bench, count);
}

static void measure_warm(struct bench *bench)
{
    bench_fill_caches(bench->journal);
    bench_fill_caches(bench->data);
    open_sides(bench, true);
    printf(",\n  \"warm\": {\n    ");
    for (unsigned kind = 0; kind < POINTS; kind++)
        measure(bench, (enum bench_question)kind, bench->questions, false);
    measure(bench, BENCH_RANGE, RANGES, false);
    measure(bench, BENCH_STATS_BY_TYPE, ROUNDS, false);
    measure(bench, BENCH_STATS_BY_ACTOR, ROUNDS, false);
    printf("\n  }");
    close_sides(bench);
}

static void measure_cold(struct bench *bench)
{
    // What is mapped stays in the page cache.
    open_sides(bench, false);
    printf(",\n  \"cold\": {\n    ");
    for (unsigned kind = 0; kind < POINTS; kind++) {
        for (size_t i = 0; i < PRIMED; i++)
            ask_both(bench, (enum bench_question)kind, i, true);
        measure(bench, (enum bench_question)kind, bench->questions, true);
    }
    printf("\n  }");
    close_sides(bench);
}

// Opens one side with nothing in memory, and asks one question.
static void ask_first(struct bench *bench, enum side side, enum bench_question question,
                      const struct bench_event *about, size_t number)
{
    struct spent spent;
    drop_caches(bench);
    double begun = bench_now();
    if (side == OURS)
        bench->ours = bench_ours_open(bench->journal);
    else
        bench->sqlite = bench_sqlite_open(bench->database, false);
    ask(bench, side, question, about, &spent);
    bench->times[side][number] = bench_now() - begun;
    bench->cpu[side][number] = spent.cpu;
    if (side == OURS)
        bench_ours_close(&bench->ours);
    else
        bench_sqlite_close(&bench->sqlite);
}

static void measure_first(struct bench *bench)
{
    printf(",\n  \"first\": {\n    ");
    for (unsigned kind = 0; kind < POINTS; kind++) {
        for (size_t i = 0; i < FIRSTS; i++) {
            struct bench_event about;
            draw_event(bench, (enum bench_question)kind, &about);
            ask_first(bench, OURS, (enum bench_question)kind, &about, i);
            ask_first(bench, SQLITE, (enum bench_question)kind, &about, i);
        }
        printf("%s\"%s\": {", kind == 0 ? "" : ",\n    ", question_names[kind]);
        tell_both(bench, FIRSTS);
    }
    printf("\n  }");
}

static uint64_t peak_of_memory(void)
{
    char line[128];
    uint64_t peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    bench_require(status != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtoull(line + 6, NULL, 10) * 1024;
    fclose(status);
    return peak;
}

// In a process of its own: asks one side every kind of question, and prints its peak.
static int ask_for_memory(struct bench *bench, enum side side)
{
    struct bench_event about;
    struct spent spent;
    if (side == OURS)
        bench->ours = bench_ours_open(bench->journal);
    else
        bench->sqlite = bench_sqlite_open(bench->database, false);
    for (unsigned kind = 0; kind < BENCH_QUESTIONS; kind++) {
        for (size_t i = 0; i < (kind < POINTS ? bench->questions : 1); i++) {
            draw_event(bench, (enum bench_question)kind, &about);
            ask(bench, side, (enum bench_question)kind, &about, &spent);
        }
    }
    printf("%s\"%s\": %" PRIu64, side == OURS ? "" : ", ", side_names[side], peak_of_memory());
    return 0;
}

static void measure_memory(const struct bench *bench)
{
    printf(",\n  \"peak_of_memory\": {");
    for (unsigned side = 0; side < SIDES; side++) {
        char events[32], questions[32], number[2] = {(char)('0' + side), '\0'};
        snprintf(events, sizeof events, "%" PRIu64, bench->events);
        snprintf(questions, sizeof questions, "%zu", bench->questions);
        char *argv[] = {"bench_query", events, (char *)(uintptr_t)bench->base,
                        questions,     number, NULL};
        pid_t pid;
        int status = 1;
        fflush(stdout);
        if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) == 0)
            waitpid(pid, &status, 0);
        bench_require(status == 0, "a process for one side");
    }
    printf("}");
}

static void tell_machine(const struct bench *bench)
{
    char line[256] = "", model[256] = "unknown";
    struct utsname system;
    double load[1] = {0};
    FILE *cpu = fopen("/proc/cpuinfo", "r");
    while (cpu != NULL && fgets(line, sizeof line, cpu) != NULL)
        if (strncmp(line, "model name", 10) == 0)
            snprintf(model, sizeof model, "%s", strchr(line, ':') + 2);
    model[strcspn(model, "\n\"")] = '\0';
    if (cpu != NULL)
        fclose(cpu);
    uname(&system);
    getloadavg(load, 1);
    printf(
        "{\n  \"machine\": \"%s, %ld processors, Linux %s\", \"load\": %.1f, \"optimised\": %s,\n"
        "  \"events\": %" PRIu64 ", \"questions\": %zu, \"rounds\": %u,\n"
        "  \"sqlite\": \"made with journal_mode OFF, synchronous OFF, in one transaction, then "
        "indexes and ANALYZE; asked with cache_size 64 MiB, warm with mmap_size\"",
        model, sysconf(_SC_NPROCESSORS_ONLN), system.release, load[0], OPTIMISED, bench->events,
        bench->questions, ROUNDS);
}

static void tell_built(const struct bench *bench, const char *name, const struct bench_built *built)
{
    double each = (double)built->bytes / (double)bench->events;
    // Nothing of a journal that is one open segment.
    double indexed = built->indexed > 0 ? (double)built->indexed : INFINITY;
    printf(",\n  \"%s_made\": {\"seconds\": %.2f, \"bytes_an_event\": %.1f, \"indexed\": %" PRIu64
           ", \"index_us_an_event\": %.3f, \"index_cpu_us_an_event\": %.3f, "
           "\"index_bytes_an_event\": %.1f, \"index_share\": %.3f}",
           name, built->seconds, each, built->indexed, built->index_seconds * 1e6 / indexed,
           built->index_cpu_seconds * 1e6 / indexed, (double)built->index_bytes / indexed,
           (double)built->index_bytes / indexed / each);
    fflush(stdout);
}

static void name_files(struct bench *bench, const char *base)
{
    snprintf(bench->base, sizeof bench->base, "%s", base);
    snprintf(bench->journal, sizeof bench->journal, "%s/journal", bench->base);
    snprintf(bench->data, sizeof bench->data, "%s/sqlite", bench->base);
    snprintf(bench->database, sizeof bench->database, "%s/sqlite/events", bench->base);
}

static void make_both(struct bench *bench)
{
    bench_require(mkdir(bench->data, 0700) == 0, bench->data);
    struct bench_built ours = bench_ours_make(bench->journal, bench->events);
    tell_built(bench, "journal", &ours);
    struct bench_built theirs = bench_sqlite_make(bench->database, bench->events);
    tell_built(bench, "sqlite", &theirs);
}

int main(int argc, char **argv)
{
    static struct bench bench = {.draw = 7};
    char base[PATH_SIZE / 2], command[2 * PATH_SIZE];
    bench.events = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    bench.questions = argc > 3 ? strtoull(argv[3], NULL, 10) : 2000;
    size_t room = bench.questions > 100 ? bench.questions : 100;
    for (unsigned side = 0; side < SIDES; side++)
        bench_require((bench.times[side] = calloc(room, sizeof(double))) != NULL &&
                          (bench.cpu[side] = calloc(room, sizeof(double))) != NULL,
                      "no memory");
    if (argc > 4) {
        name_files(&bench, argv[2]);
        return ask_for_memory(&bench, argv[4][0] == '0' ? OURS : SQLITE);
    }
    name_files(&bench, argc > 2 ? argv[2] : "/tmp");
    bool kept = access(bench.journal, F_OK) == 0;
    if (!kept) {
        snprintf(base, sizeof base, "%.200s/oyez-bench-XXXXXX", bench.base);
        bench_require(mkdtemp(base) != NULL, base);
        name_files(&bench, base);
    }
    tell_machine(&bench);
    if (!kept)
        make_both(&bench);
    measure_warm(&bench);
    measure_cold(&bench);
    measure_first(&bench);
    measure_memory(&bench);
    printf("\n}\n");
    snprintf(command, sizeof command, "rm -rf '%s'", bench.base);
    return kept || system(command) == 0 ? 0 : 1;
}
