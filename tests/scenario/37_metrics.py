# SPDX-License-Identifier: MIT
"""One command shows what every process counts: broker, recorder, subscribers and emitters, by type too.
Who ends is gone from it; thresholds in the configuration make health degraded; docs/metrics.md has
every metric; the example collects them."""
import json
import re
import signal
import subprocess
import sys

from harness import BIN, ROOT, Scenario, equal, wait_until
from record import start_broker_and_recorder

EVENTS = 5
SAMPLE = re.compile(r'([a-z_]+)(\{([a-z]+="(?:[^"\\]|\\.)*",?)+\})? \d+(\.\d+)?$')


def read(s):
    """Values by metric, name of the client, and subscription or type."""
    rows = s.oyez("metrics", "--json").events()
    return {(row["metric"], row.get("name"), row.get("subscription") or row.get("type"),
             row.get("quantile")): row["value"] for row in rows}


def await_value(s, wanted, *key):
    key = (key + (None, None, None))[:4]
    return wait_until(lambda: (lambda all: all if all.get(key) == wanted else None)(read(s)),
                      f"{key} is {wanted}; it is {read(s).get(key)}", 40)


def check_counts(s):
    for _ in range(EVENTS):
        s.emit("github.push", {"text": "x"})
    found = await_value(s, EVENTS, "oyez_subscription_handled_events_total", "oyez tail",
                        "github.*")
    equal(found["oyez_subscription_handler_duration_seconds_count", "oyez tail", "github.*", None],
          EVENTS, "times measured")
    p50, p99 = (found["oyez_subscription_handler_duration_seconds", "oyez tail", "github.*", q]
                for q in ("0.5", "0.99"))
    equal(0 < p50 <= p99 < 60, True, f"quantiles {p50}, {p99}")
    found = await_value(s, EVENTS, "oyez_recorder_recorded_events_total", "recorder")
    equal(found["oyez_broker_events_total", None, None, None], EVENTS, "events of the broker")
    equal(found["oyez_broker_type_events_total", None, "github.push", None], EVENTS, "of the type")
    equal(found["oyez_recorder_disk_size_bytes", "recorder", None, None] > 0, True, "disk")
    equal(found["oyez_recorder_sync_duration_seconds_count", "recorder", None, None] > 0, True,
          "syncs")


def check_prometheus(s):
    """Each family once, with its help and kind before it; every line of the format's form."""
    text = s.oyez("metrics", "--format", "prometheus").stdout()
    families, family = [], None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
            families.append(family)
        elif line.startswith("# TYPE "):
            equal(line.split()[2], family, line)
        else:
            found = SAMPLE.match(line)
            equal(found is not None, True, line)
            equal(re.sub("_(sum|count)$", "", found[1]), family, line)
    equal(len(families), len(set(families)), "families that come twice")
    series = [line.rsplit(" ", 1)[0] for line in text.splitlines() if line[0] != "#"]
    equal(len(series), len(set(series)), "series that come twice")


def check_watch(s):
    watch = s.start_oyez("metrics", "--watch", "--interval", "0.05")
    wait_until(lambda: watch.stdout().count("broker\n") >= 3, "three rounds")
    watch.send_signal(signal.SIGINT)
    watch.ends_with(0)


def check_health(s):
    def health(**environment):
        told = s.oyez("health", "--json", environment=environment)
        return json.loads(told.stdout())

    found = health()
    equal(sorted(found["components"]), ["broker", "checkpoint", "disk", "queues", "recorder"],
          "components")
    equal(set(found["components"]["disk"]), {"status", "message", "last_check"}, "of a component")
    (s.directory / "oyez.ini").write_text("[health]\ndisk-degraded = 100\ndisk-unhealthy = 0\n")
    found = health()
    equal((found["status"], found["components"]["disk"]["status"]), ("degraded", "degraded"),
          "a threshold of the file")
    found = s.oyez("health", "--json", expect=1, environment={"OYEZ_DISK_UNHEALTHY": "100"})
    equal(json.loads(found.stdout())["status"], "unhealthy", "a threshold of the environment")
    (s.directory / "oyez.ini").unlink()


with Scenario() as s:
    s.environment.pop("OYEZ_CONFIG", None)
    start_broker_and_recorder(s, s.directory / "data")
    tail = s.start_tail("github.*")
    check_counts(s)
    check_prometheus(s)
    check_watch(s)
    nobody = s.oyez("metrics", "--timeout", "50", "--endpoint", "tcp://127.0.0.1:1", expect=3)
    equal("(waited 50 ms)" in nobody.stderr(), True, nobody.stderr())
    check_health(s)
    collected = s.start("collect", BIN / "example-collect_metrics").ends_with(0).stdout()
    equal(f"oyez tail: github.* has handled {EVENTS}\n" in collected, True, collected)
    equal("the system is healthy\n" in collected, True, collected)
    tail.stop()
    wait_until(lambda: "oyez tail" not in {key[1] for key in read(s)}, "the tail is gone")
    page = subprocess.run([sys.executable, ROOT / "tests" / "lint" / "metrics_page.py",
                           BIN / "oyez"], capture_output=True, text=True, check=False)
    equal((page.returncode, page.stderr), (0, ""), "docs/metrics.md")
