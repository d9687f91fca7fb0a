# SPDX-License-Identifier: MIT
"""The first steps of README.md, as a reader would take them: shell, C and Python on one bus."""
import json
import os
import subprocess
import sys
import tempfile

BIN = os.environ["OYEZ_BIN"]
EXAMPLES = os.path.join(os.path.dirname(__file__), "../../client/examples")
PATIENCE_S = 60  # for any one step; a sanitizer on a busy machine is slow


def start_server(data):
    server = subprocess.Popen([f"{BIN}/oyez", "serve", "--listen", "tcp://127.0.0.1:0",
                               "--data", data], stdout=subprocess.PIPE, text=True)
    word, endpoint = server.stdout.readline().split()
    assert word == "ready", word
    return server, endpoint


def run(command, environment):
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, f"{command} ended {done.returncode}"
    return done.stdout


def check_shell(environment):
    printed = run([f"{EXAMPLES}/shell/first_steps.sh"], environment)
    assert "plan.created" in printed and "plan.phase_changed" in printed, printed


def check_c(environment):
    subscriber = subprocess.Popen([f"{BIN}/example-subscribe"], env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert subscriber.stderr.readline() == "listening\n"
    for _ in range(3):
        assert "plan.created is event " in run([f"{BIN}/example-emit"], environment)
    printed, errors = subscriber.communicate(timeout=PATIENCE_S)
    assert subscriber.returncode == 0, errors
    events = [json.loads(line) for line in printed.splitlines()]
    assert [event["event_type"] for event in events] == ["plan.created"] * 3, printed
    assert events[0]["details"] == {"goal": "Water the plants"}, printed
    assert events[0]["actor_id"] == "planner", printed
    positions = [event["position"] for event in events]
    assert positions == sorted(set(positions)), positions


def check_c_without_a_server(environment):
    nobody = dict(environment, OYEZ_ENDPOINT="tcp://127.0.0.1:1")
    done = subprocess.run([f"{BIN}/example-emit"], env=nobody, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, check=False)
    assert done.returncode == 1 and "127.0.0.1:1" in done.stderr, done.stderr


def check_compiling(environment):
    """With this build in place of the release build; a sanitizer's runtime is not in the line."""
    build = os.path.dirname(BIN)
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as cache:
        if any(line.startswith("OYEZ_SANITIZE:") and line.strip()[-1] != "=" for line in cache):
            return
    with tempfile.TemporaryDirectory() as checkout:
        for name in ("client", "proto"):
            os.symlink(os.path.join(root, name), os.path.join(checkout, name))
        os.mkdir(os.path.join(checkout, "build"))
        os.symlink(build, os.path.join(checkout, "build/release"))
        with open(f"{EXAMPLES}/shell/compile.sh", encoding="utf-8") as script:
            # The coverage build's counters need their library.
            text = script.read().replace("gcc ", "gcc --coverage ")
        subprocess.run(["bash", "-c", text], cwd=checkout, check=True, timeout=PATIENCE_S)
        assert "plan.created is event " in run([f"{checkout}/emit"], environment)


def check_python(environment):
    printed = run(["/usr/bin/python3", f"{EXAMPLES}/python/first_steps.py"], environment)
    event = json.loads(printed)
    assert event["event_type"] == "plan.created" and event["plan_id"] == "plan-1", printed


def go_through(data):
    server, endpoint = start_server(data)
    environment = dict(os.environ, OYEZ_ENDPOINT=endpoint,
                       PATH=f"{BIN}:{os.environ['PATH']}")
    try:
        check_shell(environment)
        check_c(environment)
        check_compiling(environment)
        check_c_without_a_server(environment)
        check_python(environment)
    finally:
        server.terminate()
    assert server.wait(timeout=PATIENCE_S) == 0, "the server did not end well"
    run([f"{BIN}/oyez", "verify", data], environment)


def main():
    with tempfile.TemporaryDirectory() as directory:
        go_through(os.path.join(directory, "data"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
