# SPDX-License-Identifier: MIT
"""The programs that docs/from-the-seeds.md and docs/streams.md name do what they say there. Most of
them are whole applications: bus, record and client in one process."""
import re

from catalogs import catalog_text, compile_catalog
from harness import BIN, ROOT, Scenario, equal
from record import start_server

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"

# What each prints: whole lines, as regular expressions; ... stands for any lines.
PRINTED = {
    "taxonomy": r"""plan\.created: catalog cleveragents, domain plan
plan: plan\.created plan\.phase_changed plan\.state_changed plan\.applied plan\.cancelled plan\.errored
...
budget: budget\.warning budget\.exceeded
38 types in 12 domains""",
    "event_fields": rf"""\{{"event_id":"{UUID}","event_type":"ActionEvaluatedEvent",.*"user_id":"u-20c4e7f",.*\}}
the same again""",
    "typed_details": r"""run_tests took 1840 ms; its result ends in … \[12024 characters cut\]""",
    "plan_context": rf"""tool\.invoked: plan plan-2 of plan-1, execute, processing, by nobody, workflow ({UUID})
tool\.invoked: plan plan-2 of plan-1, execute, processing, by builder, workflow \1""",
    "event_lines": rf"""time={TIME} event=ActionEvaluatedEvent id={UUID} user_id=okafor details=\{{.*\}}
time={TIME} event=OverrideActivatedEvent id={UUID} user_id=okafor details=\{{.*\}}""",
    "validation": r"""invalid argument or event
  client: is NULL
invalid argument or event
  event: is NULL
unknown event type
  plan\.craeted: no catalog has this event type \(did you mean plan\.created\?\)
invalid argument or event
  cleveragents: tool\.invoked: details\.tol: is no field of this type
invalid argument or event
  cleveragents: tool\.invoked: details\.tool: is required
invalid argument or event
  cleveragents: tool\.invoked: details\.tool: 7 is not a string
invalid argument or event
  zakops: agent\.thinking: run_id: is required
no error
  taken""",
    "operation": r"""deal\.stage_changed
actor\.invoked
actor\.completed, caused, timed
actor\.invoked
actor\.errored, caused, timed, with a reason
actor\.invoked
actor\.errored, caused, timed, with a reason""",
    "stream": r"""tool\.errored: failure 1, 120 ms lost so far
tool\.errored: failure 2, 2120 ms lost so far""",
    "event_loop": r"""...
a batch; 5 of 5 events so far""",
    "poller": r"""nothing yet
running already: 1
received: order\.created
running: 0""",
    "metrics_collector": r"""# TYPE events_total counter
events_total\{domain="tool"\} 3
events_total\{domain="actor"\} 1
# TYPE tool_seconds summary
tool_seconds_sum 1\.540
tool_seconds_count 2""",
    "event_bus": r"""evaluated: \{"action":"test","decision":"DENY",.*\}
alert, with its cause""",
}
RECORDING = {
    "health": r"""healthy
  broker: healthy, looked at: yes
  recorder: healthy, looked at: yes(?:
  .*: healthy, looked at: yes)*""",
    "audit_log": r"""plan-1: recorded
plan-1: was there before
plan-2: recorded
1 plan\.created plan-1
3 plan\.created plan-2""",
    "event_queries": r"""recent: action\.approved agent\.run_started
of the deal: deal\.created agent\.run_started
of the run: agent\.run_started
one: action\.approved
(?:action: 1|agent: 1|deal: 1)
(?:action: 1|agent: 1|deal: 1)
(?:action: 1|agent: 1|deal: 1)""",
    "publisher": r"""order\.created is recorded at index 1
order\.created, correlation checkout-7, durable
agent\.thinking, correlation checkout-7, fast
emitted 2, fast ones lost 0""",
}

SHOP = """
// Something is sold.
message Sold {
  option (oyez.type) = {name: "shop.sold" domain: "sale"};
  // Number on the bill.
  optional string bill_id = 1 [(oyez.rules) = {max_length: 40, example: '"b-1"'}];
  // What was paid.
  optional uint32 cents = 2 [(oyez.rules) = {example: '7990'}];
}
"""


def check(s, name, printed, *arguments):
    done = s.start(name, BIN / f"example-{name}", *arguments).ends_with(0, 60)
    equal(done.stderr(), "", f"what {name} complains of")
    pattern = printed.replace("...\n", r"(?:.*\n)*") + "\n"
    if not re.fullmatch(pattern, done.stdout()):
        raise AssertionError(f"{name} prints\n{done.stdout()}in place of\n{pattern}")


def check_settings(s):
    """The environment goes before the default, and is named."""
    s.environment["OYEZ_POLLING_INTERVAL"] = "20"
    check(s, "settings", r"""...
polling-interval = 20 ms \(OYEZ_POLLING_INTERVAL\)
...
queue-size = 16777216 bytes \(default\)""")


def check_catalogs(s):
    """The catalogs of the other seeds, and one of their pages."""
    for catalog, types in (("zakops", "30 types in 5"), ("tamma", "25 types in 7"),
                           ("projectai", "16 types in 4"), ("tasker", "")):
        check(s, "taxonomy", f"...\n{types}.*", catalog)
    check(s, "catalog_page", r"""
### `tool\.invoked`
...
\{"event_type":"tool\.invoked",.*\}
\{
...
\}""", "tool.invoked")


def check_upcast(s):
    """An event of the first version is read in the shape of the second."""
    s.environment["OYEZ_CATALOGS"] = str(compile_catalog(s, catalog_text(SHOP)))
    start_server(s, s.directory / "shop")
    s.emit("shop.sold", {"bill_id": "b-1", "cents": 7990}, "--level", "recorded")
    check(s, "upcast", r'2\.0\.0 \{"bill_id":"b-1","amount":79\.90\}')


def main():
    with Scenario() as s:
        s.uses_inproc()
        for name, printed in PRINTED.items():
            check(s, name, printed)
        for name, printed in RECORDING.items():
            check(s, name, printed, s.directory / name)
        check_settings(s)
        check_catalogs(s)
        check_upcast(s)
        page = (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")
        for path in re.findall(r"<!-- file: (\S+) -->", page):
            equal((ROOT / path).stem in PRINTED, True, f"{path} of docs/streams.md is run")


if __name__ == "__main__":
    main()
