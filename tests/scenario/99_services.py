# SPDX-License-Identifier: MIT
"""A service manager is told when broker and recorder are ready, that they live, and that they stop; and
their units are good, and leave them little that they could do to a machine."""
import pathlib
import shutil
import socket
import subprocess

from harness import BIN, Scenario, equal, wait_until

UNITS = BIN.parent / "deploy" / "systemd"
EXPOSURE = 15  # of 100, as systemd-analyze counts it


class Manager:
    """The socket of a service manager, and what it was told."""

    def __init__(self, path):
        self.path = path
        self.told = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)

    def environment(self):
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": "200000"}

    def states(self):
        while True:
            try:
                self.told.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return self.told

    def has(self, state):
        return any(state in told.split("\n") for told in self.states())

    def watchdogs(self):
        return self.states().count("WATCHDOG=1")

    def hears_life(self, what):
        before = self.watchdogs()
        wait_until(lambda: self.watchdogs() > before + 2, f"{what} tells that it lives")


def told_by_both(s):
    for_broker = Manager(s.directory / "for-broker")
    for_recorder = Manager(s.directory / "for-recorder")
    recorder = s.start("recorder", BIN / "oyez-recorder", "--data", s.directory / "data",
                       "--endpoint", f"ipc://{s.directory}/bus",
                       environment=for_recorder.environment())
    # It waits for its broker, and lives.
    for_recorder.hears_life("the recorder")
    equal(for_recorder.has("READY=1"), False, "a recorder without a broker is not ready")
    broker = s.start("broker", BIN / "oyez-broker", "--listen", f"ipc://{s.directory}/bus",
                     environment=for_broker.environment())
    wait_until(lambda: for_broker.has("READY=1"), "the broker is ready")
    wait_until(lambda: for_recorder.has("READY=1"), "the recorder is ready")
    equal(for_broker.has(f"STATUS=ready ipc://{s.directory}/bus"), True, for_broker.told)
    for_broker.hears_life("the broker")
    for_recorder.hears_life("the recorder")
    for process, manager in ((recorder, for_recorder), (broker, for_broker)):
        equal(manager.has("STOPPING=1"), False, f"{process.name} runs")
        equal(process.stop(), 0, f"exit status of {process.name}")
        equal(manager.has("STOPPING=1"), True, f"{process.name} tells that it stops")
        equal(manager.told.count("STOPPING=1"), 1, "once")


def units_are_good(s):
    """With the programs of this build in the place of installed ones."""
    directory = s.directory / "units"
    directory.mkdir()
    units = []
    for unit in sorted(UNITS.glob("*.service")):
        lines = [f"ExecStart={BIN / pathlib.Path(line).name}" if line.startswith("ExecStart=") else
                 line for line in unit.read_text().splitlines()]
        units.append(directory / unit.name)
        units[-1].write_text("\n".join(lines) + "\n")
    equal([unit.name for unit in units], ["oyez-broker.service", "oyez-recorder.service"], "units")
    if shutil.which("systemd-analyze") is None:
        print("systemd-analyze is not installed: the units were not judged")
        return
    # A manual page is looked for where pages are installed.
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True,
                          text=True, check=False)
    equal((done.returncode, done.stdout + done.stderr), (0, ""), "systemd-analyze verify")
    for unit in units:
        done = subprocess.run(["systemd-analyze", "security", "--offline=true",
                               f"--threshold={EXPOSURE}", unit], capture_output=True, text=True,
                              check=False)
        equal(done.returncode, 0, done.stdout[-400:] + done.stderr)


with Scenario() as s:
    told_by_both(s)
    units_are_good(s)
