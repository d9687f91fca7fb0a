# SPDX-License-Identifier: MIT
"""Prometheus' own checker accepts what broker, recorder, clients and handlers tell, without a word."""
import shutil
import subprocess

from harness import Scenario, equal, skip, wait_until
from record import start_broker_and_recorder

PROMTOOL = shutil.which("promtool")
if PROMTOOL is None:
    skip("there is no promtool (Debian's package prometheus)")

SCOPES = ("oyez_broker_events_total", "oyez_recorder_sync_duration_seconds_count",
          "oyez_client_emitted_events_total", "oyez_subscription_handler_duration_seconds_sum",
          "oyez_broker_type_events_total")

with Scenario() as s:
    start_broker_and_recorder(s, s.directory / "data")
    s.start_tail("github.*")
    s.emit("github.push", {"text": "x"})

    def read():
        text = s.oyez("metrics", "--format", "prometheus").stdout()
        return text if all(scope in text for scope in SCOPES) else None

    text = wait_until(read, "all of the system has reported")
    found = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True,
                           text=True, check=False)
    equal((found.returncode, found.stdout + found.stderr), (0, ""), "promtool check metrics")
