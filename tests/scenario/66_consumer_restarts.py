# SPDX-License-Identifier: MIT
"""A named consumer misses nothing while broker, recorder and its own process are killed under it, in
turn and more than once; only what its own kill left uncommitted comes twice."""
from counted import counted, number_of
from harness import BIN, Scenario, equal, free_port, wait_until
from record import start_recorder, when_ready

ROUNDS = 2
AT_A_TIME = 40


class Bus:
    def __init__(self, s):
        self.s = s
        self.data = s.directory / "data"
        self.listen = f"tcp://127.0.0.1:{free_port()}"
        self.broker = self.start_broker()
        self.recorder = start_recorder(s, self.data)
        self.emitted = 0

    def start_broker(self):
        return self.s.start_broker(self.listen, "--recorder", "wait")

    def emit(self):
        """Recorded when this returns."""
        first = self.emitted + 1
        self.emitted += AT_A_TIME
        lines = [counted(n) for n in range(first, self.emitted + 1)]
        path = self.s.write_jsonl(f"events-{first}.jsonl", lines)
        self.s.oyez("emit", "--from", path, "--level", "recorded")

    def kill_broker(self):
        self.broker.kill()
        self.broker = self.start_broker()
        when_ready(self.recorder)

    def kill_recorder(self):
        self.recorder.kill()
        self.recorder = start_recorder(self.s, self.data)


def start_consumer(s):
    """Handles everything at once: a line for each event waits for it."""
    with open(s.directory / "lines", "rb") as lines:
        return s.start("consume", BIN / "example-consume", "worker", stdin=lines)


def numbers(consumer):
    return [number_of(e) for e in consumer.events()]


def await_last(consumer, bus):
    wait_until(lambda: numbers(consumer)[-1:] == [bus.emitted], f"number {bus.emitted} is handled")


def check_whole(found, first, bus, what):
    equal(found, list(range(first, bus.emitted + 1)), what)


with Scenario() as s:
    (s.directory / "lines").write_bytes(b"\n" * 10000)
    bus = Bus(s)
    bus.emit()
    consumer = start_consumer(s)
    first = 1
    for _ in range(ROUNDS):
        for kill in (bus.kill_broker, bus.kill_recorder):
            await_last(consumer, bus)
            kill()
            bus.emit()
            await_last(consumer, bus)
            check_whole(numbers(consumer), first, bus, f"{kill.__name__}: everything once")
        consumer.kill()
        bus.emit()
        consumer = start_consumer(s)
        await_last(consumer, bus)
        # What was handled last may not have been committed when it was killed.
        first = numbers(consumer)[0]
        equal(first >= bus.emitted - AT_A_TIME, True, "at most one comes again")
        check_whole(numbers(consumer), first, bus, "after its own kill")
    s.oyez("verify", bus.data)
