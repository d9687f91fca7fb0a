# SPDX-License-Identifier: MIT
"""What a message says to do next."""
import re

from harness import Scenario, equal
from record import start_server

NOBODY = "tcp://127.0.0.1:1"


def says(process, *texts):
    for text in texts:
        equal(text in process.stderr(), True, f"{process.argv} says {text!r}: {process.stderr()}")
    return process


with Scenario() as s:
    garbage = {"OYEZ_ENDPOINT": "garbage"}
    told = s.oyez("query", expect=2, environment=garbage)
    says(told, "oyez query: OYEZ_ENDPOINT: ")
    equal(len(re.findall("endpoint", told.stderr(), re.I)), 1, told.stderr())
    says(s.oyez("query", "--endpoint", "garbage", expect=2, environment=garbage), "--endpoint: ")
    says(s.oyez("query", "--timeout", "300", "--endpoint", NOBODY, expect=3),
         "(oyez serve starts one)")
    health = s.oyez("health", "--wait", "1", "--timeout", "300", "--endpoint", NOBODY, expect=1)
    waited = int(re.search(r"waited (\d+) ms", health.stdout())[1])
    equal(waited >= 900, True, f"health tells how long it waited: {health.stdout()}")
    says(s.oyez("emit", "xyzzy.frobnicated", expect=4), "See: oyez catalog list")
    equal("catalog list" in s.oyez("emit", "plan.creatd", expect=4).stderr(), False, "a near name")
    says(s.oyez("catalog", expect=2), "oyez catalog list", "oyez catalog show TYPE",
         "oyez catalog check FILE")
    says(s.oyez("verify", expect=5), "DIR", "OYEZ_DATA")
    says(s.oyez("serve", "--recorder", "none", "--data", "here", expect=2),
         "--data needs a recorder")

    data = s.directory / "data"
    server = start_server(s, data)
    s.emit("session.created", {}, "--level", "recorded")
    says(s.oyez("serve", "--listen", s.endpoint, "--data", s.directory / "other", expect=5),
         "stop what listens there, or choose another address with --listen")
    says(s.oyez("serve", "--listen", "tcp://127.0.0.1:*", "--data", data, expect=5),
         "stop it, or choose another --data")
    for line in says(s.oyez("verify", data), "being written").stderr().splitlines():
        equal(line.startswith("oyez verify: "), True, line)
    equal(server.stop(), 0, "the server ends")
    for segment in data.glob("*.seg"):
        segment.write_bytes(b"x" * segment.stat().st_size)
    says(s.oyez("serve", "--listen", "tcp://127.0.0.1:*", "--data", data, expect=5),
         f"see: oyez verify {data}; keep it and start with another --data")
