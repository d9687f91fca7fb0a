# SPDX-License-Identifier: MIT
"""deploy/compose.yaml: all parts come up in any order, the example emitter is recorded, and each
container says by itself that it is healthy."""
import json
import os
import pathlib
import shutil
import subprocess

from podman import ROOT, equal, free_ports, wait_until

OYEZ = pathlib.Path(os.environ["OYEZ_BIN"]) / "oyez"
SERVICES = ("broker", "recorder", "emitter", "tail")


def compose(podman, settings, *arguments):
    done = subprocess.run(["podman-compose", "--project-name", podman.name, "--file",
                           str(ROOT / "deploy/compose.yaml"), *arguments], text=True,
                          env=dict(podman.environment, **settings), capture_output=True, check=False)
    # podman-compose itself says nothing by its status.
    return done.stdout + done.stderr


def check(podman, image):
    if shutil.which("podman-compose") is None:
        print("podman-compose is not installed: deploy/compose.yaml was not tried")
        return
    port = free_ports()
    settings = {"OYEZ_IMAGE": image, "OYEZ_PORT": str(port), "OYEZ_PORT_IN": str(port + 1),
                "OYEZ_PORT_OUT": str(port + 2)}
    podman.containers += [f"{podman.name}_{service}_1" for service in SERVICES]
    # The parts that need the broker come first.
    said = compose(podman, settings, "up", "--detach", "--no-deps", "tail", "emitter", "recorder")
    said += compose(podman, settings, "up", "--detach", "--no-deps", "broker")
    try:
        for service in SERVICES:
            container = f"{podman.name}_{service}_1"
            equal(podman.try_run("container", "exists", container).returncode, 0,
                  f"{service} is there: {said}")
            wait_until(lambda c=container: podman.try_run(
                "exec", c, "oyez", "health", "--wait", "3").returncode == 0,
                f"{service} is healthy:\n{podman.logs(container)}", 90)
        stats = [str(OYEZ), "stats", "--json", "--endpoint", f"tcp://127.0.0.1:{port}"]

        def recorded():
            asked = subprocess.run(stats, text=True, capture_output=True, check=False)
            lines = [json.loads(line) for line in asked.stdout.splitlines()]
            return len(lines) > 10 and lines
        wait_until(recorded, "more than ten types of events are recorded", 90)
        shown = podman.logs(f"{podman.name}_tail_1")
        equal(len(shown.splitlines()) > 10, True, f"the tail shows them: {shown[-500:]}")
    finally:
        compose(podman, settings, "down", "--volumes")
