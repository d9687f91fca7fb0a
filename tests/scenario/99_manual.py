# SPDX-License-Identifier: MIT
"""Every command, flag and setting has its place in a manual page that a formatter takes without a
warning, and behind `oyez` a shell offers what the command line takes."""
import json
import shutil
import subprocess

from harness import BIN, Scenario, equal, skip

PAGES = BIN.parent / "deploy" / "manual" / "pages"


def text_of(page):
    """What a page says, without its requests and escapes."""
    return (PAGES / page).read_text().replace("\\-", "-").replace("\\(aq", "'").replace("\\&", "")


def are_complete(commands, settings):
    main = text_of("oyez.1")
    for command in commands:
        page = text_of(f"oyez-{command['name']}.1")
        equal(f"oyez-{command['name']}" in main, True, f"{command['name']} in oyez(1)")
        for option in command["options"]:
            if command["name"] not in ("broker", "recorder"):
                equal(f"\\fB{option['flag']}\\fR" in page, True,
                      f"{option['flag']} in oyez-{command['name']}(1)")
    configuration = text_of("oyez.ini.5")
    for setting in settings:
        equal(f".B {setting['name']}\n" in configuration, True, f"{setting['name']} in oyez.ini(5)")
        equal(setting["environment"] in configuration, True, setting["environment"])
        for program in setting["programs"]:
            page = text_of(f"{program.replace(' ', '-')}.1")
            equal(f"\\fB--{setting['name']}\\fR" in page, True, f"--{setting['name']} of {program}")


def are_formatted():
    if shutil.which("groff") is None:
        print("groff is not installed: no page was formatted")
        return
    for page in sorted(PAGES.glob("*.[15]")):
        done = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", page], capture_output=True,
                              text=True, check=False)
        equal((done.returncode, done.stderr), (0, ""), page.name)


def offered(*words):
    """By bash, behind these words."""
    script = (f". {PAGES / 'oyez.bash'}; COMP_WORDS=({' '.join(map(repr, words))}); "
              f"COMP_CWORD={len(words) - 1}; _oyez; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    done = subprocess.run(["bash", "-uc", script], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""), script)
    return done.stdout.split()


def are_offered(commands):
    names = [command["name"] for command in commands]
    equal(offered("oyez", ""), names, "the commands")
    equal(offered("oyez", "ver"), ["verify", "version"], "those that begin so")
    for command in commands:
        flags = [option["flag"] for option in command["options"]]
        equal(offered("oyez", command["name"], "-"), flags, f"flags of {command['name']}")
    equal(offered("oyez", "emit", "--level", ""), ["sent", "recorded", "checkpointed"],
          "the words of a choice")
    equal(offered("oyez", "export", "--format", "js"), ["jsonl"], "one of them")
    fish = (PAGES / "oyez.fish").read_text()
    zsh = (PAGES / "_oyez").read_text()
    for command in commands:
        equal(f"-a {command['name']} " in fish and f"    {command['name']})\n" in zsh, True,
              command["name"])
    for shell, file in (("zsh", "_oyez"), ("fish", "oyez.fish")):
        if shutil.which(shell) is None:
            print(f"{shell} is not installed: {file} was not read by it")
            continue
        equal(subprocess.run([shell, "-n", PAGES / file], check=False).returncode, 0, file)


if not (PAGES / "generated").exists():
    skip(f"{PAGES} is not built")
if (PAGES / "generated").stat().st_mtime < (BIN / "oyez").stat().st_mtime:
    skip(f"{PAGES} is older than the programs")

with Scenario() as s:
    commands = s.oyez("help", "--all").events()
    settings = s.oyez("config", "--json", "--config", "/dev/null").events()
    equal(len(commands) > 20 and len(settings) > 20, True, json.dumps(settings))
    are_complete(commands, settings)
    are_formatted()
    are_offered(commands)
