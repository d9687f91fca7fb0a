# SPDX-License-Identifier: MIT
"""oyez-broker and oyez-recorder explain themselves, and refuse what they do not understand with 2 and a
line that names it, before they listen anywhere or make any file."""
import re

from harness import BIN, Scenario, equal

WRONG = {
    "oyez-broker": [("--recorder", "perhaps"), ("--hold-max", "-1"), ("--hold-max", "5s"),
                    ("--hold-max", "4294968"), ("--hold-max", "")],
    "oyez-recorder": [("--checkpoint-interval", "0"), ("--checkpoint-interval", "86400001"),
                      ("--segment-size", "4095"), ("--segment-size", "64M"),
                      ("--segment-size", "99999999999999999999"), ("--data", ""), ("--key", ""),
                      ("--origin", ""), ("--catalog", "")],
}

with Scenario() as s:
    def run(program, *arguments, expect):
        return s.start(program, BIN / program, *arguments).ends_with(expect)

    for program, values in WRONG.items():
        told = run(program, "--help", expect=0).stdout()
        for option in {option for option, _ in values} | {"--help", "--version"}:
            equal(re.search(rf"^  {option}\b", told, re.M) is not None, True, f"help: {option}")
        equal("\nexit: 0 done, 2 usage" in told, True, told)
        told = run(program, "--version", expect=0).stdout()
        equal(re.fullmatch(rf"{program} \S+ \(protocol \d+, libzmq [\d.]+\)\n", told) is not None,
              True, told)
        for option, value in values:
            told = run(program, option, value, expect=2).stderr()
            equal(told.startswith(f'{program}: {option}: "{value}" will not do, it takes '), True,
                  told)
        for wrong in (["--no-such"], ["--version=1"], [values[0][0]], ["here"]):
            told = run(program, *wrong, expect=2)
            equal((told.stdout(), f"see {program} --help" in told.stderr()), ("", True), wrong)
    equal([path.name for path in s.directory.iterdir() if path.suffix not in (".out", ".err")], [],
          "files that were made")
