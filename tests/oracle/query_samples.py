# SPDX-License-Identifier: MIT
"""Seeded journals and seeded questions for the oracle of queries: values that many events share, that
few have, that are alike, empty, long or not text; and everything that stands in a journal and is no
event to a reader."""
import json

JSON, PROTOBUF = 1, 2
FAST, CONFLICT, INVALID = 1, 2, 4
PERSONAL, REPEAT, GAP, EPOCH_END, ERASED_ACT, OTHER_ACT = 2, 3, 5, 6, 16, 18
HOUR = 3600 * 10**9
CONDITION_SIZE = 400  # a query takes somewhat longer ones

TYPES = ["plan.created", "plan.phase_changed", "plan.created", "tool.invoked", "tool.retried",
         "deal.updated", "system.health_check", "session.created", "github.push",
         "github.pull_request", "github.push.forced", "GIT.BRANCH.CREATED", "unknown.type",
         "plan.createdX", "Plan.created", "plan", "a.b.c.d", "x" * 200, "oyez.dead_letter",
         "replay.r1.plan.created", "tool_.invoked", "action.approved", "-._"]
PATTERNS = ["plan.created", "plan.*", "*.created", "*", "GIT.*.CREATED", "github.*", "*.*.*", "p*n*d",
            "@plan", "@tool", "@git", "@cleveragents/plan", "@zakops/agent", "oyez.*", "oyez.dead_letter",
            "replay.*", "replay.r1.*", "**created", "nothing.such", "plan", "*X", "x*", "tool.invoked*",
            "@session", "@nowhere", "*.d*l*"]
TEXT_FIELDS = ["schema_version", "correlation_id", "causation_id", "step_id", "actor_type",
               "actor_id", "actor_name", "plan_id", "root_plan_id", "phase", "state", "session_id",
               "project_name", "run_id", "thread_id", "user_id", "aggregate_id", "aggregate_type",
               "source", "app_version", "environment", "traceparent"]
TAGS = ["decision_id", "sandbox_id", "locale", "n", "", "k=v", "ключ", "t" * 100]
TEXTS = ["", "0", "1", "a", "A", "a ", "Zoë", "null", "true", "x" * 300, "a.b", "=", "1.0", "🜚"]
JUNK = ["nothing", "a=b", " ", "1e999", "{}", "[1, 2]", '{"x": 1}', '{"x":1.0}', "1.50"]
PATHS = ["n", "name", "nested.x", "nested.deep.y", "list", "flag", "none", "ratio", "goal",
         "budget_usd", "tool", "max_duration_ms", "absent", "nested", "twice"]


def cut_short(pool, random):
    return pool[min(int(random.expovariate(4 / len(pool))), len(pool) - 1)]


class Events:
    """Headers and details, with values from pools."""

    def __init__(self, random, wire, classes):
        self.random, self.wire, self.classes = random, wire, classes
        self.pools = {}
        for field in TEXT_FIELDS:
            size = random.choice((3, 20, 20, 300, 2000))
            self.pools[field] = random.sample(TEXTS, 5) + [f"{field}-{n}" for n in range(size)]
            random.shuffle(self.pools[field])
        self.pools["traceparent"] = [f"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-01"
                                     for _ in range(200)] + ["", "00-short", "x" * 55]
        self.tag_values = {tag: random.sample(TEXTS, 4) + [f"v{n}" for n in range(random.choice((2, 50, 900)))]
                           for tag in TAGS}
        self.density = random.choice((0.15, 0.35, 0.9))

    def uuid(self):
        return self.random.getrandbits(128).to_bytes(16, "big")

    def header(self, event_type, event_id, occurred_at):
        random = self.random
        fields = {"event_type": event_type, "event_id": event_id, "occurred_at": occurred_at}
        for field, pool in self.pools.items():
            if random.random() < self.density:
                fields[field] = cut_short(pool, random)
        if random.random() < 0.3:
            fields["aggregate_version"] = random.choice((0, 1, 7, 2**63))
        header = self.wire.event_pb2.EventHeader()
        for name, value in fields.items():
            part = header
            *outer, leaf = self.wire.HEADER_FIELDS[name]
            for step in outer:
                part = getattr(part, step)
            if value is not None:
                setattr(part, leaf, value)
        for _ in range(random.choice((0, 0, 0, 1, 2, 8))):
            key = random.choice(TAGS)
            header.tags.add(key=key, value=cut_short(self.tag_values[key], random))
        return header.SerializeToString()

    def details(self, event_type):
        """Their format and bytes."""
        random = self.random
        draw = random.random()
        if draw < 0.25 and event_type in ("plan.created", "tool.invoked"):
            return PROTOBUF, self.typed(event_type)
        if draw < 0.30:
            return JSON, random.choice((b"", b"{", b"[1]", b'{"n":NaN}', b'{"twice":1,"twice":2}', b"{}",
                                        b' {"n" : 1 } ', b"\xff", b'{"n\\u0061me":"Zo\\u00eb"}'))
        if draw < 0.32:
            return PROTOBUF, random.choice((b"", b"\x0a\x05a", b"\xff", b"\x0a\x01a", b"\x98\x75\x01"))
        text = json.dumps(self.object(), ensure_ascii=random.random() < 0.5,
                          separators=random.choice((None, (",", ":"))))
        if draw > 0.995:
            text = text[:-1] + f', "filler": "{"f" * random.choice((5000, 70000))}"}}'
        return JSON, text.encode()

    def typed(self, event_type):
        message, random = self.classes[event_type](), self.random
        if event_type == "plan.created":
            message.goal = random.choice(TEXTS)
            message.budget_usd = random.choice((0.0, 1.5, 1e21, 2.0))
            message.max_duration_ms = random.choice((0, 1, 4294967295))
        else:
            message.tool = random.choice(TEXTS)
            message.read_only = random.random() < 0.5
        return message.SerializeToString()

    def object(self):
        random = self.random
        return {"n": random.choice((random.randrange(100), 1.0, 1.5, "1", 2**53 + random.randrange(2))),
                "name": random.choice(TEXTS), "flag": random.random() < 0.5, "none": None,
                "ratio": random.choice((0, 0.0, 0.5, 1e3, 1000)),
                "nested": {"x": random.choice((1, 1.0, "1")), "deep": {"y": random.choice(TEXTS)}},
                "list": random.choice(([], [1, 2], [1, "2"], [True, None]))}


class Records:
    """The records of a journal, one after the other, as query_journal takes them."""

    def __init__(self, random, events):
        self.random, self.events = random, events
        self.epoch = 1_700_000_000_000_000 + random.randrange(10**12)
        self.time = self.epoch * 1000
        self.position = self.index = self.number = 0
        self.type_seq, self.kept = {}, []
        self.emitters = [events.uuid() for _ in range(5)]

    def make(self, many):
        end = self.index + many
        while self.index < end:
            yield from self.some()

    def some(self):
        draw = self.random.random()
        if draw < 0.01 and self.position > 0:
            return [self.epoch_end()]
        if draw < 0.03:
            return [self.gap()]
        if draw < 0.06 and self.kept:
            return [self.repeat()]
        if draw < 0.065:
            return [self.act()]
        if draw < 0.08:
            return self.erased()
        if draw < 0.10:
            return [self.unreadable()]
        if draw < 0.13 and self.kept:
            return [self.conflict()]
        return [self.event()]

    def stamp(self, kind, **more):
        self.index += 1
        return dict(kind=kind, epoch=self.epoch, position=self.position, time=self.time, **more)

    def event(self, event_type=None, event_id=None, **more):
        random = self.random
        self.position += 1
        self.number += 1
        # Events of a batch have one time; some clocks are coarse.
        self.time += random.choice((0, 1, 1000, 10**6, 10**9, 60 * 10**9))
        event_type = event_type or random.choice(TYPES)
        event_id = event_id or self.events.uuid()
        header = self.events.header(event_type, event_id, self.time - random.randrange(10**10))
        form, details = self.events.details(event_type)
        self.type_seq[event_type] = self.type_seq.get(event_type, 0) + 1
        record = self.stamp(1, emitter=random.choice(self.emitters).hex(), number=self.number,
                            type_seq=self.type_seq[event_type], flags=random.choice((0, 0, 0, FAST)),
                            id=event_id.hex(), header=header.hex(), details=details.hex(), format=form)
        if random.random() < 0.1:
            record.update(kind=PERSONAL, type=event_type, occurred_at=self.time,
                          salt=random.randbytes(16).hex())
            if random.random() < 0.2:
                del record["salt"]
                record["flags"] |= INVALID
        if random.random() < 0.05:
            record["signature"] = random.randbytes(random.choice((1, 64, 128))).hex()
        record.update(more)
        if random.random() < 0.1 and not more:
            self.kept.append(dict(record, index=self.index - 1))
        return record

    def conflict(self):
        """The same id again, with other content."""
        before = self.random.choice(self.kept)
        record = self.event(event_id=bytes.fromhex(before["id"]))
        record["flags"] |= CONFLICT
        return record

    def unreadable(self):
        random = self.random
        header = self.events.header("plan.created", self.events.uuid(), self.time)
        record = random.choice((
            lambda: self.event(header=header.hex() + "8a", id="", flags=INVALID),
            lambda: self.event(header=header.hex(), id="", format=0, flags=INVALID),
            lambda: self.event(header="", id=""),
            lambda: self.event(event_type="no type!"),
            lambda: self.event(salt="00" * 5, flags=INVALID),
            lambda: self.event(signature="00" * 129, flags=INVALID)))()
        return record

    def repeat(self):
        before = self.random.choice(self.kept)
        self.position += 1
        self.number += 1
        parts = {name: before[name] for name in before if name not in ("index", "kind")}
        kind = REPEAT + (before["kind"] == PERSONAL)
        return dict(parts, **{**self.stamp(kind), "number": self.number, "first": before["index"]})

    def gap(self):
        first = self.position + 1
        self.position += self.random.choice((1, 5, 1000))
        record = self.stamp(GAP, last=self.position, reason=1)
        return dict(record, position=first)

    def epoch_end(self):
        following = self.epoch + self.random.randrange(1, 10**10)
        record = self.stamp(EPOCH_END, highest=self.position + self.random.choice((0, 3)),
                            next=following, clean=self.random.randrange(2))
        self.epoch, self.position, self.type_seq = following, 0, {}
        # A clock that was set: back by hours, or far on.
        self.time += self.random.choice((0, 10**9, 5 * HOUR, -2 * HOUR, -30 * HOUR))
        return record

    def act(self):
        return dict(self.stamp(OTHER_ACT, details=b"nothing of this".hex()), epoch=0, position=0)

    def erased(self):
        record = self.event(commitment=self.random.randbytes(32).hex())
        uuid = self.events.wire.uuid_to_text(bytes.fromhex(record["id"]))
        told = f"event {record['epoch']}:{record['position']} {uuid}\nby oracle\nwhy seeded\n"
        act = dict(self.stamp(ERASED_ACT, details=told.encode().hex()), epoch=0, position=0)
        return [record, act]


class Questions:
    """Random questions, mostly about what is there."""

    def __init__(self, random, wire, catalogs):
        self.random, self.wire, self.catalogs = random, wire, catalogs

    def query(self, events, edges):
        random, query = self.random, {}
        one = random.choice(events)
        self.place(query, events, edges)
        if random.random() < 0.8:
            # Mostly of one event, so that there is something that fulfils all of them.
            query["conditions"] = [
                self.condition(one if random.random() < 0.8 else random.choice(events))
                for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3)))]
        if random.random() < 0.3:
            query["reverse"] = True
        if random.random() < 0.35:
            query["limit"] = random.choice((1, 2, 10, 511, 512, 513, 1025))
        if random.random() < 0.15:
            query["pause"] = random.choice((1, 2, 100, 511, 512, 600))
        return query

    def counts(self, events, edges):
        query = {"by": self.random.randrange(5)}
        self.place(query, events, edges)
        return {name: query[name] for name in query if name not in ("epoch", "position")}

    def place(self, query, events, edges):
        """Patterns, times and cursor: often of those events that begin or end a segment."""
        random = self.random
        if random.random() < 0.4:
            events = edges
        if random.random() < 0.45:
            query["patterns"] = [self.pattern() for _ in range(random.choice((1, 1, 2, 3)))]
        if random.random() < 0.25:
            query["since"] = self.moment(events)
        if random.random() < 0.25:
            query["until"] = self.moment(events)
        if random.random() < 0.25:
            event = random.choice(events)
            query.update(epoch=event.epoch + random.choice((0, 0, 0, -1, 1)),
                         position=max(0, event.position + random.choice((0, 0, -1, 1, 100))))

    def moment(self, events):
        return self.random.choice(events).time + self.random.choice((0, 0, 1, -1, HOUR, -HOUR))

    def pattern(self):
        while True:
            pattern = self.random.choice(PATTERNS + TYPES)
            catalog, _, domain = pattern[1:].rpartition("/")
            owners = self.catalogs.domains.get(domain, ())
            if pattern[0] != "@" or (catalog in owners if catalog else len(owners) == 1):
                return pattern

    def condition(self, event):
        random = self.random
        draw = random.random()
        if draw < 0.2:
            return f"details.{random.choice(PATHS)}={self.details_value(event)}"
        if draw < 0.4 and event.tags:
            key, value = random.choice(event.tags)
            if key:
                return f"tag.{key}={value if random.random() < 0.9 else random.choice(JUNK)}".replace("k=v", "k")
        if draw < 0.47:
            return f"{random.choice(('type', 'event_type'))}={event.type}"
        name = random.choice(list(event.fields))
        if random.random() < 0.05:
            name = random.choice(TEXT_FIELDS)
        return f"{name}={self.field_value(name, event)}"

    def field_value(self, name, event):
        value = event.fields.get(name)
        if name == "event_id":
            text = self.wire.uuid_to_text(value)
            return text.upper() if self.random.random() < 0.2 else text
        if name == "occurred_at":
            return self.wire.time_to_text(value)
        if name == "aggregate_version":
            return f"{self.random.choice(('', '00'))}{value}"
        return value if value is not None and self.random.random() < 0.93 else self.random.choice(JUNK + TEXTS)

    def details_value(self, event):
        random, details = self.random, event.read_details()
        if random.random() < 0.2 or not details:
            return random.choice(JUNK + TEXTS)
        value = details[random.choice(list(details))]
        while isinstance(value, dict) and value and random.random() < 0.7:
            value = random.choice(list(value.values()))
        text = value if isinstance(value, str) else json.dumps(value)
        return text if len(text.encode()) < CONDITION_SIZE else random.choice(JUNK)
