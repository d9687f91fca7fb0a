# SPDX-License-Identifier: MIT
"""`oyez broker` and `oyez recorder` become the programs of these names, arguments and exit status
included; where a program is not there, that is said."""
import shutil

from harness import BIN, Scenario, equal

with Scenario() as s:
    data = s.directory / "data"
    broker = s.start_oyez("broker", "--listen", "tcp://127.0.0.1:*", "--recorder", "wait")
    s.environment["OYEZ_ENDPOINT"] = s.ready_endpoint(broker)
    recorder = s.start_oyez("recorder", "--data", data)
    equal(s.ready_endpoint(recorder), str(data), "the recorder is ready")
    s.oyez("emit", "session.created", "{}", "--level", "recorded")
    equal(len(s.oyez("query", "--json").events()), 1, "recorded events")
    equal(recorder.stop(), 0, "exit status of the recorder on SIGTERM")
    equal(broker.stop(), 0, "exit status of the broker on SIGTERM")

    version = s.oyez("broker", "--version").stdout()
    equal(version.startswith("oyez-broker "), True, f"the version is the program's: {version!r}")
    s.oyez("broker", "--no-such-option", expect=2)

    alone = s.directory / "alone"
    alone.mkdir()
    shutil.copy(BIN / "oyez", alone / "oyez")
    missing = s.start("alone", alone / "oyez", "broker", environment={"PATH": str(alone)})
    missing.ends_with(5)
    equal("oyez-broker cannot be run" in missing.stderr(), True, missing.stderr())
