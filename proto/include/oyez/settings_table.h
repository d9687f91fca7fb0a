// SPDX-License-Identifier: MIT
// Every setting of Oyez, one row each: the flags of the programs, the keys of the configuration
// file, the variables of the environment, `oyez config` and docs/configuration.md come from it.
#ifndef OYEZ_SETTINGS_TABLE_H
#define OYEZ_SETTINGS_TABLE_H

// X(id, section, name, environment, kind, argument, default, unit, min, max, programs, reloads, help)
//   name         the key of the file, and with -- before it the flag of the programs
//   kind         of enum oyez_setting_kind without its beginning
//   argument     what --help calls the value; NULL of a FLAG; the words of a CHOICE, with | between
//   default      as it would be written; "" = none
//   unit         "" = none
//   min, max     of COUNT and SECONDS, in the unit; 0, 0 of the others
//   programs     whose command line takes it, each OYEZ_FOR_...; 0 = none
//   reloads      SIGHUP can change it while the program runs
//   help         begins small, without a full stop
// clang-format off
#define OYEZ_SETTINGS(X)                                                                           \
    X(BROKER_LISTEN, "broker", "listen", "OYEZ_LISTEN", TEXT, "ENDPOINT", "", "", 0, 0,            \
      OYEZ_FOR_BROKER | OYEZ_FOR_SERVE, false,                                                     \
      "where to listen: tcp://HOST:PORT (ingress and egress on the next two ports; port 0 or * = " \
      "any three free ones) or ipc://PATH; without it the endpoint of clients")                    \
    X(BROKER_ADVERTISE, "broker", "advertise", "OYEZ_ADVERTISE", TEXT, "CONTROL,INGRESS,EGRESS",   \
      "", "", 0, 0, OYEZ_FOR_BROKER | OYEZ_FOR_SERVE, false,                                       \
      "endpoints that clients are told instead of those listened on, where ports or addresses "    \
      "are mapped")                                                                                \
    X(BROKER_INSECURE_LISTEN, "broker", "insecure-listen", "OYEZ_INSECURE_LISTEN", FLAG, NULL,     \
      "no", "", 0, 0, OYEZ_FOR_BROKER | OYEZ_FOR_SERVE, false,                                     \
      "allow an address that other machines can reach: there are no keys yet, whoever reaches it " \
      "can emit and listen")                                                                       \
    X(BROKER_RECORDER, "broker", "recorder", "OYEZ_RECORDER", CHOICE, "none|wait", "wait", "", 0,  \
      0, OYEZ_FOR_BROKER | OYEZ_FOR_SERVE, false,                                                  \
      "wait: emitters keep durable events until a recorder has them; none: an event is safe once " \
      "it is stamped, and nothing is recorded")                                                    \
    X(BROKER_HOLD_MAX, "broker", "hold-max", "OYEZ_HOLD_MAX", SECONDS, "SECONDS", "30", "s", 0,    \
      4294967, OYEZ_FOR_BROKER | OYEZ_FOR_SERVE, true,                                             \
      "how long intake may wait for a recorder that confirms nothing, before events may be "       \
      "missing from the record; 0 = for ever")                                                     \
    X(BROKER_RING_SIZE, "broker", "ring-size", "OYEZ_RING_SIZE", COUNT, "BYTES", "67108864",       \
      "bytes", 4214784, 1099511627776, OYEZ_FOR_BROKER | OYEZ_FOR_SERVE, false,                    \
      "frames of the recent past that are kept for the recorder")                                  \
    X(RECORDER_DATA, "recorder", "data", "OYEZ_DATA", TEXT, "DIR", "./oyez-data", "", 0, 0,        \
      OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false, "where the journal is, or is made")               \
    X(RECORDER_KEY, "recorder", "key", "OYEZ_KEY", TEXT, "FILE", "", "", 0, 0,                     \
      OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                                   \
      "the key that signs checkpoints, made if there is none; without it DIR.key beside the "      \
      "directory")                                                                                 \
    X(RECORDER_ORIGIN, "recorder", "origin", "OYEZ_ORIGIN", TEXT, "NAME", "", "", 0, 0,            \
      OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                                   \
      "what a key that is made is called; without it a name of its own")                           \
    X(RECORDER_CHECKPOINT_INTERVAL, "recorder", "checkpoint-interval",                             \
      "OYEZ_CHECKPOINT_INTERVAL", COUNT, "MS", "900", "ms", 1, 86400000,                           \
      OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, true,                                                    \
      "sign a checkpoint so long after the first record that none covers")                         \
    X(RECORDER_CATALOG, "recorder", "catalog", "OYEZ_CATALOGS", LIST, "FILE", "", "", 0, 0,        \
      OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                                   \
      "a catalog besides the built-in ones; may be given again. Those of the command line, the "   \
      "environment (FILE:FILE) and the file add up")                                               \
    X(RECORDER_MIRROR, "recorder", "mirror", "OYEZ_MIRROR", FLAG, NULL, "no", "", 0, 0,            \
      OYEZ_FOR_RECORDER, false,                                                                    \
      "keep the same journal as the recorder of this broker, a second or so behind it: copies "    \
      "its records, and holds them against what comes over the bus. Where they differ it says so " \
      "and ends with 5")                                                                           \
    X(RECORDER_SEGMENT_SIZE, "recorder", "segment-size", "OYEZ_SEGMENT_SIZE", COUNT, "BYTES",      \
      "67108864", "bytes", 4096, 1099511627776, OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,         \
      "begin a new file of the journal after so many")                                             \
    X(RECORDER_SEGMENT_AGE, "recorder", "segment-age", "OYEZ_SEGMENT_AGE", COUNT, "SECONDS", "0",  \
      "s", 0, 315360000, OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                \
      "begin a new file of the journal with the first record after so long; 0 = by size alone")    \
    X(RECORDER_KEEP_FOR, "recorder", "keep-for", "OYEZ_KEEP_FOR", TEXT, "AGE", "", "", 0, 0,       \
      OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                                   \
      "remove segments whose events are all older: 90s, 15m, 12h or 30d; without it they are "     \
      "kept for ever")                                                                             \
    X(RECORDER_KEEP_SIZE, "recorder", "keep-size", "OYEZ_KEEP_SIZE", COUNT, "BYTES", "0",          \
      "bytes", 0, 1152921504606846976, OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                  \
      "remove the oldest segments while the sealed ones, archived as they are, have more bytes; "  \
      "0 = no limit")                                                                              \
    X(RECORDER_KEEP_TYPE, "recorder", "keep-type", "OYEZ_KEEP_TYPES", LIST, "PATTERN=AGE", "",     \
      "", 0, 0, OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                         \
      "blank older events of the types that match; may be given again")                            \
    X(RECORDER_ARCHIVE_AFTER, "recorder", "archive-after", "OYEZ_ARCHIVE_AFTER", TEXT, "AGE", "",  \
      "", 0, 0, OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,                                         \
      "archive segments whose events are all older; without it only on request")                   \
    X(RECORDER_LIFE_INTERVAL, "recorder", "life-interval", "OYEZ_LIFE_INTERVAL", COUNT,            \
      "SECONDS", "3600", "s", 1, 31536000, OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, false,              \
      "how often archiving and retention are looked after, besides whenever a segment ends")       \
    X(CLIENT_ENDPOINT, "client", "endpoint", "OYEZ_ENDPOINT", TEXT, "ENDPOINT",                    \
      "tcp://127.0.0.1:5570", "", 0, 0, OYEZ_FOR_RECORDER, false,                                  \
      "control endpoint of the broker")                                                            \
    X(CLIENT_NAME, "client", "name", "OYEZ_NAME", TEXT, "NAME", "", "", 0, 0, 0, false,            \
      "what a client is called in metrics and notices; its id is made anew at each start")         \
    X(CLIENT_NAMESPACE, "client", "namespace", "OYEZ_NAMESPACE", TEXT, "NAME", "", "", 0, 0, 0,    \
      false, "project_name of events that have none")                                              \
    X(CLIENT_ENVIRONMENT, "client", "environment", "OYEZ_ENVIRONMENT", TEXT, "NAME", "", "", 0, 0, \
      0, false, "environment of events that have none: production, staging")                       \
    X(CLIENT_POLLING_INTERVAL, "client", "polling-interval", "OYEZ_POLLING_INTERVAL", COUNT, "MS", \
      "50", "ms", 1, 86400000, 0, false, "how long a poller sleeps that found nothing")            \
    X(CLIENT_STARVATION_THRESHOLD, "client", "starvation-threshold", "OYEZ_STARVATION_THRESHOLD",  \
      COUNT, "MS", "1000", "ms", 1, 86400000, 0, false,                                            \
      "events that wait longer for their handler make the client's health degraded")               \
    X(CLIENT_CONCURRENT_HANDLERS, "client", "concurrent-handlers", "OYEZ_CONCURRENT_HANDLERS",     \
      COUNT, "N", "4", "threads", 1, 64, 0, false, "threads of a pool of handlers")               \
    X(CLIENT_HANDLER_TIMEOUT, "client", "handler-timeout", "OYEZ_HANDLER_TIMEOUT", COUNT, "MS",    \
      "0", "ms", 0, 86400000, 0, false,                                                            \
      "how long a handler may take before it counts as timed out; 0 = as long as it likes")        \
    X(CLIENT_CLOSE_TIMEOUT, "client", "close-timeout", "OYEZ_CLOSE_TIMEOUT", COUNT, "MS", "5000",  \
      "ms", 1, 86400000, 0, false, "how long a closing client waits for its events to be safe")    \
    X(CLIENT_WINDOW_SIZE, "client", "window-size", "OYEZ_WINDOW_SIZE", COUNT, "BYTES", "8388608",  \
      "bytes", 1053696, 8388608, 0, false,                                                         \
      "events of a lane that an emitter keeps because they are not safe yet; beyond it emits are " \
      "turned away")                                                                               \
    X(CLIENT_QUEUE_SIZE, "client", "queue-size", "OYEZ_QUEUE_SIZE", COUNT, "BYTES", "16777216",    \
      "bytes", 65536, 16777216, 0, false, "events of a subscription that wait for their handler")  \
    X(HEALTH_DISK_DEGRADED, "health", "disk-degraded", "OYEZ_DISK_DEGRADED", COUNT, "PERCENT",     \
      "10", "%", 0, 100, 0, false, "less free space than that on the journal's disk is degraded")  \
    X(HEALTH_DISK_UNHEALTHY, "health", "disk-unhealthy", "OYEZ_DISK_UNHEALTHY", COUNT, "PERCENT",  \
      "2", "%", 0, 100, 0, false, "less than that is unhealthy")                                   \
    X(HEALTH_QUEUE_DEGRADED, "health", "queue-degraded", "OYEZ_QUEUE_DEGRADED", COUNT, "PERCENT",  \
      "90", "%", 1, 101, 0, false, "a window or queue that is so full is degraded; 101 = never")   \
    X(HEALTH_CHECKPOINT_DEGRADED, "health", "checkpoint-degraded", "OYEZ_CHECKPOINT_DEGRADED",     \
      SECONDS, "SECONDS", "5", "s", 0, 4294967, 0, false,                                          \
      "a record that waits longer for its checkpoint is degraded")                                 \
    X(HEALTH_RECORDED_DEGRADED, "health", "recorded-degraded", "OYEZ_RECORDED_DEGRADED", COUNT,    \
      "N", "100000", "events", 1, 1099511627776, 0, false,                                         \
      "more stamped events than that without a record are degraded")                               \
    X(LOG_FORMAT, "log", "log-format", "OYEZ_LOG_FORMAT", CHOICE, "text|logfmt|json", "text", "",  \
      0, 0, OYEZ_FOR_BROKER | OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, true,                            \
      "how a line of diagnostics is written on stderr")                                            \
    X(LOG_LEVEL, "log", "log-level", "OYEZ_LOG_LEVEL", CHOICE, "info|warning|error", "info", "",   \
      0, 0, OYEZ_FOR_BROKER | OYEZ_FOR_RECORDER | OYEZ_FOR_SERVE, true,                            \
      "what matters less is not written")
// clang-format on

#endif
