# SPDX-License-Identifier: MIT
"""Real processes for the scenarios: on free ports, in a fresh directory, and with an end.

A scenario is a program whose docstring is the sentence it shows:

    from harness import Scenario
    with Scenario() as s:
        s.start_broker()
        ...

Environment: OYEZ_BIN, the directory of the programs (required); OYEZ_TEST_SLOW, by which
deadlines are multiplied (default 1, 6 in a sanitizer build); OYEZ_TEST_QUICK, smaller numbers
(the default in a sanitizer build).
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON_CLIENT = ROOT / "client" / "examples" / "python"
SHARED = pathlib.Path(os.environ.get("OYEZ_SHARED", ROOT.parent / "shared"))


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


if "OYEZ_BIN" not in os.environ:
    skip("OYEZ_BIN does not name the directory of the programs")
BIN = pathlib.Path(os.environ["OYEZ_BIN"]).resolve()
for program in ("oyez", "oyez-broker"):
    if not (BIN / program).exists():
        skip(f"{BIN / program} is not built")


def is_sanitized():
    program = (BIN / "oyez").read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


SANITIZED = is_sanitized()
SLOW = float(os.environ.get("OYEZ_TEST_SLOW") or (6 if SANITIZED else 1))
QUICK = bool(os.environ.get("OYEZ_TEST_QUICK")) or SANITIZED
SANITIZER_REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


def wait_until(condition, what, seconds=20.0):
    """The condition's first true value. Fails with `what` when the deadline passes."""
    end = time.monotonic() + seconds * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds * SLOW:g} s: {what}")
        time.sleep(0.01)


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}:\n  found    {str(found)[:2000]}\n"
                             f"  expected {str(expected)[:2000]}")


def free_port():
    """A port that is free, as are the two after it."""
    while True:
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                for offset in (1, 2):
                    other = stack.enter_context(socket.socket())
                    other.bind(("127.0.0.1", port + offset))
            except (OSError, OverflowError):
                continue
            return port


class Process:
    """A program with its output in files, so that nothing waits for a reader."""

    def __init__(self, scenario, name, argv, **options):
        self.name = name
        self.argv = [str(a) for a in argv]
        self.out = scenario.directory / f"{name}.out"
        self.err = scenario.directory / f"{name}.err"
        environment = dict(scenario.environment, **options.pop("environment", {}))
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.popen = subprocess.Popen(self.argv, stdout=out, stderr=err, env=environment,
                                          cwd=scenario.directory,
                                          stdin=options.pop("stdin", subprocess.DEVNULL),
                                          **options)

    @property
    def pid(self):
        return self.popen.pid

    @property
    def stdin(self):
        return self.popen.stdin

    def is_running(self):
        return self.popen.poll() is None

    def stdout(self):
        return self.out.read_text(errors="replace")

    def stderr(self):
        return self.err.read_text(errors="replace")

    def lines(self):
        """The complete lines of its output, as bytes."""
        return self.out.read_bytes().split(b"\n")[:-1]

    def events(self):
        """The complete lines of its output, read as JSON."""
        return [json.loads(line) for line in self.lines()]

    def line_count(self):
        return self.out.read_bytes().count(b"\n")

    def send_signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=30.0):
        """The exit status. Fails when it is not over in time."""
        try:
            return self.popen.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} goes on after {seconds * SLOW:g} s") from None

    def ends_with(self, status, seconds=30.0):
        found = self.wait(seconds)
        equal(found, status, f"exit status of {self.name}")
        return self

    def stop(self, seconds=15.0):
        """SIGTERM, for what was stopped too; the exit status."""
        if self.is_running():
            self.send_signal(signal.SIGTERM)
            self.send_signal(signal.SIGCONT)
        return self.wait(seconds)

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def told_lost(tail, event_type):
    """How many events of a type a tail says that it lost."""
    told = re.findall(rf"{re.escape(event_type)}: (\d+) events? .*\(numbers", tail.stderr())
    return sum(int(count) for count in told)


class Scenario:
    """A directory, an endpoint and processes; all are gone at the end, whatever happens."""

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="oyez-scenario-"))
        self.processes = []
        self.broker = None
        tsan = f"suppressions={ROOT / 'tests' / 'tsan.supp'}"
        self.environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
        self.environment.setdefault("TSAN_OPTIONS", tsan)
        self.environment.pop("OYEZ_ENDPOINT", None)
        self.environment["OYEZ_DATA"] = str(self.directory / "oyez-data")
        return self

    def __exit__(self, kind, error, trace):
        try:
            if error is None:
                self.end_in_order()
        except AssertionError as late:
            error = late
            raise
        finally:
            for process in self.processes:
                if process.is_running():
                    process.kill()
            if error is not None:
                self.show_processes()
            shutil.rmtree(self.directory, ignore_errors=True)

    def uses_inproc(self):
        """What runs from here on has its bus inside: over inproc ThreadSanitizer takes what libzmq,
        which it is not built with, hands from thread to thread for races, and is not asked."""
        self.environment["TSAN_OPTIONS"] += " report_bugs=0"

    def end_in_order(self):
        """A broker ends with 0 on SIGTERM, and no sanitizer has said anything."""
        others = [p for p in self.processes if p is not self.broker]
        for process in others:
            process.stop()
        if self.broker is not None:
            equal(self.broker.stop(), 0, "exit status of the broker on SIGTERM")
        for process in self.processes:
            report = SANITIZER_REPORT.search(process.stderr())
            if report:
                raise AssertionError(f"{process.name}: {report[0]} reports")

    def show_processes(self):
        for process in self.processes:
            status = process.popen.returncode
            print(f"--- {process.name}: status {status}: {' '.join(process.argv)[:200]}",
                  file=sys.stderr)
            print(process.stdout()[-1000:] + process.stderr()[-4000:], file=sys.stderr)

    def start(self, name, *argv, **options):
        names = {p.name for p in self.processes}
        number = 2
        base = name
        while name in names:
            name, number = f"{base}-{number}", number + 1
        process = Process(self, name, argv, **options)
        self.processes.append(process)
        return process

    def start_broker(self, listen="tcp://127.0.0.1:*", *arguments):
        """oyez-broker, ready. Everything started after it finds it by OYEZ_ENDPOINT.

        It expects no recorder unless the arguments say so.
        """
        if "--recorder" not in arguments:
            arguments = ("--recorder", "none", *arguments)
        broker = self.start("broker", BIN / "oyez-broker", "--listen", listen, *arguments)
        self.endpoint = self.ready_endpoint(broker)
        self.environment["OYEZ_ENDPOINT"] = self.endpoint
        self.broker = broker
        return broker

    @staticmethod
    def ready_endpoint(server):
        """What a server says when it is ready."""
        def read():
            if not server.is_running():
                raise AssertionError(f"{server.name} ended before it was ready")
            return re.search(r"^ready (\S+)$", server.stdout(), re.M)
        return wait_until(read, f"{server.name} says ready")[1]

    def start_oyez(self, command, *arguments, **options):
        return self.start(f"oyez-{command}", BIN / "oyez", command, *arguments, **options)

    def oyez(self, command, *arguments, expect=0, seconds=60.0, **options):
        """Runs `oyez` to its end."""
        return self.start_oyez(command, *arguments, **options).ends_with(expect, seconds)

    def start_tail(self, *arguments):
        """`oyez tail --json`, listening."""
        return self.when_listening(self.start_oyez("tail", "--json", *arguments))

    def start_python(self, program, *arguments, **options):
        path = PYTHON_CLIENT / program
        return self.start(program, "/usr/bin/python3", path, *arguments, **options)

    @staticmethod
    def when_listening(process):
        def listens():
            if not process.is_running():
                raise AssertionError(f"{process.name} ended before it was listening")
            return "listening on" in process.stderr()
        wait_until(listens, f"{process.name} is listening")
        return process

    def emit(self, event_type, details=None, *arguments):
        """One event, stamped when this returns."""
        text = json.dumps(details if details is not None else {}, separators=(",", ":"))
        return self.oyez("emit", event_type, text, *arguments)

    def write_jsonl(self, name, objects):
        path = self.directory / name
        with open(path, "w", encoding="utf-8") as file:
            for fields in objects:
                file.write(json.dumps(fields, separators=(",", ":")) + "\n")
        return path

    def counters(self):
        """The broker's counters by name."""
        health = json.loads(self.oyez("health", "--json", "--wait", "60", seconds=90).stdout())
        return health["counters"]
