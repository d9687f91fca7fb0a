# SPDX-License-Identifier: MIT
"""`oyez demo` waits for a broker that is not there yet, emits until its time is over or it is
stopped, and tells the same story for the same seed."""
import signal

from harness import Scenario, equal, free_port, wait_until

with Scenario() as s:
    port = free_port()
    s.environment["OYEZ_ENDPOINT"] = endpoint = f"tcp://127.0.0.1:{port}"
    early = s.start_oyez("demo", "--seed", "7")
    wait_until(lambda: "waiting" in early.stderr(), "it says that it waits", 40)
    s.start_broker(endpoint)
    wait_until(lambda: s.counters()["events"] > 5, "it emits", 60)
    early.send_signal(signal.SIGINT)
    early.ends_with(0)

    heard = []
    for _ in range(2):
        tail = s.start_tail("session.*", "--count", "1")
        demo = s.start_oyez("demo", "--seed", "7", "--for", "600")
        heard.append([e["details"] for e in tail.ends_with(0, 60).events()])
        demo.send_signal(signal.SIGTERM)
        demo.ends_with(0)
    equal(heard[0], heard[1], "the same seed tells the same story")
    s.oyez("demo", "--for", "1")
