// SPDX-License-Identifier: MIT
#include "export_sqlite.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_json.h"
#include "new_file.h"
#include "oyez/json.h"
#include "wire/header.h"

#define SQL_SIZE 4096u
#define COLUMNS_BEFORE_HEADER 5
#define STRING_OF(number) #number
#define TEXT_OF(number) STRING_OF(number)

struct export_sqlite {
    struct new_file file;
    sqlite3 *handle;
    sqlite3_stmt *put_event;
    sqlite3_stmt *put_tag;
};

static oyez_err fail(const struct export_sqlite *database)
{
    int code = database->handle != NULL ? sqlite3_errcode(database->handle) : SQLITE_NOMEM;
    oyez_err err = code == SQLITE_FULL    ? OYEZ_ERR_NO_SPACE
                   : code == SQLITE_NOMEM ? OYEZ_ERR_NO_MEMORY
                                          : OYEZ_ERR_IO;
    return oyez_fail(err, "%s: %s", database->file.path,
                     database->handle != NULL ? sqlite3_errmsg(database->handle) : "no memory");
}

static oyez_err run(const struct export_sqlite *database, const char *sql)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? OYEZ_OK
                                                                              : fail(database);
}

// An unsigned number may be beyond SQLite's integers: its column has no type, so that it stays the
// text that it then is.
static const char *type_of(const struct oyez_header_field *field)
{
    return field->kind == OYEZ_HEADER_UINT ? "" : " TEXT";
}

static oyez_err make_tables(const struct export_sqlite *database)
{
    char sql[SQL_SIZE];
    size_t size = (size_t)snprintf(
        sql, sizeof sql,
        "CREATE TABLE events(journal_index INTEGER PRIMARY KEY, epoch INTEGER, position INTEGER, "
        "cursor TEXT, broker_time TEXT");
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        size += (size_t)snprintf(sql + size, sizeof sql - size, ", %s%s",
                                 oyez_header_fields[i].name, type_of(&oyez_header_fields[i]));
    }
    snprintf(sql + size, sizeof sql - size,
             ", details TEXT, details_bytes BLOB);"
             "CREATE TABLE tags(event INTEGER NOT NULL REFERENCES events(journal_index), "
             "key TEXT NOT NULL, value TEXT NOT NULL);");
    return run(database, sql);
}

static oyez_err prepare(struct export_sqlite *database)
{
    static const char tag[] = "INSERT INTO tags VALUES(?, ?, ?)";
    char sql[SQL_SIZE] = "INSERT INTO events VALUES(?";
    size_t size = strlen(sql);
    for (size_t i = 1; i < COLUMNS_BEFORE_HEADER + OYEZ_HEADER_FIELD_COUNT + 2; i++) {
        size += (size_t)snprintf(sql + size, sizeof sql - size, ", ?");
    }
    snprintf(sql + size, sizeof sql - size, ")");
    bool good =
        sqlite3_prepare_v2(database->handle, sql, -1, &database->put_event, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(database->handle, tag, -1, &database->put_tag, NULL) == SQLITE_OK;
    return good ? OYEZ_OK : fail(database);
}

// A file that is thrown away unless it is complete needs no journal of its own.
static oyez_err begin(struct export_sqlite *database)
{
    if (sqlite3_open_v2(database->file.partial, &database->handle, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK) {
        return fail(database);
    }
    oyez_err err =
        run(database, "PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL;"
                      "PRAGMA user_version=" TEXT_OF(EXPORT_SQLITE_VERSION) ";"
                                                                            "BEGIN EXCLUSIVE;");
    if (err == OYEZ_OK) {
        err = make_tables(database);
    }
    return err == OYEZ_OK ? prepare(database) : err;
}

oyez_err export_sqlite_open(struct export_sqlite **out, const char *path)
{
    struct export_sqlite *database = calloc(1, sizeof *database);
    *out = NULL;
    if (database == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a database");
    }
    oyez_err err = new_file_open(&database->file, path);
    if (err == OYEZ_OK) {
        err = begin(database);
    }
    if (err != OYEZ_OK) {
        export_sqlite_close(&database);
        return err;
    }
    *out = database;
    return OYEZ_OK;
}

static int bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    return text != NULL ? sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT)
                        : sqlite3_bind_null(statement, at);
}

static int bind_unsigned(sqlite3_stmt *statement, int at, uint64_t number)
{
    char text[24];
    if (number <= INT64_MAX) {
        return sqlite3_bind_int64(statement, at, (int64_t)number);
    }
    snprintf(text, sizeof text, "%" PRIu64, number);
    return bind_text(statement, at, text);
}

static int bind_time(sqlite3_stmt *statement, int at, uint64_t time)
{
    char text[OYEZ_TIME_TEXT_SIZE];
    if (time == 0) {
        return sqlite3_bind_null(statement, at);
    }
    oyez_time_to_text(time > INT64_MAX ? INT64_MAX : (int64_t)time, text);
    return bind_text(statement, at, text);
}

static int bind_stamp(sqlite3_stmt *statement, const struct oyez_stamp *stamp)
{
    char cursor[48];
    snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, stamp->epoch, stamp->position);
    // Without an index SQLite gives the next number.
    int code = stamp->index > 0 ? sqlite3_bind_int64(statement, 1, (int64_t)(stamp->index - 1))
                                : sqlite3_bind_null(statement, 1);
    code |= bind_unsigned(statement, 2, stamp->epoch);
    code |= bind_unsigned(statement, 3, stamp->position);
    code |= bind_text(statement, 4, cursor);
    return code | bind_time(statement, COLUMNS_BEFORE_HEADER, stamp->broker_time);
}

static int bind_field(sqlite3_stmt *statement, int at, const struct oyez_event *event,
                      const struct oyez_header_field *field)
{
    char uuid[OYEZ_UUID_TEXT_SIZE];
    switch (field->kind) {
    case OYEZ_HEADER_TEXT:
        return bind_text(statement, at, oyez_header_text(event, field));
    case OYEZ_HEADER_UUID:
        oyez_uuid_to_text(event->event_id, uuid);
        return bind_text(statement, at, oyez_uuid_is_zero(event->event_id) ? NULL : uuid);
    case OYEZ_HEADER_TIME:
        return bind_time(statement, at, event->occurred_at > 0 ? (uint64_t)event->occurred_at : 0);
    case OYEZ_HEADER_UINT:
        return event->has_aggregate_version ? bind_unsigned(statement, at, event->aggregate_version)
                                            : sqlite3_bind_null(statement, at);
    }
    return SQLITE_MISUSE;
}

static int bind_details(sqlite3_stmt *statement, int at, const struct oyez_event *event,
                        const struct event_json *json)
{
    if (json->details.text != NULL) {
        return sqlite3_bind_text(statement, at, json->details.text, (int)json->details.size,
                                 SQLITE_TRANSIENT) |
               sqlite3_bind_null(statement, at + 1);
    }
    return sqlite3_bind_null(statement, at) |
           sqlite3_bind_blob(statement, at + 1, event->details, (int)event->details_size,
                             SQLITE_TRANSIENT);
}

static bool step(sqlite3_stmt *statement, int bound)
{
    bool good = bound == SQLITE_OK && sqlite3_step(statement) == SQLITE_DONE;
    return sqlite3_reset(statement) == SQLITE_OK && good;
}

static oyez_err put_event(struct export_sqlite *database, const struct oyez_event *event,
                          const struct event_json *json)
{
    sqlite3_stmt *statement = database->put_event;
    int at = COLUMNS_BEFORE_HEADER + 1;
    int code = bind_stamp(statement, &event->stamp);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        code |= bind_field(statement, at++, event, &oyez_header_fields[i]);
    }
    code |= bind_details(statement, at, event, json);
    return step(statement, code) ? OYEZ_OK : fail(database);
}

static oyez_err put_tags(struct export_sqlite *database, const struct oyez_event *event)
{
    sqlite3_stmt *statement = database->put_tag;
    sqlite3_int64 row = sqlite3_last_insert_rowid(database->handle);
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        const struct oyez_tag *tag = &event->tags[i];
        int code = sqlite3_bind_int64(statement, 1, row) | bind_text(statement, 2, tag->key) |
                   bind_text(statement, 3, tag->value != NULL ? tag->value : "");
        if (!step(statement, code)) {
            return fail(database);
        }
    }
    return OYEZ_OK;
}

oyez_err export_sqlite_put(struct export_sqlite *database, const struct oyez_event *event)
{
    struct event_json json;
    oyez_err err = event_json_make(&json, event);
    if (err == OYEZ_OK) {
        err = put_event(database, event, &json);
    }
    if (err == OYEZ_OK) {
        err = put_tags(database, event);
    }
    event_json_free(&json);
    return err;
}

static void close_handle(struct export_sqlite *database)
{
    sqlite3_finalize(database->put_event);
    sqlite3_finalize(database->put_tag);
    sqlite3_close(database->handle);
    database->put_event = database->put_tag = NULL;
    database->handle = NULL;
}

oyez_err export_sqlite_finish(struct export_sqlite *database)
{
    oyez_err err = run(database, "CREATE INDEX events_event_id ON events(event_id);"
                                 "CREATE INDEX events_event_type ON events(event_type);"
                                 "CREATE INDEX events_broker_time ON events(broker_time);"
                                 "CREATE INDEX events_occurred_at ON events(occurred_at);"
                                 "CREATE INDEX events_correlation_id ON events(correlation_id);"
                                 "CREATE INDEX events_plan_id ON events(plan_id);"
                                 "CREATE INDEX tags_event ON tags(event);"
                                 "CREATE INDEX tags_key_value ON tags(key, value);"
                                 "COMMIT;");
    close_handle(database);
    return err == OYEZ_OK ? new_file_keep(&database->file) : err;
}

void export_sqlite_close(struct export_sqlite **database)
{
    if (database != NULL && *database != NULL) {
        close_handle(*database);
        new_file_close(&(*database)->file);
        free(*database);
        *database = NULL;
    }
}
