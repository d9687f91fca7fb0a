# SPDX-License-Identifier: MIT
"""What the tests of deploy/ need of podman: a base image from Debian's own packages, images,
containers and their end. Skips, with the reason, where containers cannot be run."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("podman", "runc", "mmdebstrap")
BASE = "localhost/oyez-test-base"
# Defaults that a machine may refuse to grant, in the place of those that it refuses for certain.
SETTINGS = """[engine]
runtime = "runc"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=1000:1000"]
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}:\n  found    {str(found)[:2000]}\n"
                             f"  expected {str(expected)[:2000]}")


def wait_until(condition, what, seconds=60.0):
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def free_ports():
    """The first of three ports in a row that are free."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        taken = []
        try:
            for offset in range(3):
                one = socket.socket()
                taken.append(one)
                one.bind(("127.0.0.1", port + offset))
            return port
        except (OSError, OverflowError):
            continue
        finally:
            for one in taken:
                one.close()


class Podman:
    """Containers, networks and volumes of one test, all under one name; gone at its end."""

    def __enter__(self):
        if os.geteuid() != 0:
            skip("only root builds and runs containers here")
        for tool in TOOLS:
            if shutil.which(tool) is None:
                skip(f"{tool} is not installed")
        self.name = f"oyez-test-{uuid.uuid4().hex[:8]}"
        self.image = f"localhost/{self.name}"
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="oyez-deploy-"))
        settings = self.directory / "containers.conf"
        settings.write_text(SETTINGS)
        self.environment = dict(os.environ, CONTAINERS_CONF=str(settings))
        self.containers = []
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            for container in self.containers:
                print(f"--- {container}\n{self.logs(container)}", file=sys.stderr)
        for container in self.containers:
            self.try_run("rm", "--force", "--time", "0", "--volumes", container)
        self.try_run("network", "rm", "--force", self.name, f"{self.name}_bus")
        self.try_run("volume", "rm", "--force", self.name)
        self.try_run("rmi", "--force", self.image)
        shutil.rmtree(self.directory, ignore_errors=True)

    def try_run(self, *arguments):
        return subprocess.run(["podman", *arguments], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def run(self, *arguments):
        """Its output, and what it says besides."""
        done = self.try_run(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"podman {' '.join(arguments)}: {done.returncode}\n"
                                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout.strip()

    def make_base(self):
        """Debian 12 from its packages, once for all tests on this machine."""
        if self.try_run("image", "exists", BASE).returncode == 0:
            return
        root = self.directory / "base.tar"
        made = subprocess.run(["mmdebstrap", "--variant=minbase", "--include=ca-certificates",
                               "bookworm", str(root)], text=True, capture_output=True, check=False)
        if made.returncode != 0:
            skip(f"no Debian root can be made: {made.stderr.strip().splitlines()[-1:]}")
        imported = self.try_run("import", str(root), BASE)
        root.unlink()
        if imported.returncode != 0:
            skip(f"podman cannot keep images: {imported.stderr.strip()[-300:]}")

    def check_it_runs(self):
        """Where even this fails the machine forbids containers, and nothing was learnt."""
        made = self.try_run("network", "create", self.name)
        if made.returncode != 0:
            skip(f"podman cannot make networks: {made.stderr.strip()[-300:]}")
        ran = self.try_run("run", "--rm", "--network", self.name, "--memory", "64m", "--publish",
                           f"127.0.0.1:{free_ports()}:5570", BASE, "true")
        if ran.returncode != 0:
            skip(f"podman cannot run containers: {ran.stderr.strip()[-300:]}")

    def build(self):
        """The image of this checkout, and what podman knows of it; nothing else is kept."""
        self.run("build", "--isolation=chroot", "--format", "docker", "--layers=false",
                 "--build-arg", f"BASE_IMAGE={BASE}", "--tag", self.image,
                 "--file", str(ROOT / "deploy/container/Containerfile"), str(ROOT))
        return json.loads(self.run("image", "inspect", self.image))[0]

    def start(self, role, *arguments):
        """A container in the background; `arguments` are those of podman run."""
        name = f"{self.name}-{role}"
        self.containers.append(name)
        self.run("run", "--detach", "--name", name, "--read-only", "--cap-drop=ALL",
                 "--user", "5570:5570", *arguments)
        return name

    def logs(self, container):
        done = self.try_run("logs", container)
        return done.stdout + done.stderr

    def wait_for(self, container, text):
        def says():
            if self.state(container)["Status"] != "running":
                raise AssertionError(f"{container} has ended:\n{self.logs(container)}")
            return text in self.logs(container)
        wait_until(says, f"{container} says {text!r}")

    def state(self, container):
        return json.loads(self.run("inspect", container))[0]["State"]

    def exit_status(self, container):
        wait_until(lambda: self.state(container)["Status"] == "exited", f"{container} ends")
        return self.state(container)["ExitCode"]
