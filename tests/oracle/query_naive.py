# SPDX-License-Identifier: MIT
"""Queries and counts as they are specified, by looking at every event: what the oracle of queries
holds the engine against. Nothing of ours is in it but the readers in Python of the journal and of the
wire, which were written from their specifications."""
import collections
import hashlib
import json
import math
import pathlib
import re
import struct

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError

EVENT, PERSONAL = 1, 2
ABSENT = 0xFFFFFFFF
TYPE_NAME = re.compile(r"[A-Za-z0-9._-]{1,216}")
JSON, PROTOBUF = 1, 2


class Catalogs:
    """Domains, catalogs and messages of event types, out of a descriptor set."""

    def __init__(self, path):
        encoded = pathlib.Path(path).read_bytes()
        pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
        for file in files:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        factory.GetMessages([file.name for file in files])
        set_class = factory.GetPrototype(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
        catalog, kind = (pool.FindExtensionByName(f"oyez.{name}") for name in ("catalog", "type"))
        self.exact, self.open, self.classes = {}, {}, {}
        for file in set_class.FromString(encoded).file:
            if not file.options.HasExtension(catalog):
                continue
            for message in file.message_type:
                if not message.options.HasExtension(kind):
                    continue
                option = message.options.Extensions[kind]
                place = (file.options.Extensions[catalog].name, option.domain)
                if option.open:
                    self.open[option.name[:-1]] = place
                else:
                    self.exact[option.name] = place
                    self.classes[option.name] = factory.GetPrototype(
                        pool.FindMessageTypeByName(f"{file.package}.{message.name}"))
        self.domains = collections.defaultdict(set)
        for name, domain in [*self.exact.values(), *self.open.values()]:
            self.domains[domain].add(name)

    def place(self, event_type):
        """(catalog, domain) of a type; None where no catalog has it."""
        if event_type in self.exact:
            return self.exact[event_type]
        return next((place for prefix, place in self.open.items()
                     if event_type.startswith(prefix) and event_type != prefix), None)


def number(value):
    return struct.pack("<IQ", 8, value % (1 << 64))


def piece(value):
    return struct.pack("<I", ABSENT if value is None else len(value)) + (value or b"")


class Event:
    """What a reader sees of a record, and only of one that is an event to readers."""

    def __init__(self, frame, wire, u64, catalogs):
        self.index = frame.index
        self.catalogs = catalogs
        self.epoch, self.position, self.time = (u64(frame.bytes, at) for at in (26, 34, 42))
        self.format = frame.format
        salt, signature, *rest = frame.parts()
        header = frame.kept() if frame.kind == EVENT else rest[0]
        self.details = rest[-1]
        message = wire.event_pb2.EventHeader.FromString(header)
        self.fields = {}
        for name, path in wire.HEADER_FIELDS.items():
            part = message
            for step in path:
                part = getattr(part, step) if part is not None and part.HasField(step) else None
            if part is not None:
                self.fields[name] = part
        self.tags = [(tag.key, tag.value) for tag in message.tags]
        self.type = self.fields.get("event_type", "")
        self.is_readable = TYPE_NAME.fullmatch(self.type) is not None and self.is_lawful(
            header, salt, signature, message)
        self.line = (f"{self.index} {self.epoch}:{self.position} "
                     f"{self.digest(frame, u64, salt, signature, wire)}")
        self.known_details = None

    def is_lawful(self, header, salt, signature, message):
        texts = [v for v in self.fields.values() if isinstance(v, str)]
        texts += [text for tag in self.tags for text in tag]
        return (len(header) <= 4096 and len(salt) in (0, 16) and len(signature) <= 128 and
                len(self.details) <= 1 << 20 and len(self.tags) <= 32 and
                not any("\0" in text for text in texts) and
                len(self.fields.get("event_id", bytes(16))) == 16 and
                all(tag.HasField("key") and tag.HasField("value") for tag in message.tags))

    def digest(self, frame, u64, salt, signature, wire):
        version = self.fields.get("aggregate_version")
        parts = [piece(self.fields.get("event_id", bytes(16))),
                 number(self.fields.get("occurred_at", 0)),
                 number(0 if version is None else version + 1)]
        for name in wire.HEADER_FIELDS:
            if name not in ("event_id", "occurred_at", "aggregate_version"):
                text = self.fields.get(name)
                parts.append(piece(None if text is None else text.encode()))
        parts += [piece(text.encode()) for tag in self.tags for text in tag]
        parts += [number(u64(frame.bytes, 75)), number(self.time), number(u64(frame.bytes, 67)),
                  piece(frame.bytes[50:66]), number(frame.bytes[66] & 1), number(self.format),
                  piece(self.details), piece(salt or None), piece(signature or None)]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]

    def read_details(self):
        """As an object; None where they are none."""
        if self.known_details is None:
            self.known_details = (self.decode_details(),)
        return self.known_details[0]

    def decode_details(self):
        try:
            if self.format == PROTOBUF:
                kind = self.catalogs.classes[self.type]
                return json_format.MessageToDict(kind.FromString(self.details),
                                                 preserving_proto_field_name=True)
            value = load(self.details.decode() if self.details else "{}")
        except (ValueError, KeyError, DecodeError):
            return None
        return value if isinstance(value, dict) else None


def refuse(text):
    raise ValueError(text)


def load(text):
    return json.loads(text, parse_constant=refuse)


def read_event(frame, wire, u64, catalogs):
    """None of a record that is no event to readers."""
    if frame.kind not in (EVENT, PERSONAL) or frame.form != 0 or frame.format == 0:
        return None
    try:
        event = Event(frame, wire, u64, catalogs)
    except DecodeError:
        return None
    return event if event.is_readable else None


# Conditions.

def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equals(a, b, integers_exact):
    if is_number(a) and is_number(b):
        if integers_exact and isinstance(a, int) and isinstance(b, int):
            return a == b
        return float(a) == float(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equals(a[k], b[k], False) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(equals(x, y, False) for x, y in zip(a, b))
    return a == b


def details_match(event, path, text):
    value = event.read_details()
    if value is None:
        return False
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    if isinstance(value, str):
        return value == text
    try:
        wanted = load(text)
    except ValueError:
        return False
    return equals(value, wanted, True)


def condition_holds(event, condition, wire):
    name, text = condition.split("=", 1)
    if name.startswith("details."):
        return details_match(event, name[len("details."):], text)
    if name.startswith("tag."):
        return next((v for k, v in event.tags if k == name[len("tag."):]), None) == text
    name = "event_type" if name == "type" else name
    value = wire.CONVERSIONS.get(name, str)(text)
    return event.fields.get(name) == value


# Patterns.

def is_asked_for(pattern, event_type):
    for prefix in ("oyez.", "replay."):
        if event_type.startswith(prefix) and not pattern.startswith(prefix):
            return False
    return True


def pattern_matches(pattern, event_type, catalogs):
    if not is_asked_for(pattern, event_type):
        return False
    if pattern.startswith("@"):
        place = catalogs.place(event_type)
        catalog, _, domain = pattern[1:].rpartition("/")
        return place is not None and place[1] == domain and catalog in ("", place[0])
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), event_type) is not None


class Question:
    """A query made ready, as query_asker takes it."""

    def __init__(self, query, wire, catalogs):
        self.query, self.wire, self.catalogs = query, wire, catalogs
        self.types = {}

    def has_type(self, event_type):
        if event_type not in self.types:
            patterns = self.query.get("patterns", [])
            self.types[event_type] = not patterns or any(
                pattern_matches(p, event_type, self.catalogs) for p in patterns)
        return self.types[event_type]

    def takes(self, event):
        query = self.query
        return (event.time >= query.get("since", 0) and
                (query.get("until", 0) == 0 or event.time < query["until"]) and
                (event.epoch, event.position) >= (query.get("epoch", 0),
                                                  query.get("position", 0)) and
                self.has_type(event.type) and
                all(condition_holds(event, c, self.wire) for c in query.get("conditions", [])))

    def answer(self, events):
        found = [event.line for event in events if self.takes(event)]
        if self.query.get("reverse"):
            found.reverse()
        return found[:self.query.get("limit") or len(found)]


# Counts.

def group_key(event, by, catalogs):
    place = catalogs.place(event.type) or ("", "")
    if by == 0:
        return event.type
    if by in (1, 2):
        return place[1 if by == 1 else 0]
    if by == 3:
        texts = (event.fields.get(name, "") for name in ("actor_id", "actor_name", "actor_type"))
        return next((text for text in texts if text), "")
    hour = event.time // 3600_000_000_000
    assert by == 4 and hour < math.inf
    return hour


def key_text(key, wire):
    if isinstance(key, int):
        return wire.time_to_text(key * 3600_000_000_000)[:13]
    return key.encode()[:256].decode(errors="ignore")


def count(events, query, wire, catalogs):
    """Lines as query_asker prints them: the largest group first, equal ones by their key."""
    question = Question(query, wire, catalogs)
    counts = collections.Counter(group_key(event, query["by"], catalogs)
                                 for event in events if question.takes(event))
    merged = collections.Counter()
    for key, many in counts.items():
        merged[key_text(key, wire)] += many
    ordered = sorted(merged.items(), key=lambda item: (-item[1], item[0].encode()))
    return [f"{many} {key}" for key, many in ordered]
