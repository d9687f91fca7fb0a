# SPDX-License-Identifier: MIT
"""A flag goes before the environment, that before the file, that before the default, in each program;
`oyez config` tells which; what is wrong is told with file and line; SIGHUP reloads what can be, and
says what cannot; diagnostics are text, logfmt or JSON; docs/configuration.md has every setting."""
import json
import signal
import subprocess
import sys

from harness import BIN, ROOT, Scenario, equal, wait_until


def check_sources(s):
    (s.directory / "oyez.ini").write_text("[broker]\nhold-max = 3\n[recorder]\norigin = filed\n"
                                          "segment-size = 8192\n[views]\na = plan.*\n")
    told = s.oyez("config", "--json", "--endpoint", "tcp://127.0.0.1:1",
                  environment={"OYEZ_SEGMENT_SIZE": "9000"})
    rows = {row["name"]: row for row in told.events()}
    found = {name: (rows[name]["value"], rows[name]["source"], rows[name]["place"])
             for name in ("hold-max", "origin", "segment-size", "endpoint", "checkpoint-interval")}
    equal(found, {"hold-max": (3.0, "file", "oyez.ini:2"),
                  "origin": ("filed", "file", "oyez.ini:4"),
                  "segment-size": (9000, "environment", "OYEZ_SEGMENT_SIZE"),
                  "endpoint": ("tcp://127.0.0.1:1", "option", "--endpoint"),
                  "checkpoint-interval": (900, "default", "default")}, "oyez config")
    printed = s.oyez("config").stdout()
    (s.directory / "again.ini").write_text(printed)
    again = s.oyez("config", "--json", "--config", "again.ini")
    equal([row["value"] for row in again.events()],
          [row["value"] for row in s.oyez("config", "--json").events()],
          "what oyez config prints, read as a file")


def check_wrong(s):
    def told(text, argv, status, words):
        (s.directory / "oyez.ini").write_text(text)
        found = s.start("wrong", *argv).ends_with(status).stderr()
        equal(words in found, True, f"{words}\n{found}")

    listen = ("--listen", "tcp://127.0.0.1:*")
    for argv in ([BIN / "oyez-broker", *listen], [BIN / "oyez-recorder"],
                 [BIN / "oyez", "serve", *listen], [BIN / "oyez", "config"]):
        told("[broker]\n\nhold-max = ever\n", argv, 5, 'oyez.ini:3: hold-max: "ever" will not do')
        told("[brokers]\n", argv, 5, "oyez.ini:1: there is no section [brokers]")
    told("", [BIN / "oyez-broker", "--config", "none.ini"], 5, "--config: none.ini: No such file")
    (s.directory / "oyez.ini").unlink()
    for argv in ([BIN / "oyez-broker"], [BIN / "oyez", "serve"], [BIN / "oyez", "config"]):
        found = s.start("wrong", *argv, environment={"OYEZ_HOLD_MAX": "x"}).ends_with(2).stderr()
        equal('OYEZ_HOLD_MAX: "x" will not do' in found, True, found)


def check_reload(s, start, name):
    """One that runs with --log-format json and reads reload.ini."""
    file = s.directory / "reload.ini"
    file.write_text("[broker]\nhold-max = 3\n[recorder]\ncheckpoint-interval = 500\n")
    server = start("--log-format", "json", "--config", "reload.ini")

    def lines():
        return [json.loads(line) for line in server.stderr().splitlines()]

    def reload(text, end):
        file.write_text(text)
        count = len(lines())
        server.send_signal(signal.SIGHUP)
        return wait_until(lambda: [line for line in lines()[count:]
                                   if end in line["msg"]] and lines()[count:], f"{name}: {end}")

    told = reload("[broker]\nhold-max = 4\nring-size = 8000000\n[recorder]\n"
                  "checkpoint-interval = 400\nsegment-size = 5000\n", "reloaded")
    texts = {line["msg"]: line["level"] for line in told}
    wanted = {
        "oyez-broker": [("[broker] hold-max = 4 (reload.ini:2), was 3", "info"),
                        ("[broker] ring-size = 8000000 (reload.ini:3), was 67108864: "
                         "that needs a restart", "warning")],
        "oyez-recorder": [("[recorder] checkpoint-interval = 400 (reload.ini:5), was 500", "info"),
                          ("[recorder] segment-size = 5000 (reload.ini:6), was 67108864: "
                           "that needs a restart", "warning")],
    }
    wanted["oyez serve"] = wanted["oyez-broker"] + wanted["oyez-recorder"]
    for text, level in wanted[name]:
        equal(texts.get(text), level, f"{name}: {text} in {texts}")
    told = reload("[broker]\nhold-max = never\n", "nothing is reloaded")
    equal(["reload.ini:2: hold-max" in line["msg"] for line in told], [True], told)
    equal({line["program"] for line in lines()}, {name}, "program of all lines")
    equal(server.is_running(), True, f"{name} goes on")
    return server


with Scenario() as s:
    s.environment.pop("OYEZ_CONFIG", None)
    check_sources(s)
    check_wrong(s)

    def start(*arguments):
        s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait", *arguments)
        return s.broker

    check_reload(s, start, "oyez-broker")

    def start_recorder(*arguments):
        recorder = s.start("recorder", BIN / "oyez-recorder", *arguments)
        wait_until(lambda: "ready" in recorder.stdout(), "the recorder is ready")
        return recorder

    check_reload(s, start_recorder, "oyez-recorder")

    def start_serve(*arguments):
        server = s.start("serve", BIN / "oyez", "serve", "--listen", "tcp://127.0.0.1:*", "--data",
                         "second", *arguments)
        s.ready_endpoint(server)
        return server

    check_reload(s, start_serve, "oyez serve")
    page = subprocess.run([sys.executable, ROOT / "tests" / "lint" / "settings_page.py",
                           BIN / "oyez"], capture_output=True, text=True, check=False)
    equal((page.returncode, page.stderr), (0, ""), "docs/configuration.md")
