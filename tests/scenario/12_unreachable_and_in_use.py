# SPDX-License-Identifier: MIT
"""What cannot be reached is named, within the timeout, exit 3; a port in use is named, exit 5."""
import os
import signal
import socket
import time

from harness import BIN, SLOW, Scenario, equal, free_port, wait_until

NOBODY = "tcp://127.0.0.1:1"

with Scenario() as s:
    for command in (("emit", "session.created", "{}"), ("tail", "plan.*")):
        started = time.monotonic()
        process = s.oyez(*command, "--timeout", "700", expect=3,
                         environment={"OYEZ_ENDPOINT": NOBODY})
        took = time.monotonic() - started
        if NOBODY not in process.stderr():
            raise AssertionError(f"{command[0]} does not name {NOBODY}: {process.stderr()!r}")
        if took > 3 * SLOW:
            raise AssertionError(f"a timeout of 700 ms took {took:.1f} s")

    # A listener that accepts and never speaks is unreachable too.
    with socket.create_server(("127.0.0.1", 0)) as mute:
        endpoint = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        process = s.oyez("emit", "session.created", "{}", "--timeout", "700", "--endpoint",
                         endpoint, expect=3)
        equal(endpoint in process.stderr(), True, "the mute peer is named")

    # Who waits for a broker can be told to stop at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        waiting = s.start_oyez("tail", "--timeout", "60000", "--endpoint", NOBODY)
        wait_until(lambda p=waiting: len(os.listdir(f"/proc/{p.pid}/task")) > 2, "it waits")
        started = time.monotonic()
        waiting.send_signal(number)
        waiting.ends_with(-number)
        if time.monotonic() - started > 0.5 * SLOW:
            raise AssertionError(f"signal {number} took {time.monotonic() - started:.1f} s")

    broker = s.start_broker()
    for name, argv in (("second-broker", [BIN / "oyez-broker"]),
                       ("serve", [BIN / "oyez", "serve"])):
        second = s.start(name, *argv, "--listen", s.endpoint).ends_with(5)
        equal(s.endpoint in second.stderr(), True, f"{name} names the address: {second.stderr()!r}")
        equal(second.stdout(), "", f"{name} is not ready")

    # The ports of ingress and egress count as well.
    for offset in (1, 2):
        port = free_port()
        with socket.create_server(("127.0.0.1", port + offset)):
            third = s.start("third-broker", BIN / "oyez-broker", "--listen",
                            f"tcp://127.0.0.1:{port}").ends_with(5)
            equal(f":{port + offset}" in third.stderr(), True,
                  f"the taken port is named: {third.stderr()!r}")
    s.emit("session.created")
