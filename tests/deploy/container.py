# SPDX-License-Identifier: MIT
"""The image: built from this checkout, run as two containers without privileges, used from outside
through ports mapped to other numbers, killed and started again without a loss."""
import json
import os
import pathlib
import subprocess
import time

import composed
from podman import Podman, equal, free_ports

OYEZ = pathlib.Path(os.environ["OYEZ_BIN"]) / "oyez"


def oyez(endpoint, *arguments):
    return subprocess.run([str(OYEZ), *arguments, "--endpoint", endpoint], text=True, check=True,
                          capture_output=True).stdout


def events(endpoint, *arguments):
    return [json.loads(line) for line in oyez(endpoint, "query", "--json", *arguments).splitlines()]


def emit(endpoint, count, first):
    """`count` events, each recorded before this returns."""
    lines = "".join(json.dumps({"event_type": "session.created", "actor_name": f"a{n}",
                                "details": {}}) + "\n"
                    for n in range(first, first + count))
    subprocess.run([str(OYEZ), "emit", "--from", "-", "--level", "recorded", "--timeout", "60000",
                    "--endpoint", endpoint], input=lines, text=True, check=True,
                   capture_output=True)


def check_refusals(podman, image, broker):
    """A place that cannot be written and a port in use end a container at once, with the reason."""
    refused = podman.start("refused", "--network", podman.name,
                           "--env", f"OYEZ_ENDPOINT=tcp://{broker}:5570",
                           "--volume", "/proc:/var/lib/oyez:ro", image, "recorder")
    equal(podman.exit_status(refused), 5, "exit status without a place to write to")
    text = podman.logs(refused)
    equal("/var/lib/oyez" in text, True, f"the place is named: {text!r}")
    second = podman.start("second", "--network", f"container:{broker}", image, "broker",
                          "--listen", "tcp://0.0.0.0:5570", "--insecure-listen")
    equal(podman.exit_status(second), 5, "exit status of a broker whose port is taken")
    text = podman.logs(second)
    equal(":5570" in text and "in use" in text, True, f"the port is named: {text!r}")


def check_image(about):
    print(f"image: {about['Size'] / 1e6:.1f} MB")
    equal(about["Config"]["User"], "5570:5570", "the user")
    equal(about["Config"]["Labels"]["org.opencontainers.image.title"], "oyez", "the title")
    equal(about["Healthcheck"]["Test"][:3], ["CMD", "oyez", "health"], "the health check")


def check(podman, image):
    port = free_ports()
    endpoint = f"tcp://127.0.0.1:{port}"
    broker = podman.start("broker", "--network", podman.name,
                          "--publish", f"127.0.0.1:{port}-{port + 2}:5570-5572", image,
                          "broker", "--listen", "tcp://0.0.0.0:5570", "--insecure-listen")
    podman.wait_for(broker, "ready ")
    recorder = podman.start("recorder", "--network", podman.name, "--volume",
                            f"{podman.name}:/var/lib/oyez",
                            "--env", f"OYEZ_ENDPOINT=tcp://{broker}:5570", image, "recorder")
    podman.wait_for(recorder, "attached to")
    for container in (broker, recorder):
        podman.run("exec", container, "oyez", "health", "--wait", "20", "--endpoint",
                   f"tcp://{broker}:5570")

    tail = subprocess.Popen([str(OYEZ), "tail", "--json", "--from", "first", "--count", "300",
                             "--endpoint", endpoint], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    emit(endpoint, 100, 0)
    podman.run("kill", recorder)
    podman.run("start", recorder)
    emit(endpoint, 100, 100)
    podman.run("kill", broker)
    podman.run("start", broker)
    emit(endpoint, 100, 200)
    expected = [f"a{n}" for n in range(300)]
    equal([e["actor_name"] for e in events(endpoint)], expected, "recorded events")
    seen, said = tail.communicate(timeout=120)
    equal([json.loads(line)["actor_name"] for line in seen.splitlines()], expected,
          f"seen events; the tail said: {said}")

    check_refusals(podman, image, broker)
    for container in (recorder, broker):
        started = time.monotonic()
        podman.run("stop", "--time", "20", container)
        took = time.monotonic() - started
        print(f"{container.rsplit('-', 1)[1]}: {took:.1f} s from SIGTERM to its end")
        equal(podman.state(container)["ExitCode"], 0, f"exit status of {container} on SIGTERM")
        equal(took < 10, True, f"{container} ends within 10 s: {took:.1f}")
    verified = podman.run("run", "--rm", "--read-only", "--cap-drop=ALL", "--volume",
                          f"{podman.name}:/var/lib/oyez", image, "verify")
    equal("300 events" in verified, True, f"what verify says: {verified!r}")


with Podman() as here:
    here.make_base()
    here.check_it_runs()
    built = here.build()
    check_image(built)
    check(here, here.image)
    composed.check(here, here.image)
