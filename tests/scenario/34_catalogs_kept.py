# SPDX-License-Identifier: MIT
"""A user's catalog is loaded, emitted to in both forms and queried; then it is gone, and what it was
needed for can still be read, by the server and without one. A type that two catalogs claim is
refused. Events that nobody judged are recorded and listed. Old versions are read as the newest."""
import json

from catalogs import catalog_text, compile_catalog
from harness import BIN, Scenario, equal, skip, wait_until
from record import query, records, start_server

if not (BIN / "catalog_client").exists():
    skip("catalog_client is not built")

CATALOG_ADDED = 20
BODY = """
// An order was placed.
message OrderPlaced {{
  option (oyez.type) = {{name: "order.placed" domain: "shop"}};
{fields}
}}
"""
CENTS = """
  // What it costs.
  optional uint32 cents = 1 [(oyez.rules) = {min: 1, example: '5'}];"""
AMOUNT = """
  // What it costs.
  optional uint32 amount = 2 [(oyez.rules) = {min: 1, example: '5'}];"""
CURRENCY = """
  // Of the amount.
  optional string currency = 3 [(oyez.rules) = {example: '"EUR"'}];"""
FIELDS = {"1.0.0": CENTS, "2.0.0": AMOUNT, "3.0.0": AMOUNT + CURRENCY}


def compile_shop(s, version="1.0.0", name="shop"):
    text = catalog_text(BODY.format(fields=FIELDS[version]), name, version)
    return compile_catalog(s, text, name, f"{name}-{version}.binpb")


def with_catalog(path):
    return {"environment": {"OYEZ_CATALOGS": str(path)}}


def emit_json(s, path, details):
    s.oyez("emit", "order.placed", json.dumps(details), "--level", "recorded",
           **with_catalog(path))


def emit_protobuf(s, path, details):
    s.start("catalog_client", BIN / "catalog_client", "emit", "order.placed", json.dumps(details),
            **with_catalog(path)).ends_with(0)


def catalogs_in(data):
    return [r for r in records(data) if r.kind == CATALOG_ADDED]


def refused(s, path):
    other = compile_shop(s, name="other")
    serve = (BIN / "oyez", "serve", "--listen", "tcp://127.0.0.1:*")
    for program in (serve, (BIN / "oyez-recorder",)):
        twice = s.start("twice", *program, "--data", s.directory / "none", "--catalog", path,
                        "--catalog", other)
        twice.ends_with(4)
        told = twice.stderr()
        equal(["order.placed" in told or "OrderPlaced" in told, "shop.proto" in told,
               "other" in told], [True] * 3, told)
        missing = s.start("missing", *program, "--data", s.directory / "none", "--catalog",
                          s.directory / "nowhere.binpb")
        missing.ends_with(5)
        equal("nowhere.binpb" in missing.stderr(), True, missing.stderr())


def shown(events):
    return [(e["event_type"], e["details"]) for e in events]


def read_everywhere(s, data, expected):
    """By programs that never knew the catalog."""
    events = query(s)
    equal(shown(events), expected, "query")
    equal(shown(query(s, "--dir", data)), expected, "query --dir")
    one = events[1]
    for arguments in ((), ("--dir", data)):
        equal(json.loads(s.oyez("get", one["event_id"], "--json", *arguments).stdout())["details"],
              one["details"], "get")
    equal(len(query(s, "--where", "details.cents=7")), 1, "a condition on details")
    def tail(*arguments):
        return shown(s.oyez("tail", "--json", "--from", "first", *arguments).events())

    equal(tail("--count", str(len(expected))), expected, "tail --from first")
    equal(tail("--where", "details.cents=7", "--count", "1"), expected[1:], "a condition of a tail")


def kept(s, data):
    path = compile_shop(s)
    refused(s, path)
    server = start_server(s, data, "tcp://127.0.0.1:*", "--catalog", path)
    emit_json(s, path, {"cents": 5})
    emit_protobuf(s, path, {"cents": 7})
    wrong = s.oyez("emit", "order.placed", '{"cents":0}', expect=4, **with_catalog(path))
    equal("shop: order.placed: details.cents: 0 is below the minimum 1" in wrong.stderr(), True,
          wrong.stderr())
    expected = [("order.placed", {"cents": 5}), ("order.placed", {"cents": 7})]
    equal(shown(query(s)), expected, "while it is there")
    equal(len(catalogs_in(data)), 1, "it stands in the journal once")
    path.unlink()
    read_everywhere(s, data, expected)
    equal(server.stop(), 0, "exit status of the server")
    for loss in (None, "catalogs.state"):
        if loss:
            (data / loss).unlink()
            equal(shown(query(s, "--dir", data)), expected, "without the file")
        server = start_server(s, data)
        read_everywhere(s, data, expected)
        equal(s.oyez("emit", "order.placed", "{}", expect=4).stderr().count("no catalog"), 1,
              "it serves reading only")
        equal(server.stop(), 0, "exit status of the server")
    equal(len(catalogs_in(data)), 1, "it still stands there once")


def upcast(s, data):
    """Of versions 1 and 2, in both forms, as version 3."""
    expected = []
    for version, field in (("1.0.0", "cents"), ("2.0.0", "amount")):
        path = compile_shop(s, version)
        server = start_server(s, data, "tcp://127.0.0.1:*", "--catalog", path)
        emit_json(s, path, {field: 100})
        emit_protobuf(s, path, {field: 200})
        expected += [100, 200]
        equal(server.stop(), 0, "exit status of the server")
    path = compile_shop(s, "3.0.0")
    server = start_server(s, data, "tcp://127.0.0.1:*", "--catalog", path)
    equal(len(catalogs_in(data)), 2, "both old catalogs are kept")
    reader = s.start("catalog_client", BIN / "catalog_client", "upcast", "order.placed", "4",
                     **with_catalog(path))
    reader.ends_with(0)
    for by in ("subscription", "query"):
        lines = [line.split(" ", 3) for line in reader.stdout().splitlines()
                 if line.startswith(by)]
        equal([version for _, _, version, _ in lines], ["3.0.0"] * 4, f"{by}: the newest version")
        equal([json.loads(details) for *_, details in lines],
              [{"amount": amount, "currency": "EUR"} for amount in expected], f"{by}: its shape")
    equal([e["schema_version"] for e in query(s)], ["1.0.0"] * 2 + ["2.0.0"] * 2,
          "the record's own")
    equal(server.stop(), 0, "exit status of the server")


def unjudged(s, data):
    server = start_server(s, data)
    good = {"event_type": "session.created", "details": {}}
    bad = {"event_type": "tool.retried", "details": {"attempt": 0}}
    unknown = {"event_type": "nobody.knows", "details": {"n": 1}}
    lines = s.write_jsonl("unjudged.jsonl", [good, bad, unknown, bad])
    with open(lines, encoding="utf-8") as file:
        s.start_python("emitter.py", "--timeout", "20", stdin=file).ends_with(0)
    wait_until(lambda: len(query(s)) == 4, "all are recorded")
    for arguments in ((), ("--dir", data)):
        found = query(s, "--invalid", *arguments)
        equal([e["event_type"] for e in found], ["tool.retried"] * 2, "what breaks a rule")
        equal({e["invalid"] for e in found},
              {"cleveragents: tool.retried: details.attempt: 0 is below the minimum 1"}, "which")
    health = json.loads(s.oyez("health", "--json").stdout())
    equal(health["counters"]["invalid_events"], 2, "the counter")
    equal(health["components"]["recorder"]["message"],
          "attached; 2 recorded events break a rule of their catalog", "what health says")
    people = s.oyez("query", "--invalid").stdout()
    equal(people.count("invalid: cleveragents: tool.retried: details.attempt: 0"), 2, people)
    told = server.stderr()
    equal(told.count("details.attempt: 0 is below the minimum 1"), 1, f"told once: {told}")
    equal(told.count("nobody.knows"), 1, f"what no catalog has: {told}")
    equal(["invalid" in e for e in query(s)], [False] * 4, "else nothing is said of it")
    equal(server.stop(), 0, "exit status of the server")


def deprecated(s, data):
    body = BODY.format(fields=CENTS.replace("min: 1", 'min: 1 deprecated: "use price"'))
    body = body.replace('domain: "shop"', 'domain: "shop" deprecated: "use order.made"')
    path = compile_catalog(s, catalog_text(body), "shop", "deprecated.binpb")
    server = start_server(s, data, "tcp://127.0.0.1:*", "--catalog", path)
    lines = s.write_jsonl("old.jsonl", [{"event_type": "order.placed", "details": {"cents": 1}}] * 3)
    for arguments in (("--from", lines), ("order.placed", '{"cents":1}')):
        told = s.oyez("emit", *arguments, **with_catalog(path)).stderr()
        equal((told.count("use order.made"), told.count("use price")), (1, 1), f"once: {told}")
    equal(server.stop(), 0, "exit status of the server")


with Scenario() as s:
    deprecated(s, s.directory / "deprecated")
    kept(s, s.directory / "kept")
    upcast(s, s.directory / "upcast")
    unjudged(s, s.directory / "unjudged")
