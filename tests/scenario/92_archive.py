# SPDX-License-Identifier: MIT
"""Segments are archived while the recorder records: query, get, trace, stats, prove and verify answer as
before, what was proven stays proven, `zstd -d` opens them; and a kill -9 at any step of an archiving
leaves it done, or not begun."""
import itertools
import json
import random
import shutil
import subprocess
import uuid

from counted import counted
from harness import BIN, QUICK, SANITIZED, SHARED, Scenario, equal, wait_until
from mirrored import agree, differences
from record import KILLING_DISK, copy_of, records, start_recorder, start_server, verify

WEBHOOKS = SHARED / "data" / "github-webhooks.jsonl"
TYPED, JSON, ROUNDS = (1500, 1000, 1) if QUICK else (40_000, 30_000, 10)
PARTS = 6
SEGMENT_SIZE = "80000" if QUICK else "1500000"  # less than a part, which may be one group
ARCHIVED = 17

RANDOM = random.Random(8)


def new_id():
    return str(uuid.UUID(int=RANDOM.getrandbits(128), version=4))


def typed(count, first=0):
    for n in range(first, first + count):
        plan = f"p-{n // 20:05}"
        yield counted(n, step=RANDOM.choice(["read", "search", "write"]), path=f"src/{new_id()}.c") | {
            "correlation_id": str(uuid.UUID(int=n // 10)), "plan_id": plan, "root_plan_id": plan,
            "actor_id": f"agent-{n % 7}", "session_id": new_id(), "source": "planner"}


def untyped(count):
    for n in range(count):
        yield {"event_type": "github.push", "source": "github", "correlation_id": f"shop/{n % 50}",
               "actor_id": f"user-{n % 13}",
               "details": {"ref": "refs/heads/main", "before": new_id(), "after": new_id(),
                           "commits": [{"id": new_id(), "message": f"Change {n}",
                                        "modified": [f"lib/part{n % 100}.c"]}],
                           "pusher": {"name": f"user-{n % 13}", "email": f"{n % 13}@example.org"}}}


def webhooks(rounds):
    lines = [json.loads(line) for line in WEBHOOKS.read_text(encoding="utf-8").splitlines()]
    yield from itertools.chain.from_iterable(itertools.repeat(lines, rounds))


def answers(s, asked):
    return {words: s.oyez(*words, seconds=120).stdout() for words in asked}


def questions(ids, traced, newest):
    """Of what was there before a time: recording goes on."""
    before = ("--json", "--until", newest)
    return [("query", *before), ("query", *before, "--no-index", "--where", "actor_id=agent-3"),
            ("query", *before, "--where", "actor_id=user-3"),
            ("query", *before, "--where", "correlation_id=shop/7"), ("stats", *before),
            ("trace", traced, "--json"), *(("get", event_id, "--json") for event_id in ids)]


def emit_in_parts(s, events, parts):
    for part in range(parts):
        s.oyez("emit", "--from", s.write_jsonl("events.jsonl", events[part::parts]), "--level",
               "checkpointed", "--timeout", "60000", seconds=300)


def archive(s, data, *arguments):
    return s.oyez("archive", "--json", "--dir", data, *arguments, seconds=300).events()


def names(data, pattern):
    return sorted(path.name for path in data.glob(pattern))


def proofs_of(s, ids):
    made = []
    for event_id in ids:
        path = s.directory / f"{event_id}.proof"
        path.write_text(s.oyez("prove", event_id).stdout())
        made.append(path)
    return made


def acts(data):
    return [record.kept().decode() for record in records(data) if record.kind == ARCHIVED]


def check_answers(before, after):
    for words, answer in before.items():
        equal(after[words] == answer, True, f"the answer to {words}")


def what_is_archived_answers_as_before(kind, events):
    with Scenario() as s:
        data = s.directory / "data"
        start_server(s, data, "tcp://127.0.0.1:*", "--segment-size", SEGMENT_SIZE)
        emit_in_parts(s, list(events), PARTS)
        recorded = s.oyez("query", "--json", seconds=120).events()
        ids = [e["event_id"] for e in recorded]
        some = ids[::max(1, len(ids) // 12)]
        asked = questions(some, recorded[0]["correlation_id"], recorded[-1]["broker_time"])
        before = answers(s, asked)
        proofs = proofs_of(s, some)
        plain = {path.name: path.read_bytes() for path in data.glob("*.seg")}
        equal(len(plain) >= 3, True, f"segments: {list(plain)}")
        equal(archive(s, data, "--older-than", "1d"), [], "nothing is a day old")

        # Recording goes on meanwhile.
        emitter = s.start_oyez("emit", "--from", s.write_jsonl("more.jsonl", typed(300, 10**6)), "--rate",
                               "1000", "--level", "checkpointed", "--timeout", "60000")
        done = archive(s, data, "--all")
        emitter.ends_with(0, 120)
        made = names(data / "archive", "*")
        equal(len(done), len(made), "archived segments")
        equal(len(made) >= len(plain) - 1, True, f"all sealed ones: {made}")
        equal(names(data, "*.seg")[0] > made[-1], True, "the others are behind them")
        check_answers(before, answers(s, asked))
        for proof in proofs + proofs_of(s, some):
            s.oyez("verify", proof, "--key", key_of(s, data))
        s.broker.stop()
        s.broker = None
        verify(s, data)
        equal(len(acts(data)), len(made), "acts, by a reader of its own")
        equal(acts(data)[0].startswith("records 0 "), True, acts(data)[0])
        for name, whole in plain.items():
            if f"{name}.zst" in made:
                opened = subprocess.run(["zstd", "-dc", data / "archive" / f"{name}.zst"],
                                        capture_output=True, check=True)
                equal(opened.stdout == whole, True, f"{name} by zstd -d")
        size, packed = (sum(d[name] for d in done) for name in ("bytes", "archived"))
        print(f"{kind}: {len(ids)} events, {len(made)} segments of {size} bytes archived in {packed}: "
              f"{packed / size:.3f}")
        equal(packed / size <= 0.4, True, f"{kind}: ratio")


def key_of(s, data):
    path = s.directory / "vkey"
    path.write_text(s.oyez("key", "show", "--dir", data).stdout())
    return path


def all_answers_are_the_same(s, data):
    """Without a server, so that nothing else changes."""
    plain = copy_of(data, "plain")
    asked = [("query", "--json"), ("query", "--json", "--where", "plan_id=p-00001"),
             ("query", "--json", "--no-index"), ("stats", "--json"), ("export",)]
    before = {words: s.oyez(*words, "--dir", plain).stdout() for words in asked}
    archive(s, data, "--all")
    check_answers(before, {words: s.oyez(*words, "--dir", data).stdout() for words in asked})
    for path in data.glob("*.id*"):
        path.unlink()
    check_answers(before, {words: s.oyez(*words, "--dir", data).stdout() for words in asked})
    s.oyez("reindex", "--dir", data)
    equal(len(names(data, "*.idx")), len(names(data / "archive", "*.zst")), "indexes made again")
    check_answers(before, {words: s.oyez(*words, "--dir", data).stdout() for words in asked})
    listed = s.oyez("archive", "list", "--json", "--dir", data).events()
    equal([("archived" in one, one["sealed"]) for one in listed],
          [(True, True)] * (len(listed) - 1) + [(False, False)], "the list")
    # The archive may lie elsewhere.
    shutil.move(data / "archive", s.directory / "cold")
    (data / "archive").symlink_to(s.directory / "cold")
    verify(s, data)
    start_server(s, data, "tcp://127.0.0.1:*", "--segment-size", "80000")
    equal(s.oyez("query", "--json").stdout(), before[("query", "--json")], "by the server")
    s.oyez("emit", "--from", s.write_jsonl("more.jsonl", typed(400)), "--level", "checkpointed")
    count = len(names(s.directory / "cold", "*.zst"))
    equal(len(archive(s, data, "--all")) > 0, True, "more is archived there")
    equal(len(names(s.directory / "cold", "*.zst")) > count, True, "in the directory of the link")
    s.broker.stop()
    s.broker = None
    verify(s, data)


def damage_is_named(s, data):
    copy = copy_of(data, "damaged")
    path = sorted((copy / "archive").glob("*.zst"))[1]
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    told = verify(s, copy, expect=1).stdout()
    equal(f"archive/{path.name}: offset " in told and "the compressed bytes are damaged" in told, True,
          told)


def a_mirror_archives_by_itself(s):
    first, second = s.directory / "first", s.directory / "second"
    s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    primary = start_recorder(s, first, "--segment-size", "30000")
    mirror = start_recorder(s, second, "--mirror", "--segment-size", "20000")
    emit_in_parts(s, list(typed(300)), 3)
    wait_until(lambda: agree(first, second), "the mirror has all")
    equal(len(archive(s, second, "--all")) > 0, True, "the mirror's segments")
    equal(acts(second), [], "acts, which are the primary's")
    done = archive(s, first, "--all")
    emit_in_parts(s, list(typed(50, 300)), 1)
    wait_until(lambda: agree(first, second), "the mirror follows")
    for process in (mirror, primary):
        equal(process.stop(), 0, process.stderr())
    equal(len(acts(first)), len(done), "acts of the primary")
    equal(list(differences(first, second)), [], "differences")
    verify(s, first)
    verify(s, second)


def killed_archiving(s, data, number):
    """True: it was killed."""
    environment = dict(s.environment, LD_PRELOAD=str(KILLING_DISK), OYEZ_KILL_AT=str(number))
    ended = subprocess.run([BIN / "oyez", "archive", "--all", "--dir", data], env=environment,
                           capture_output=True, timeout=60, check=False)
    equal(ended.returncode in (0, -9), True, ended.stderr)
    return ended.returncode != 0


def check_one_of_two(s, data, sound, states):
    """Looked at by readers first; and what the next writer makes of it."""
    verify(s, data)
    s.oyez("key", "rotate", "--dir", data)  # opens it for writing
    plain, archived = names(data, "*.seg"), names(data / "archive", "*")
    told = acts(data)
    equal([name for name in archived if not name.endswith(".zst")], [], "what is left half made")
    equal(len(told), len(archived), "an act for each archived segment, and none else")
    equal({name[:-4] for name in archived} & set(plain), set(), "in both places")
    equal((data / "unfinished").exists(), False, "nothing is unfinished")
    equal([r.bytes for r in records(data)][:len(sound)], sound, "the records")
    verify(s, data)
    states.add(len(archived))


def killed_at_any_step(s, sound_data):
    if SANITIZED:
        return
    sound = [record.bytes for record in records(sound_data)]
    segments = len(names(sound_data, "*.seg"))
    states, number, killed = set(), 1, True
    while killed:
        data = copy_of(sound_data, "killed")
        killed = killed_archiving(s, data, number)
        check_one_of_two(s, data, sound, states)
        shutil.rmtree(data)
        number += 5 if QUICK else 1
    equal({0, 1, segments - 1} <= states, True, f"states: {states}")


def small(s, name, count, segment_size):
    data = s.directory / name
    start_server(s, data, "tcp://127.0.0.1:*", "--segment-size", str(segment_size))
    emit_in_parts(s, list(typed(count)), 3)
    s.broker.stop()
    s.broker = None
    return data


what_is_archived_answers_as_before("typed events", typed(TYPED))
what_is_archived_answers_as_before("JSON events", untyped(JSON))
if WEBHOOKS.exists():
    what_is_archived_answers_as_before("webhooks", webhooks(ROUNDS))
with Scenario() as scenario:
    directory = small(scenario, "data", 1000, 80_000)
    all_answers_are_the_same(scenario, directory)
    damage_is_named(scenario, directory)
with Scenario() as scenario:
    a_mirror_archives_by_itself(scenario)
with Scenario() as scenario:
    killed_at_any_step(scenario, small(scenario, "small", 60, 4096))
