// SPDX-License-Identifier: MIT
// What it costs to make the index of a segment, how large it is, and how fast a key is looked up.
// Of each event's eight keys two are its own, one is shared by three events, the others by many.
// cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release && ninja -C build/bench bench_index
// build/bench/bin/bench_index [EVENTS] [DIRECTORY]
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/query/index_file.h"
#include "wire/envelope.h"

#define EPOCH UINT64_C(1763629200000000)
#define TIME UINT64_C(1763629200000000000)
#define ROUNDS 5
#define LOOKUPS 200000u
#define DETAILS_SIZE 90u
#define TABLE_MEMORY ((size_t)512 * 1024 * 1024)
#ifdef __OPTIMIZE__
#define OPTIMISED ""
#else
#define OPTIMISED ", NOT OPTIMISED"
#endif

static struct oyez_event_view view;
static char directory[256];

static double cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void demand(oyez_err err, const char *what)
{
    if (err == OYEZ_OK)
        return;
    fprintf(stderr, "bench_index: %s: %s\n", what, oyez_error_detail());
    exit(1);
}

// Some types and actors make most of the events.
static unsigned skewed(uint64_t number, unsigned of)
{
    uint64_t mixed = number * UINT64_C(0x9E3779B97F4A7C15) >> 33;
    unsigned a = (unsigned)(mixed % of), b = (unsigned)(mixed / of % of);
    return a < b ? a : b;
}

struct texts {
    char type[32];
    char correlation[32];
    char causation[40];
    char step[24];
    char actor[24];
    char plan[32];
    char session[32];
    char project[32];
};

static struct oyez_event make_event(uint64_t n, struct texts *t)
{
    static uint8_t details[DETAILS_SIZE];
    snprintf(t->type, sizeof t->type, "plan.phase.step%u", skewed(n, 40));
    snprintf(t->correlation, sizeof t->correlation, "c-%012" PRIx64, n / 3 * 2654435761u);
    snprintf(t->causation, sizeof t->causation, "01900000-0000-7000-8000-%012" PRIx64, n);
    snprintf(t->step, sizeof t->step, "s-%08" PRIx64, n);
    snprintf(t->actor, sizeof t->actor, "agent-%u", skewed(n + 7, 120));
    snprintf(t->plan, sizeof t->plan, "p-%" PRIu64, n / 5 % 8 + n / 320 * 8);
    snprintf(t->session, sizeof t->session, "session-%" PRIu64, n / 2 % 20 + n / 4000 * 20);
    snprintf(t->project, sizeof t->project, "project-%u", skewed(n + 3, 12));
    memcpy(details, &n, sizeof n);
    struct oyez_event event = {.event_type = t->type,
                               .occurred_at = (int64_t)(TIME + n * 1000),
                               .correlation_id = t->correlation,
                               .causation_id = t->causation,
                               .step_id = t->step,
                               .actor_id = t->actor,
                               .plan_id = t->plan,
                               .session_id = t->session,
                               .project_name = t->project,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = details,
                               .details_size = sizeof details};
    memcpy(event.event_id.bytes, &n, sizeof n);
    event.event_id.bytes[15] = 1;
    return event;
}

static void append(oyez_journal *journal, uint64_t n, uint64_t *event_bytes)
{
    static uint8_t bytes[4096];
    static struct texts texts;
    struct oyez_event event = make_event(n, &texts);
    struct oyez_event_parts parts;
    size_t header_size, size = oyez_event_measure(&event, &header_size);
    oyez_event_encode(&event, header_size, bytes);
    demand(oyez_event_split(&parts, bytes, size), "split");
    *event_bytes += parts.header_size + parts.details_size;
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT,
                                               .epoch = EPOCH,
                                               .position = n,
                                               .broker_time = TIME + n * 100000,
                                               .emitter_id = {{1}},
                                               .emitter_seq = n,
                                               .type_seq = n,
                                               .event_id = event.event_id,
                                               .header = parts.header,
                                               .header_size = parts.header_size,
                                               .details = parts.details,
                                               .details_size = parts.details_size,
                                               .details_format = OYEZ_DETAILS_PROTOBUF};
    demand(oyez_journal_append(journal, &record, NULL), "append");
}

static double make_journal(uint64_t events)
{
    oyez_journal *journal = NULL;
    uint64_t event_bytes = 0;
    demand(oyez_journal_open(&journal, directory, NULL, NULL), "open");
    for (uint64_t n = 1; n <= events; n++) {
        append(journal, n, &event_bytes);
        if (n % 1000 == 0)
            demand(oyez_journal_write(journal), "write");
    }
    demand(oyez_journal_close(&journal), "close");
    return (double)event_bytes / (double)events;
}

// Returns the time of an event; without a table, that of reading alone.
static double read_segment(oyez_journal_reader *reader, const struct oyez_journal_segment *segment,
                           oyez_index_table *table)
{
    struct oyez_journal_record record;
    double begun = cpu();
    demand(oyez_journal_reader_seek_index(reader, segment->first_index), "seek");
    for (uint64_t i = 0; i < segment->records; i++) {
        demand(oyez_journal_reader_next(reader, &record), "next");
        bool seen = oyez_event_view_read(&view, &record);
        if (table != NULL)
            demand(oyez_index_table_add(table, &record, seen ? &view : NULL), "add");
    }
    return (cpu() - begun) / (double)segment->records;
}

static double best(const double values[ROUNDS])
{
    double least = values[0];
    for (unsigned i = 1; i < ROUNDS; i++)
        least = values[i] < least ? values[i] : least;
    return least;
}

static double size_of(uint64_t first_index, const char *suffix)
{
    char path[300];
    struct stat status = {0};
    snprintf(path, sizeof path, "%s/%020" PRIu64 "%s", directory, first_index, suffix);
    return stat(path, &status) == 0 ? (double)status.st_size : 0;
}

static void time_lookups(const struct oyez_journal_segment *segment, size_t filter_max,
                         const char *name)
{
    oyez_index_file *file = NULL;
    struct oyez_record_list list = {0};
    double begun = cpu();
    demand(oyez_index_file_open(&file, oyez_disk_system(), directory, segment, filter_max), "open");
    double opened = cpu() - begun, found = 0, has_time, find_time, miss_time;
    uint64_t *keys = malloc(LOOKUPS * sizeof *keys);
    if (keys == NULL)
        exit(1);
    for (unsigned i = 0; i < LOOKUPS; i++) {
        char text[40];
        uint64_t n = segment->first_index + 1 + i * UINT64_C(7919) % segment->records;
        int size = snprintf(text, sizeof text, "c-%012" PRIx64, n / 3 * 2654435761u);
        keys[i] = oyez_index_key(OYEZ_INDEX_CORRELATION_ID, text, (size_t)size);
    }
    begun = cpu();
    for (unsigned i = 0; i < LOOKUPS; i++) {
        bool has;
        demand(oyez_index_file_has(file, keys[i], &has), "has");
        found += has;
    }
    has_time = cpu() - begun;
    begun = cpu();
    for (unsigned i = 0; i < LOOKUPS; i++) {
        list.count = 0;
        demand(oyez_index_file_find(file, keys[i], &list), "find");
        found -= list.count > 0;
    }
    find_time = cpu() - begun;
    begun = cpu();
    for (unsigned i = 0; i < LOOKUPS; i++) {
        bool has;
        demand(oyez_index_file_has(file, keys[i] * 3, &has), "has");
        found += has;
    }
    miss_time = cpu() - begun;
    printf("%s: open %.0f us; a key that is there: filter %.0f ns, its records %.0f ns; one that "
           "is not: %.0f ns, wrongly \"perhaps\" %.2f %%; memory %.2f MB\n",
           name, opened / 1e3, has_time / LOOKUPS, find_time / LOOKUPS, miss_time / LOOKUPS,
           100 * found / LOOKUPS, (double)oyez_index_file_memory(file) / 1e6);
    free(keys);
    free(list.items);
    oyez_index_file_close(&file);
}

static void time_segment(oyez_journal_reader *reader, const struct oyez_journal_segment *segment)
{
    double plain[ROUNDS], with[ROUNDS], write[ROUNDS], memory = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        oyez_index_table *table = NULL;
        demand(oyez_index_table_open(&table, TABLE_MEMORY), "table");
        plain[round] = read_segment(reader, segment, NULL);
        with[round] = read_segment(reader, segment, table);
        double begun = cpu();
        demand(oyez_index_file_write(oyez_disk_system(), directory, segment, table, 0), "write");
        write[round] = (cpu() - begun) / (double)segment->records;
        memory = (double)oyez_index_table_memory(table);
        oyez_index_table_close(&table);
    }
    double records = (double)segment->records;
    double seg = size_of(segment->first_index, ".seg"), ids = size_of(segment->first_index, ".ids"),
           idx = size_of(segment->first_index, ".idx");
    printf("segment of %.0f events, %.0f bytes each (processor time, best of %d%s)\n", records,
           seg / records, ROUNDS, OPTIMISED);
    printf("  reading %.0f ns an event, adding %.0f ns, writing %.0f ns\n", best(plain),
           best(with) - best(plain), best(write));
    printf("  .idx %.1f bytes an event, .ids %.1f, both %.1f %% of the segment; table %.1f\n",
           idx / records, ids / records, 100 * (idx + ids) / seg, memory / records);
}

int main(int argc, char **argv)
{
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 400000;
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_segment segment;
    char command[300];
    snprintf(directory, sizeof directory, "%s/oyez-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    if (mkdtemp(directory) == NULL)
        return perror("bench_index: no directory"), 1;
    printf("%.0f bytes of header and details an event\n", make_journal(events));
    demand(oyez_journal_reader_open(&reader, directory, NULL), "reader");
    demand(oyez_journal_reader_segment(reader, 0, &segment), "segment");
    segment.sealed = true; // the only one of a small journal is closed
    time_segment(reader, &segment);
    time_lookups(&segment, SIZE_MAX, "filter in memory");
    time_lookups(&segment, 0, "filter by pages");
    oyez_journal_reader_close(&reader);
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command) == 0 ? 0 : 1;
}
