# SPDX-License-Identifier: MIT
"""The command line: catalog, health, version, help, filters, and colour only where it belongs."""
import hashlib
import json

from harness import BIN, Scenario, equal, wait_until

TYPES_SHA256 = "426d6e33d49f08db4c747e5a4825e57f7cdc3f338fb18a0ff8d153ff869a4bb1"
COMMANDS = ("serve", "emit", "tail", "query", "get", "stats", "verify", "catalog", "health",
            "version")


def check_catalog(s):
    """With no server at all."""
    types = s.oyez("catalog", "list", "--json").events()
    for fields in types:
        missing = {"event_type", "catalog", "domain", "version", "delivery"} - set(fields)
        equal(missing, set(), f"fields missing in {fields}")
    names = sorted(t["event_type"].encode() for t in types if t["catalog"] != "github")
    equal(len(names), 110, "event types")
    equal(any(n.startswith(b"oyez.") for n in names), False, "the server's own types are listed")
    text = b"".join(name + b"\n" for name in names)
    equal(hashlib.sha256(text).hexdigest(), TYPES_SHA256, "hash of the event types")
    by_name = {t["event_type"]: t for t in types}
    equal(by_name["agent.thinking"]["delivery"], "fast", "delivery of agent.thinking")
    equal(by_name["plan.created"]["delivery"], "durable", "delivery of plan.created")

    shown = s.oyez("catalog", "show", "plan.created").stdout()
    equal("cleveragents" in shown, True, "show names the catalog")
    s.oyez("catalog", "show", "plan.invented", expect=1)
    good = s.write_jsonl("good.jsonl", [{"event_type": "session.created", "details": {}}])
    s.oyez("catalog", "check", good)
    bad = s.write_jsonl("bad.jsonl", [{"event_type": "session.created"}, {"event_type": "no.such"}])
    checked = s.oyez("catalog", "check", bad, expect=1)
    equal("2" in checked.stderr() + checked.stdout(), True, "check names the line")


def check_help(s):
    program = s.start("oyez-help", BIN / "oyez", "--help").ends_with(0)
    for command in COMMANDS:
        equal(command in program.stdout(), True, f"the help lists {command}")
        text = s.oyez(command, "--help").stdout()
        equal(command in text, True, f"help of {command}")
    s.start("no-such", BIN / "oyez", "no-such-command").ends_with(2)
    s.oyez("tail", "--no-such-flag", expect=2)
    s.oyez("emit", expect=2)
    version = s.oyez("version").stdout()
    broker = s.start("broker-help", BIN / "oyez-broker", "--help").ends_with(0).stdout()
    equal("--listen" in broker, True, "help of oyez-broker")
    equal(version.strip() != "", True, "version")


def check_health(s):
    health = json.loads(s.oyez("health", "--json", "--wait", "5").stdout())
    equal(health["status"], "healthy", "status")
    for name, component in health["components"].items():
        missing = {"status", "message", "last_check"} - set(component)
        equal(missing, set(), f"fields of component {name}")
    equal("healthy" in s.oyez("health").stdout(), True, "health for people")


def check_emit(s):
    emitted = s.oyez("emit", "plan.created", '{"goal":"ship"}', "--plan-id", "P1",
                     "--phase", "strategize", "--state", "queued", "--tag", "team=blue", "--level", "sent", "--json").stdout()
    equal(isinstance(json.loads(emitted), dict), True, "emit --json prints an object")
    refused = s.oyez("emit", "plan.invented", "{}", expect=4)
    equal("plan.invented" in refused.stderr(), True, "the unknown type is named")
    s.oyez("emit", "plan.created", '{"broken":', expect=4)
    s.oyez("emit", "plan.created", "[1]", expect=4)
    s.oyez("emit", "oyez.heartbeat", "{}", expect=4)


def check_tail(s):
    """Filters, --count, and no colour in a file or under NO_COLOR."""
    wanted = s.start_tail("--where", "plan_id=P2", "--where", "tag.team=blue", "--where",
                          "details.arguments.size.rooms=3", "--count", "2")
    everything = s.start_tail("*")
    plain = s.when_listening(s.start_oyez("tail", "tool.*"))
    for plan, team, rooms in (("P1", "blue", 3), ("P2", "red", 3), ("P2", "blue", 3),
                              ("P2", "blue", 4), ("P2", "blue", 3), ("P2", "blue", 3)):
        s.emit("tool.invoked", {"tool": "measure", "arguments": {"size": {"rooms": rooms}}},
               "--plan-id", plan, "--tag", f"team={team}")
    wanted.ends_with(0)
    equal([e["position"] for e in everything.events()][2::2][:2],
          [e["position"] for e in wanted.events()], "events that match")
    equal(len(wanted.events()), 2, "--count")
    for event in everything.events():
        if event["event_type"].startswith("oyez."):
            raise AssertionError("a tail of everything shows the server's own events")
        equal(event["index"], None, "index of an event that nobody records")
        equal(event["cursor"], f"{event['epoch']}:{event['position']}", "cursor")
    wait_until(lambda: plain.line_count() >= 6, "six lines for people")
    equal("\x1b" in plain.stdout(), False, "colour in a file")
    equal([line for line in plain.stdout().split("\n") if len(line) > 100], [], "wide lines")
    heartbeat = s.oyez("tail", "oyez.heartbeat", "--count", "1").stdout()
    equal("oyez.heartbeat" in heartbeat, True, f"what is asked for by name: {heartbeat!r}")
    timed = s.oyez("tail", "--for", "0.2", "nothing.like.this")
    equal(timed.stdout(), "", "a tail that sees nothing")
    equal("oyez tail: nothing.like.this matches no event type of the catalogs here\n"
          in timed.stderr(), True, timed.stderr())
    equal("listening on" in timed.stderr(), True, "it goes on all the same")
    near = s.oyez("tail", "--for", "0.1", "plan.creatd", "plan.*", "github.any.thing")
    equal(near.stderr().count("matches no event type"), 1, near.stderr())
    equal("did you mean plan.created?" in near.stderr(), True, near.stderr())
    s.oyez("tail", "--where", "no_such_field=1", expect=2)
    field = s.oyez("tail", "--where", "plan_id=1", "--where", "actr_id=1", expect=2)
    equal("did you mean actor_id?" in field.stderr(), True, field.stderr())
    s.oyez("tail", "plan.created!", expect=2)


def check_record(s):
    """Without a recorder, and misused."""
    for words in (("query",), ("stats",), ("get", "019a0000-0000-7000-8000-000000000000")):
        refused = s.oyez(*words, expect=4)
        equal("no recorder" in refused.stderr(), True, refused.stderr())
    for words in (("query", "--where", "no_such_field=1"), ("query", "--since", "soon"),
                  ("get",), ("get", "no-uuid"), ("stats", "--by", "colour"),
                  ("tail", "--from", "soon"), ("verify", "one", "two")):
        s.oyez(*words, expect=2)
    nowhere = s.oyez("verify", expect=5)
    equal("oyez-data" in nowhere.stderr(), True, f"verify names the directory: {nowhere.stderr()}")
    s.oyez("query", "--dir", s.directory, expect=5)


def check_serve(s):
    server = s.start_oyez("serve", "--listen", "tcp://127.0.0.1:*", "--for", "1")
    endpoint = s.ready_endpoint(server)
    s.oyez("emit", "session.created", "{}", "--endpoint", endpoint)
    server.ends_with(0)
    verdict = s.oyez("verify").stdout()
    equal("1 event, " in verdict, True, f"what was emitted is recorded: {verdict}")
    open_to_all = s.start("insecure", BIN / "oyez-broker", "--listen", "tcp://0.0.0.0:*")
    open_to_all.ends_with(4)
    equal("--insecure-listen" in open_to_all.stderr(), True, "the flag that would allow it")


with Scenario() as s:
    check_catalog(s)
    check_help(s)
    s.oyez("health", "--json", "--endpoint", "tcp://127.0.0.1:1", expect=1)
    s.start_broker()
    check_health(s)
    check_emit(s)
with Scenario() as s:
    s.start_broker()
    check_tail(s)
    check_record(s)
    check_serve(s)
