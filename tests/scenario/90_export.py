# SPDX-License-Identifier: MIT
"""Exports hold every event that was asked for, from the server and from its directory alike; what
they hold is equal in all forms, and emitted on another bus it is the same events again.

JSON lines are those of `oyez query --json`. CloudEvents keep to the specification, by a schema of
our own; of every event type's example, and of events whose texts no attribute may hold, the second
bus exports the same bytes. Events without a JSON form are left out and told; CloudEvents from
elsewhere are taken or refused by rule.
"""
import json
import sqlite3
import sys
import uuid

from cloudevents import check_validator, faults
from counted import counted
from harness import PYTHON_CLIENT, Scenario, equal, wait_until
from hostile import Peer
from record import start_server

sys.path.insert(0, str(PYTHON_CLIENT))
import oyez_wire as wire  # noqa: E402  the path stands above

OF_THE_RECORD = ("epoch", "position", "index", "cursor", "broker_time")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TEXTS = ["plain", "", "two\nlines", "\u0085 \x7f", "\ufffe\U0001ffff", "oyez:unknown", "a b",
         "10:20", "https://example.org/a?b#c", "%41 %", "\"\\\u2028", "Zoë \U0001f600"]
NAMES = ["correlation_id", "causation_id", "step_id", "actor_type", "actor_id", "actor_name",
         "plan_id", "root_plan_id", "phase", "state", "session_id", "project_name", "run_id",
         "thread_id", "user_id", "aggregate_id", "aggregate_type", "source", "app_version",
         "environment", "schema_version"]
DAY = 86400


def odd_events():
    """One for each text in every field of the header, and then what stands at an edge."""
    for text in TEXTS:
        yield {**counted(1), **{name: text for name in NAMES if name != "schema_version"},
               "tags": {"a": text, "A.b-c_9": "x"}}
    yield {**counted(2), "aggregate_version": 2**64 - 1, "traceparent": TRACE,
           "occurred_at": "1970-01-01T00:00:00.000000001Z"}
    yield {**counted(3, free="\u0000 \u2028", digits=0.1), "aggregate_version": 0,
           "tags": {f"t{n}": str(n) for n in range(32)}}
    yield {"event_type": "github.push", "details": {"n": [1, {"specversion": "1.0"}], "x" * 900: ""}}
    yield counted(4, large="x" * (1024 * 1024 - 200))


def export(s, *arguments):
    return s.oyez("export", *arguments).lines()


def content(lines):
    """What is an event in JSON lines."""
    return [{k: v for k, v in json.loads(line).items() if k not in OF_THE_RECORD} for line in lines]


def emit_file(s, name, lines, expect=0):
    path = s.directory / name
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return s.oyez("emit", "--from", path, "--level", "recorded", expect=expect)


def read_database(path):
    """Its rows as the JSON lines would have them."""
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    found = []
    for row in database.execute("SELECT * FROM events ORDER BY journal_index"):
        event = {k: row[k] for k in row.keys() if row[k] is not None}
        event["index"] = event.pop("journal_index")
        if "details_bytes" not in event:
            event["details"] = json.loads(event["details"])
        if "aggregate_version" in event:
            event["aggregate_version"] = int(event["aggregate_version"])
        tags = dict(database.execute("SELECT key, value FROM tags WHERE event = ? ORDER BY rowid",
                                     (event["index"],)).fetchall())
        found.append({**event, "tags": tags} if tags else event)
    equal(database.execute("PRAGMA integrity_check").fetchone()[0], "ok", "integrity")
    equal(database.execute("PRAGMA user_version").fetchone()[0], 1, "user_version")
    database.close()
    return found


def all_forms_hold_the_same(s, data):
    lines = export(s)
    equal(lines, s.oyez("query", "--json").lines(), "jsonl and query --json")
    equal(export(s, "--dir", data), lines, "jsonl of the directory")
    events = export(s, "--format", "cloudevents")
    equal(export(s, "--format", "cloudevents", "--dir", data), events,
          "CloudEvents of the directory")
    for line in events:
        equal(faults(json.loads(line)), [], f"faults of {line[:500]}")
    equal([json.loads(e)["id"] for e in events], [json.loads(x)["event_id"] for x in lines], "ids")
    for name, source in (("server.db", ()), ("directory.db", ("--dir", data))):
        told = s.oyez("export", "--format", "sqlite", *source, name).stderr()
        equal(f"{len(lines)} events in {name}" in told, True, told)
        equal(read_database(s.directory / name), [json.loads(x) for x in lines], name)
    equal(list(s.directory.glob("*.partial")), [], "partial files")
    return lines, events


def a_selection_is_exported(s):
    chosen = (["tool.*"], ["@zakops/agent", "plan.created"], ["--where", "phase=plain"],
              ["--where", "tag.A.b-c_9=x", "tool.*"], ["--since", f"{DAY}s"], ["--until", "1d"],
              ["no.such.type"])
    for arguments in chosen:
        asked = s.oyez("query", "--json", *arguments).lines()
        equal(export(s, *arguments), asked, f"jsonl of {arguments}")
        equal(len(export(s, *arguments, "--format", "cloudevents")), len(asked),
              f"CloudEvents of {arguments}")
        name = f"selection-{chosen.index(arguments)}.db"
        s.oyez("export", *arguments, "--format", "sqlite", name)
        equal(read_database(s.directory / name), [json.loads(x) for x in asked], name)


def wrong_words_are_refused(s):
    for arguments, code, words in (
            (["--format", "sqlite"], 2, "FILE is missing"),
            (["--format", "sqlite", "plan.*"], 2, "FILE is missing"),
            (["--format", "sqlite", "plan.created"], 2, "FILE is missing"),
            (["--format", "sqlite", "@zakops/agent"], 2, "FILE is missing"),
            (["--format", "sqlite", "server.db"], 5, "server.db is there already"),
            (["--format", "sqlite", "nowhere/a.db"], 5, "nowhere/a.db.partial: No such file"),
            (["--format", "sqlite", "--where", "nothing=1", "a.db"], 2, "unknown field"),
            (["--format", "sqlite", "--dir", "nowhere", "a.db"], 5, "nowhere"),
            (["--format", "xml"], 2, "--format"),
            (["--where", "nothing=1"], 2, "unknown field"),
            (["--since", "yesterday"], 2, "--since"),
            (["a b"], 2, "pattern: only"),
            (["--format", "tlog-tiles"], 2, "one OUTDIR, which is missing"),
            (["--format", "tlog-tiles", "a", "b"], 2, "and no patterns"),
            (["--format", "tlog-tiles", "--since", "1d", "a"], 2, "without --where")):
        told = s.oyez("export", *arguments, expect=code).stderr()
        equal(words in told, True, f"{arguments}: {told}")
    equal(list(s.directory.glob("a*")), [], "files of what was refused")


def another_bus_has_the_same_events(exported, lines, events):
    """`exported` are lines of either kind."""
    with Scenario() as s:
        start_server(s, s.directory / "data")
        emit_file(s, "again.jsonl", exported)
        equal(export(s, "--format", "cloudevents"), events, "CloudEvents of the second bus")
        equal(content(export(s)), content(lines), "JSON lines of the second bus")
        # The same once more: known by their ids, so no event is there twice.
        emit_file(s, "again.jsonl", exported)
        equal(export(s, "--format", "cloudevents"), events, "CloudEvents emitted twice")


def raw_event(event_type, details, details_format, **header):
    """An Event's bytes, judged by nobody."""
    head = wire.event_pb2.EventHeader(event_id=wire.new_uuid(), event_type=event_type,
                                      occurred_at=1, **header)
    event = wire.event_pb2.Event(header=head.SerializeToString(), details=details,
                                 details_format=details_format)
    return event.SerializeToString()


def what_has_no_json_form_is_left_out_and_told(s, data):
    before = len(export(s))
    peer = Peer(s.endpoint)
    json_format, protobuf = (wire.event_pb2.DETAILS_FORMAT_JSON,
                             wire.event_pb2.DETAILS_FORMAT_PROTOBUF)
    raw = [("raw.array", raw_event("raw.array", b"[1]", json_format)),
           ("raw.bytes", raw_event("raw.bytes", b"{\"a\":\"\xff\"}", json_format)),
           ("raw.header", raw_event("raw.header", b"{}", json_format,
                                    session_id="VVVV").replace(b"VVVV", b"\xff\xfe\xff\xfe")),
           ("plan.created", raw_event("plan.created", b"\x0a\x04Glue", protobuf, session_id="raw")),
           ("raw.unknown", raw_event("raw.unknown", b"\x08\x00\x01", protobuf)),
           ("raw.twice", raw_event("raw.twice", b"{ \"a\": 1, \"a\": 2 }", json_format))]
    for number, (name, event) in enumerate(raw, 1):
        peer.send(wire.write_frame(name, peer.client_id, number, 0, [event]))
    wait_until(lambda: len(s.oyez("query", "--ids", "raw.*").lines()) >= 4, "raw events recorded")
    peer.close()
    for source in ((), ("--dir", data)):
        for form in ("jsonl", "cloudevents"):
            run = s.oyez("export", "raw.*", "--format", form, *source, expect=1)
            shown = run.events()
            equal([e.get("type", e.get("event_type")) for e in shown], ["raw.unknown", "raw.twice"],
                  f"raw events as {form}")
            equal([e.get("data_base64", e.get("details_base64")) for e in shown], ["CAAB", None],
                  f"bytes as {form}")
            equal("2 events are left out" in run.stderr(), True, run.stderr())
            equal(run.stderr().count("raw.array: details: not a JSON object"), 1, run.stderr())
        name = f"raw{len(source)}.db"
        s.oyez("export", "raw.*", "--format", "sqlite", *source, name, expect=1)
        rows = read_database(s.directory / name)
        equal([(r["event_type"], r.get("details_bytes")) for r in rows],
              [("raw.unknown", b"\x08\x00\x01"), ("raw.twice", None)], name)
    equal(len(s.oyez("export", expect=1).lines()), before + 3, "all events that have a form")
    typed = s.oyez("export", "--where", "session_id=raw", "--format", "cloudevents").events()
    equal([e["data"] for e in typed], [{"goal": "Glue"}], "protobuf that a catalog can tell")


def foreign(**attributes):
    event = {"specversion": "1.0", "id": "A234-1234-1234", "source": "/mycontext",
             "type": "github.push", "data": {"appinfoA": "abc"}, **attributes}
    return json.dumps({k: v for k, v in event.items() if v != "absent"}).encode()


GOOD = [
    foreign(),
    foreign(id="5", time="2018-04-05T17:31:00+02:00", subject="s", comexample="v", number=5,
            yes=True, none=None, dataschema="https://example.org/s", traceparent=TRACE,
            datacontenttype="application/cloudevents+json; charset=utf-8"),
    foreign(id="6", data="absent", data_base64="eyJhIjoxfQ=="),
    foreign(id="7", data="absent"),
    foreign(id="6E8BC430-9C3A-11D9-9669-0800200C9A66", source="not a reference"),
]
BAD = [
    (foreign(specversion="0.3"), "specversion: 0.3 is not 1.0"),
    (foreign(specversion=1), "specversion: not a string"),
    (foreign(source="absent"), "source: missing"),
    (foreign(type="com.example.someevent"), "no catalog has this event type"),
    (foreign(type="oyez.gap"), "are emitted by Oyez alone"),
    (foreign(comExample="v"), "comExample: names of attributes"),
    (foreign(extension={}), "extension: an attribute is"),
    (foreign(data="<xml/>", datacontenttype="text/xml"), "datacontenttype: text/xml"),
    (foreign(data="absent", data_base64="AAA=", datacontenttype="image/png"), "image/png"),
    (foreign(data="text"), "data: not an object"),
    (foreign(data_base64="eyJhIjoxfQ=="), "there is data already"),
    (foreign(data="absent", data_base64="W10="), "details: not a JSON object"),
    (foreign(traceparent="nonsense"), "traceparent"),
    (foreign(extension="x" * 257), "longer than 256 bytes"),
    (foreign(type="plan.created", data={}), "goal"),
    (foreign().replace(b"\"id\"", b"\"type\":\"b\",\"id\""), "a key stands twice"),
]


def those_from_elsewhere_are_taken_or_refused():
    with Scenario() as s:
        start_server(s, s.directory / "data")
        told = emit_file(s, "foreign.jsonl", GOOD + [bad for bad, _ in BAD], expect=4)
        equal(f"{len(GOOD)} events emitted, {len(BAD)} lines refused" in told.stdout(), True,
              told.stdout())
        for number, (bad, words) in enumerate(BAD, len(GOOD) + 1):
            line = [x for x in told.stderr().splitlines() if x.startswith(f"line {number}: ")]
            equal(len(line) == 1 and words in line[0], True, f"{bad}: {line}")
        shown = content(export(s))
        name = str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, "/mycontext"), "A234-1234-1234"))
        equal({k: shown[0][k] for k in ("event_id", "source", "tags", "details")},
              {"event_id": name, "source": "/mycontext", "tags": {"id": "A234-1234-1234"},
               "details": {"appinfoA": "abc"}}, "the first")
        equal({k: shown[1][k] for k in ("occurred_at", "aggregate_id", "tags", "traceparent")},
              {"occurred_at": "2018-04-05T15:31:00.000000000Z", "aggregate_id": "s",
               "tags": {"comexample": "v", "number": "5", "yes": "true", "id": "5",
                        "dataschema": "https://example.org/s"}, "traceparent": TRACE}, "the second")
        equal([e["details"] for e in shown[2:4]], [{"a": 1}, {}], "decoded, and none")
        equal((shown[4]["event_id"], shown[4]["source"]),
              ("6e8bc430-9c3a-11d9-9669-0800200c9a66", "not a reference"), "the last")
        again = s.oyez("emit", "--from", "foreign.jsonl", "--level", "recorded", expect=4)
        equal(f"{len(GOOD)} events emitted" in again.stdout(), True, again.stdout())
        equal(content(export(s)), shown, "events that came again")
        events = export(s, "--format", "cloudevents")
        for line in events:
            equal(faults(json.loads(line)), [], f"faults of {line[:500]}")
        another_bus_has_the_same_events(events, export(s), events)


check_validator()
with Scenario() as s:
    data = s.directory / "data"
    start_server(s, data)
    examples = s.oyez("catalog", "example", "--all").lines()
    equal(len(examples) > 100, True, f"{len(examples)} examples")
    emit_file(s, "examples.jsonl", examples)
    s.oyez("emit", "--from", s.write_jsonl("odd.jsonl", odd_events()), "--level", "recorded")
    lines, events = all_forms_hold_the_same(s, data)
    equal(len(lines), len(examples) + len(TEXTS) + 4, "events")
    a_selection_is_exported(s)
    wrong_words_are_refused(s)
    for exported in (lines, events, [pair[i % 2] for i, pair in enumerate(zip(lines, events))]):
        another_bus_has_the_same_events(exported, lines, events)
    what_has_no_json_form_is_left_out_and_told(s, data)
those_from_elsewhere_are_taken_or_refused()
