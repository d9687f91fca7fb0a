# SPDX-License-Identifier: MIT
"""Views: pattern sets with a name stand wherever a pattern does, and two views of one record do
what two tables did. The commands of docs/from-the-seeds.md are run as they stand there."""
import json
import os
import re
import subprocess

from harness import BIN, ROOT, SLOW, Scenario, equal, wait_until
from record import query, start_server

BLOCK = re.compile(r"<!-- run: (\S+) -->\n```sh\n(.*?)```\n", re.S)
DEALS = ["deal.created", "worker.job_queued", "worker.job_failed", "action.approved",
         "deal.stage_changed"]
RUNS = ["agent.run_started", "agent.tool_called", "agent.run_completed"]
IN_ORDER = ["deal.created", "worker.job_queued", "agent.run_started", "agent.tool_called",
            "worker.job_failed", "agent.run_completed", "action.approved", "deal.stage_changed"]


def run_block(s, text):
    """A block of the page, as a reader's shell would run it."""
    environment = dict(s.environment, PATH=f"{BIN}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=s.directory,
                          env=environment, capture_output=True, text=True, timeout=60 * SLOW,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"ends {done.returncode}:\n{text}\n{done.stdout}{done.stderr}")
    return done


def types_in(text):
    """The event types of lines for people, in order."""
    return re.findall(r"^[\d:.]+ +([A-Za-z]+(?:\.[A-Za-z_]+)+|\w+Event)(?= )", text, re.M)


def types_of(events):
    return [e["event_type"] for e in events]


def run_page(s):
    """What each block prints, by its name. Every block is there and is looked at."""
    text = (ROOT / "docs" / "from-the-seeds.md").read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    equal(len(blocks), text.count("```sh"), "blocks of commands with a name")
    printed = {}
    for name, commands in blocks:
        printed[name] = run_block(s, commands)
    return printed


def check_page(printed):
    shown = {name: types_in(done.stdout) for name, done in printed.items()}
    equal(printed.pop("views").stdout,
          "deals  deal.* action.* worker.*\nruns   @zakops/agent\n", "oyez views")
    equal("9 events emitted" in printed["events"].stdout + printed["events"].stderr, True,
          printed.pop("events"))
    equal(shown["tables"], DEALS + RUNS, "the two tables")
    printed.pop("tables")
    both = [json.loads(line) for line in printed.pop("both").stdout.splitlines()]
    equal(types_of(both), IN_ORDER, "both views")
    equal([e["position"] for e in both], list(range(1, 9)), "their positions: one order")
    listed, tree = printed.pop("correlation").stdout.split("8 events in ")
    equal(types_in(listed), IN_ORDER, "a correlation over both")
    equal([name for name in IN_ORDER if name in tree], IN_ORDER, "the tree of the same")
    equal(shown["neither"], ["system.error"], "what had no table")
    equal("run_id: is required" in printed.pop("neither").stderr, True, "what would be in neither")
    equal(shown["changed"], DEALS + ["system.error"] + ["worker.job_failed", "system.error"],
          "a view that was changed, over what was recorded before")
    printed.pop("changed")
    proof = printed.pop("proof").stdout
    equal("good: 9 events" in proof, True, proof)
    asked = printed.pop("asked").stdout
    newest = [line.split()[3] for line in asked.splitlines()[:3]]
    equal(newest, ["system.error", "deal.stage_changed", "action.approved"], "the newest first")
    equal(types_in(asked), RUNS, "a run")
    equal(re.findall(r"(\d+)  in all", asked), ["6", "9"], "counts of a view, and of everything")
    equal(shown["plans"], ["plan.created", "tool.invoked"], "events of a plan")
    printed.pop("plans")
    equal('"$schema"' in printed["schema"].stdout, True, printed["schema"].stdout)
    equal(shown["schema"][-1:], ["ISSUE.SELECTED.SUCCESS"], printed.pop("schema").stdout)
    equal("order.created" in printed["lanes"].stdout and "recorder" in printed["lanes"].stdout,
          True, printed.pop("lanes").stdout)
    equal(shown["governance"], ["ActionEvaluatedEvent"] * 2, printed.pop("governance").stdout)
    equal(list(printed), [], "blocks that nothing was asked of")


def check_whole_catalog(s):
    """Every event type of the seed, with the example of its catalog: in one view and no other."""
    examples = [json.loads(line) for line in s.oyez("catalog", "example", "--all").lines()]
    domains = ("deal.", "action.", "agent.", "worker.", "system.")
    wanted = [e for e in examples if e["event_type"].startswith(domains)]
    equal(len(wanted), 30, "event types of zakops")
    for fields in wanted:
        fields["tags"] = {"batch": "whole"}
    first = query(s)[-1]["position"] + 1
    s.oyez("emit", "--from", s.write_jsonl("whole.jsonl", wanted), "--level", "recorded")
    wait_until(lambda: len(query(s, "--where", "tag.batch=whole")) == 30, "all are recorded")
    s.write_ini("[views]\ndeals = deal.* action.* worker.*\nruns = @zakops/agent\n"
                "desk = @zakops/system\nall = view:deals view:runs\n  view:desk\n")
    batch = ("--where", "tag.batch=whole")
    parts = [query(s, f"view:{name}", *batch) for name in ("deals", "runs", "desk")]
    equal([len(p) for p in parts], [18, 8, 4], "events of each view")
    positions = sorted(e["position"] for p in parts for e in p)
    equal(positions, list(range(first, first + 30)), "each event is in one view")
    merged = query(s, "view:deals", "view:runs", "view:desk", *batch)
    equal([e["position"] for e in merged], positions, "their union, in one order")
    equal(query(s, "view:all", "deal.*", *batch), merged, "a view of views, and a pattern of it")
    equal(query(s, "--dir", s.data, "view:runs", *batch), parts[1], "from the directory")


def check_live(s):
    """A tail and a replay by view."""
    tail = s.start_tail("view:deals", "order.*")
    replayed = s.start_tail("replay.*")
    s.emit("agent.thinking", {}, "--run-id", "r", "--thread-id", "t")
    s.emit("order.created", {"order_id": "7", "amount": 1})
    s.emit("deal.created", {"deal_id": "0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e02", "name": "Birch Mill",
                            "stage": "inbound"})
    wait_until(lambda: tail.line_count() >= 2, "the tail has both")
    equal(types_of(tail.events()), ["order.created", "deal.created"], "a tail of a view and more")
    s.oyez("replay", "view:runs", "--speed", "max", "--where", "run_id=run-1", "--run", "abcdefgh")
    wait_until(lambda: replayed.line_count() >= 3, "the replay has come")
    equal(types_of(replayed.events()), [f"replay.abcdefgh.{name}" for name in RUNS], "a replay")


def check_refused(s):
    """What is wrong ends the command before anything is asked, with the reason."""
    def told(text, words, *arguments, code=5):
        s.write_ini(text)
        ended = s.oyez("query", *(arguments or ("view:a",)), expect=code)
        equal(words in ended.stderr(), True, f"{words}\n{ended.stderr()}")
        equal(ended.stdout(), "", "it prints nothing else")

    told("[views]\na = x\n\nb = *.fai,led\n",
         "oyez query: oyez.ini:4: view b: '*.fai,led': pattern: only A-Z a-z 0-9 . _ - and * stand "
         "in one, or @domain")
    told("[views]\na = view:b\nb = view:a\n",
         "oyez.ini:3: views name each other in a circle: a > b > a")
    told("\ufeff[views]\na = x\n",
         "oyez.ini:1: begins with a byte order mark; save it as plain UTF-8")
    told("[views]\na =\n", "oyez.ini:2: view a: no pattern")
    told("[vews]\na = x\n", "oyez.ini:1: there is no section [vews]; there is [broker]")
    told("[views]\ndeals = x\n", "did you mean 'deals'", "view:deal", code=2)
    told("[views]\na = x\n", "x matches no event type of the catalogs here", code=0)
    told("[views]\na = b,c\n", "oyez.ini:2", "plan.*", "--config", "oyez.ini")
    told("[views]\na = b,c\n", "", "nothing.like.it", code=0)
    told("", "--config: gone.ini: No such file", "view:a", "--config", "gone.ini")
    (s.directory / "oyez.ini").unlink()
    ended = s.oyez("query", "view:a", expect=2)
    equal("there is no configuration file" in ended.stderr(), True, ended.stderr())
    equal(s.oyez("views").stdout(), "", "no file, no views")


def check_configuration_page(s):
    """The examples of docs/configuration.md are read as it says, and without a notice."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    s.write_ini("".join(re.findall(r"```ini\n(.*?)```", text, re.S)))
    views = s.oyez("views", "--json").events()
    equal({v["name"]: v["patterns"] for v in views},
          {"deals": ["deal.*", "action.*", "worker.*"], "runs": ["@zakops/agent"],
           "failures": ["*.failed", "*.errored", "worker.job_dlq"], "dead": ["worker.job_dlq"]},
          "the views of the page")
    asked = s.oyez("query", *(f"view:{v['name']}" for v in views), "--limit", "1")
    equal(asked.stderr(), "", "notices")


class Views(Scenario):
    def write_ini(self, text):
        (self.directory / "oyez.ini").write_text(text, encoding="utf-8")


with Views() as s:
    s.environment.pop("OYEZ_CONFIG", None)
    s.data = s.environment["OYEZ_DATA"]
    start_server(s, s.data)
    check_page(run_page(s))
    check_whole_catalog(s)
    check_live(s)
    check_refused(s)
    check_configuration_page(s)
