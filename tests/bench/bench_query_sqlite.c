// SPDX-License-Identifier: MIT
// SQLite's side of bench_query: one table, with an index for each question, and the event as it is.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench_query.h"
#include "wire/envelope.h"

struct bench_sqlite {
    sqlite3 *database;
    sqlite3_stmt *questions[BENCH_QUESTIONS];
    uint8_t bytes[1024];
    struct oyez_event event;
    char texts[OYEZ_DECODE_SCRATCH_SIZE];
};

static const char *const statements[BENCH_QUESTIONS] = {
    "SELECT position, event FROM events WHERE event_id = ?1",
    "SELECT position, event FROM events WHERE correlation_id = ?1 ORDER BY position",
    "SELECT position, event FROM events WHERE decision_id = ?1 ORDER BY position",
    "SELECT position, event FROM events WHERE position >= ?1 ORDER BY position LIMIT 10000",
    "SELECT count(*), event_type FROM events GROUP BY event_type ORDER BY 1 DESC",
    "SELECT count(*), actor_name FROM events GROUP BY actor_name ORDER BY 1 DESC",
};

static const char schema[] =
    "CREATE TABLE events (position INTEGER PRIMARY KEY, event_id BLOB, event_type TEXT,"
    " correlation_id TEXT, actor_name TEXT, decision_id TEXT, broker_time INTEGER, event BLOB)";

static const char indexes[] = "CREATE UNIQUE INDEX by_event_id ON events (event_id);"
                              "CREATE INDEX by_correlation ON events (correlation_id);"
                              "CREATE INDEX by_decision ON events (decision_id);"
                              "CREATE INDEX by_type ON events (event_type);"
                              "CREATE INDEX by_actor ON events (actor_name);";

static void check(sqlite3 *database, bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "bench_query: SQLite: %s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

static void run(sqlite3 *database, const char *text)
{
    check(database, sqlite3_exec(database, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *text)
{
    sqlite3_stmt *statement = NULL;
    check(database, sqlite3_prepare_v2(database, text, -1, &statement, NULL) == SQLITE_OK, text);
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int number, const char *text)
{
    sqlite3_bind_text(statement, number, text, -1, SQLITE_STATIC);
}

static void insert(sqlite3 *database, sqlite3_stmt *statement, const struct bench_event *made)
{
    const struct oyez_event *event = &made->event;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->stamp.position);
    sqlite3_bind_blob(statement, 2, event->event_id.bytes, OYEZ_UUID_SIZE, SQLITE_STATIC);
    bind_text(statement, 3, event->event_type);
    bind_text(statement, 4, made->correlation);
    bind_text(statement, 5, event->actor_name);
    bind_text(statement, 6, made->tag);
    sqlite3_bind_int64(statement, 7, (sqlite3_int64)event->stamp.broker_time);
    sqlite3_bind_blob(statement, 8, made->encoded, (int)made->size, SQLITE_STATIC);
    check(database, sqlite3_step(statement) == SQLITE_DONE, "insert");
    sqlite3_reset(statement);
}

static uint64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

struct bench_built bench_sqlite_make(const char *path, uint64_t events)
{
    static struct bench_event event;
    sqlite3 *database = NULL;
    struct bench_built built = {0};
    double begun = bench_now();
    check(NULL, sqlite3_open(path, &database) == SQLITE_OK, path);
    run(database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                  "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -262144;"
                  "PRAGMA temp_store = MEMORY");
    run(database, schema);
    run(database, "BEGIN");
    sqlite3_stmt *statement =
        prepare(database, "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    for (uint64_t n = 1; n <= events; n++) {
        bench_event_make(&event, n);
        insert(database, statement, &event);
    }
    sqlite3_finalize(statement);
    run(database, "COMMIT");
    built.bytes = size_of(path);
    double written = bench_now(), cpu = bench_cpu();
    run(database, indexes);
    run(database, "ANALYZE");
    built.seconds = bench_now() - begun;
    built.index_cpu_seconds = bench_cpu() - cpu;
    built.index_seconds = bench_now() - written;
    built.index_bytes = size_of(path) - built.bytes;
    built.indexed = events;
    sqlite3_close(database);
    return built;
}

struct bench_sqlite *bench_sqlite_open(const char *path, bool mapped)
{
    struct bench_sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (sqlite == NULL)
        abort();
    check(NULL, sqlite3_open_v2(path, &sqlite->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK,
          path);
    run(sqlite->database, "PRAGMA cache_size = -65536");
    run(sqlite->database, mapped ? "PRAGMA mmap_size = 1099511627776" : "PRAGMA mmap_size = 0");
    for (size_t i = 0; i < BENCH_QUESTIONS; i++)
        sqlite->questions[i] = prepare(sqlite->database, statements[i]);
    return sqlite;
}

void bench_sqlite_close(struct bench_sqlite **sqlite)
{
    for (size_t i = 0; i < BENCH_QUESTIONS; i++)
        sqlite3_finalize((*sqlite)->questions[i]);
    sqlite3_close((*sqlite)->database);
    free(*sqlite);
    *sqlite = NULL;
}

static void bind(sqlite3_stmt *statement, enum bench_question question,
                 const struct bench_event *about)
{
    if (question == BENCH_BY_EVENT_ID)
        sqlite3_bind_blob(statement, 1, about->event.event_id.bytes, OYEZ_UUID_SIZE, SQLITE_STATIC);
    else if (question == BENCH_BY_CORRELATION)
        bind_text(statement, 1, about->correlation);
    else if (question == BENCH_BY_TAG)
        bind_text(statement, 1, about->tag);
    else if (question == BENCH_RANGE)
        sqlite3_bind_int64(statement, 1, (sqlite3_int64)about->event.stamp.position);
}

// The whole event is in the caller's hands, as the journal's side gives it.
static void take_event(struct bench_sqlite *sqlite, sqlite3_stmt *statement)
{
    size_t size = (size_t)sqlite3_column_bytes(statement, 1);
    bench_require(size <= sizeof sqlite->bytes, "an event is too large");
    memcpy(sqlite->bytes, sqlite3_column_blob(statement, 1), size);
    bench_require(oyez_event_decode(&sqlite->event, sqlite->bytes, size, sqlite->texts) == OYEZ_OK,
                  "an event cannot be read");
}

struct bench_answer bench_sqlite_ask(struct bench_sqlite *sqlite, enum bench_question question,
                                     const struct bench_event *about)
{
    struct bench_answer answer = {0};
    sqlite3_stmt *statement = sqlite->questions[question];
    int status;
    bind(statement, question, about);
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        answer.count++;
        answer.positions += (uint64_t)sqlite3_column_int64(statement, 0);
        if (question <= BENCH_RANGE)
            take_event(sqlite, statement);
    }
    check(sqlite->database, status == SQLITE_DONE, statements[question]);
    sqlite3_reset(statement);
    return answer;
}
