# SPDX-License-Identifier: MIT
"""A bus under test: broker, recorder, mirror, emitters and subscribers as processes of their own, and
a proxy each for the emitters, the subscribers and the recorders."""
import os
import pathlib
import select
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scenario"))

from harness import BIN, Scenario, free_port, skip, wait_until  # pylint: disable=wrong-import-position
from mirrored import agree  # pylint: disable=wrong-import-position

for program in ("zmtp_proxy", "chaos_emitter", "chaos_subscriber", "oyez-recorder"):
    if not (BIN / program).exists():
        skip(f"{BIN / program} is not built")

PROMISES = (("live", "*"), ("recorded", "*"), ("live", "plan.*"), ("recorded", "*.created"),
            ("live", "agent.thinking"), ("recorded", "tool.*", "actor.*"),
            ("live", "invariant.reconciled"), ("live", "*.completed"))


class Proxy:
    """A zmtp_proxy before the three ports of a broker."""

    def __init__(self, cluster, name, seed):
        self.name = name
        self.port = free_port()
        self.process = cluster.s.start(f"proxy-{name}", BIN / "zmtp_proxy", self.port, cluster.port,
                                       seed, stdin=subprocess.PIPE)
        wait_until(lambda: self.process.stdout() == "ready\n", f"{name}'s proxy is ready")
        self.answered = 1

    @property
    def endpoint(self):
        return f"tcp://127.0.0.1:{self.port}"

    def tell(self, command):
        """Its answer."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        answers = wait_until(lambda: self.process.lines()[self.answered:],
                             f"{self.name}'s proxy answers {command}")
        self.answered += 1
        answer = answers[0].decode()
        if not answer.startswith("ok "):
            raise AssertionError(f"{self.name}'s proxy: {command}: {answer}")
        return answer

    def figures(self):
        return {key: int(value) for key, value in
                (word.split("=") for word in self.tell("stats").split()[1:])}


class Cluster:
    """What the faults happen to. Everything is found again under its role after a kill."""

    def __init__(self, scenario, seed, *, emitters=8, subscribers=8, rate=200, mirror=False,
                 hold_max=30):
        self.s = scenario
        self.seed = seed
        self.rate = rate
        self.hold_max = hold_max
        self.data = scenario.directory / "journal"
        self.mirror_data = scenario.directory / "mirror"
        self.port = free_port()
        self.started = 0
        self.lost = {}
        self.proxies = {name: Proxy(self, name, seed + i) for i, name in
                        enumerate(("emitters", "subscribers", "recorder"))}
        self.start_broker()
        self.start_recorder()
        self.mirror = self.start_mirror() if mirror else None
        self.subscribers = [self.start_subscriber("subscriber", PROMISES[i % len(PROMISES)])
                            for i in range(subscribers)]
        for process, ledger in self.subscribers:
            wait_until(lambda file=ledger: "\nB\n" in file.read_text(),
                       f"{process.name} listens", 40)
        self.emitters = [self.start_emitter() for _ in range(emitters)]

    def start_broker(self):
        self.broker = self.s.start("broker", BIN / "oyez-broker", "--listen",
                                   f"tcp://127.0.0.1:{self.port}", "--recorder", "wait",
                                   "--hold-max", self.hold_max)
        self.s.broker = self.broker

    def start_recorder(self):
        self.recorder = self.s.start("recorder", BIN / "oyez-recorder", "--data", self.data,
                                     "--endpoint", self.proxies["recorder"].endpoint)

    def start_mirror(self):
        return self.s.start("mirror", BIN / "oyez-recorder", "--mirror", "--data",
                            self.mirror_data, "--endpoint", self.proxies["recorder"].endpoint)

    def next_ledger(self, name):
        self.started += 1
        return self.s.directory / f"{name}-{self.started}.ledger"

    def start_emitter(self):
        ledger = self.next_ledger("emitter")
        process = self.s.start(ledger.stem, BIN / "chaos_emitter",
                               self.proxies["emitters"].endpoint, ledger, ledger.stem, self.rate,
                               self.seed * 1000 + self.started)
        return process, ledger

    def start_subscriber(self, name, promise):
        return self.run_subscriber(self.next_ledger(name), promise, "live")

    def run_subscriber(self, ledger, promise, begin):
        process = self.s.start(ledger.stem, BIN / "chaos_subscriber",
                               self.proxies["subscribers"].endpoint, ledger, promise[0], 0, begin,
                               *promise[1:])
        wait_until(ledger.exists, f"{process.name} has a ledger")
        return process, ledger

    def check_running(self):
        """Nobody ends who was not killed."""
        known = [self.broker, self.recorder] + [p for p, _ in self.emitters + self.subscribers]
        known += [proxy.process for proxy in self.proxies.values()]
        known += [self.mirror] if self.mirror else []
        for process in known:
            if not process.is_running():
                raise AssertionError(f"{process.name} ended by itself with "
                                     f"{process.popen.returncode}: {process.stderr()[-2000:]}")

    def heal(self):
        for proxy in self.proxies.values():
            proxy.tell("heal")

    def end(self):
        """No faults any more: all that was emitted is recorded, all that is told is heard."""
        self.heal()
        for process, _ in self.emitters:
            process.send_signal(signal.SIGTERM)
        self.wait_for_emitters()
        self.wait_for_silence()
        for process, _ in self.subscribers:
            process.stop()
        if self.mirror is not None:
            wait_until(lambda: agree(self.data, self.mirror_data), "the mirror has the same root",
                       60)
        for recorder in (self.recorder, self.mirror):
            if recorder is not None and recorder.stop(30) != 0:
                raise AssertionError(f"{recorder.name}: {recorder.stderr()[-2000:]}")
        if self.broker.stop() != 0:
            raise AssertionError(f"{self.broker.name}: {self.broker.stderr()[-2000:]}")
        self.s.broker = None
        for name, proxy in self.proxies.items():
            self.lost[name] = ", ".join(f"{key} {value}" for key, value in proxy.figures().items()
                                        if value)
            proxy.tell("quit")
            proxy.process.ends_with(0)

    def wait_for_emitters(self, seconds=20):
        """Where one takes long, what the broker says of itself is kept for whoever looks for why."""
        since = time.monotonic()
        while any(process.is_running() for process, _ in self.emitters):
            if time.monotonic() > since + seconds:
                since += seconds
                self.s.start_oyez("health", "--json", "--endpoint", f"tcp://127.0.0.1:{self.port}")
            select.select([], [], [], 0.1)
        for process, _ in self.emitters:
            process.ends_with(0)

    def wait_for_silence(self, seconds=12):
        """Until the subscribers' ledgers have not grown for longer than it takes until a question whose
        answer was lost is asked again, 8 s at most."""
        sizes, since = None, time.monotonic()
        while time.monotonic() < since + seconds:
            now = [os.stat(ledger).st_size for _, ledger in self.subscribers]
            if now != sizes:
                sizes, since = now, time.monotonic()
            select.select([], [], [], 0.1)
