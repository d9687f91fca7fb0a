# SPDX-License-Identifier: MIT
"""Events that the broker has stamped and accepted, and that die with it before they are recorded: their
emitter says nothing new, and still they come again in the next epoch, and are recorded once."""
import json
import signal
import subprocess

from counted import counted, number_of
from harness import Scenario, equal, free_port, wait_until
from record import query, start_recorder, verify

COUNT = 100

with Scenario() as s:
    data = s.directory / "data"
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    first = s.start_broker(endpoint, "--recorder", "wait")
    recorder = start_recorder(s, data)
    emit = s.start_oyez("emit", "--from", "-", "--level", "recorded", "--timeout", "20000",
                        stdin=subprocess.PIPE)
    recorder.send_signal(signal.SIGSTOP)
    for number in range(COUNT):
        emit.stdin.write(json.dumps(counted(number)).encode() + b"\n")
    emit.stdin.close()
    # A broker that answers this has paid the accept marks before.
    wait_until(lambda: s.counters()["events"] == COUNT, "all are stamped")
    s.counters()
    first.kill()
    recorder.kill()  # what waits on its socket is gone too
    s.start_broker(endpoint, "--recorder", "wait")
    start_recorder(s, data)
    emit.ends_with(0, 30)
    equal([number_of(e) for e in query(s)], list(range(COUNT)), "recorded events")
    equal("gap" in verify(s, data).stdout(), False, "gaps")
