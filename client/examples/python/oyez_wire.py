# SPDX-License-Identifier: MIT
"""The wire of Oyez in Python: what emitter.py and subscriber.py share.

Written from docs/wire.md alone. It needs three Debian packages and no Oyez build: python3-zmq,
python3-protobuf and protobuf-compiler. The message classes are made from proto/event.proto and
proto/control.proto each time a program starts, by protoc into a temporary directory. OYEZ_PROTO
names the directory of the .proto files where it is not proto/ of this checkout.
"""
import collections
import datetime
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

import zmq


def load_messages():
    here = pathlib.Path(__file__).resolve()
    protos = os.environ.get("OYEZ_PROTO") or str(here.parents[3] / "proto")
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(["protoc", "-I", protos, "--python_out", made,
                        "event.proto", "control.proto"], check=True)
        sys.path.insert(0, made)
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        import control_pb2 as control
        import event_pb2 as event
        sys.path.remove(made)
        sys.dont_write_bytecode = before
    return event, control


event_pb2, control_pb2 = load_messages()

PROTOCOL_VERSION = 1
DEFAULT_ENDPOINT = "tcp://127.0.0.1:5570"
FRAME_SIZE_MAX = 1024 * 1024 + 4096 + 1024
CONTROL_SIZE_MAX = 64 * 1024
HEADER_SIZE_MAX = 4096
DETAILS_SIZE_MAX = 1024 * 1024
HELLO_S, PING_S, RETRY_S, SYNC_S, SYNC_S_MAX = 0.25, 1.0, 0.01, 0.2, 5.0
FAST, PERSONAL, RESENT, LOOK_UP, TELL = 1, 2, 4, 8, 16


class Malformed(Exception):
    """Bytes that are not what they should be."""


class Refused(Exception):
    """The broker refused, and said why."""


# Frames: event type, NUL, Batch.

STAMP = struct.Struct("<BQBQBQBQBQBI")  # tags and values of the fields 1 to 6: 50 bytes
STAMP_TAGS = (0x09, 0x11, 0x19, 0x21, 0x29, 0x35)
TYPE_NAME = re.compile(rb"[A-Za-z0-9._-]{1,200}")
Batch = collections.namedtuple(
    "Batch", "event_type epoch position type_seq broker_time emitter_seq flags emitter_id events")


def write_varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data, at):
    number = shift = 0
    while at < len(data) and shift < 21:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80 and (shift == 7 or data[at - 1] != 0):
            return number, at
    raise Malformed("a length that is cut off, too long or not as short as it could be")


def write_frame(event_type, emitter_id, emitter_seq, flags, events):
    """A frame as an emitter sends it: the broker's fields are zero."""
    stamp = STAMP.pack(0x09, 0, 0x11, 0, 0x19, 0, 0x21, 0, 0x29, emitter_seq, 0x35, flags)
    fields = b"".join(b"\x42" + write_varint(len(e)) + e for e in events)
    return event_type.encode() + b"\0" + stamp + b"\x3a\x10" + emitter_id + fields


def read_frame(frame):
    """Walks the top level of a Batch. Raises Malformed."""
    end = frame.find(b"\0", 0, 201)
    if end < 0 or not TYPE_NAME.fullmatch(frame[:end]):
        raise Malformed("no event type before a NUL")
    at = end + 1
    if len(frame) < at + 68:
        raise Malformed("shorter than a stamp and an emitter id")
    stamp = STAMP.unpack_from(frame, at)
    if stamp[0::2] != STAMP_TAGS or frame[at + 50:at + 52] != b"\x3a\x10":
        raise Malformed("the fields 1 to 7 are not at their offsets")
    emitter_id, events, at = frame[at + 52:at + 68], [], at + 68
    while at < len(frame):
        if frame[at] != 0x42:
            raise Malformed("something other than an event after the emitter id")
        size, at = read_varint(frame, at + 1)
        if at + size > len(frame):
            raise Malformed("an event that leads out of the frame")
        events.append(frame[at:at + size])
        at += size
    return Batch(frame[:end].decode(), *stamp[1::2], emitter_id, events)


def mark_resent(frame):
    """The same frame with BATCH_FLAG_RESENT: the only bit that may differ between copies."""
    flags_at = frame.index(b"\0") + 1 + 46
    flags, = struct.unpack_from("<I", frame, flags_at)
    return frame[:flags_at] + struct.pack("<I", flags | RESENT) + frame[flags_at + 4:]


# Events as JSON: flat names, in the order of the specification.

NAMES_AND_PLACES = """
    event_id event_id  event_type event_type  occurred_at occurred_at
    schema_version schema_version  correlation_id correlation_id  causation_id causation_id
    step_id step_id  actor_type actor.type  actor_id actor.id  actor_name actor.name
    plan_id plan.plan_id  root_plan_id plan.root_plan_id  phase plan.phase  state plan.state
    session_id session_id  project_name project_name  run_id run.run_id  thread_id run.thread_id
    user_id user_id  aggregate_id aggregate.id  aggregate_type aggregate.type
    aggregate_version aggregate.version  source origin.source  app_version origin.app_version
    environment origin.environment  traceparent traceparent""".split()
HEADER_FIELDS = {name: place.split(".")
                 for name, place in zip(NAMES_AND_PLACES[::2], NAMES_AND_PLACES[1::2])}
IGNORED_FIELDS = {"epoch", "position", "index", "cursor", "broker_time"}
RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")


def time_to_text(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10**9)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def time_from_text(text):
    match = RFC_3339.fullmatch(text)
    if not match:
        raise ValueError(f"not an RFC 3339 time: {text}")
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    moment = datetime.datetime.fromisoformat(f"{day}T{clock}{zone}")
    return int(moment.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))


def uuid_to_text(data):
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def uuid_from_text(text):
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise ValueError(f"not a UUID: {text}")
    return bytes.fromhex(text.replace("-", ""))


def new_uuid():
    """A UUID of version 7: 48 bits of milliseconds, 74 random bits."""
    number = time.time_ns() // 10**6 << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62
    return number.to_bytes(16, "big")


CONVERSIONS = {"event_id": uuid_from_text, "occurred_at": time_from_text, "aggregate_version": int}


def event_from_json(fields):
    """(event type, encoded Event, whether the caller gave the id) from a flat JSON object."""
    header = event_pb2.EventHeader(event_id=new_uuid(), occurred_at=time.time_ns())
    fields = {k: v for k, v in fields.items() if k not in IGNORED_FIELDS}
    if "type" in fields:
        fields["event_type"] = fields.pop("type")
    if not TYPE_NAME.fullmatch(str(fields.get("event_type")).encode()):
        raise ValueError("event_type: missing, or not a type name")
    details, tags = fields.pop("details", {}), fields.pop("tags", {})
    if not isinstance(details, dict) or not isinstance(tags, dict):
        raise ValueError("details and tags are objects")
    for name, value in fields.items():
        if name not in HEADER_FIELDS:
            raise ValueError(f"unknown field: {name}")
        *outer, leaf = HEADER_FIELDS[name]
        if name in CONVERSIONS:
            value = CONVERSIONS[name](value)
        setattr(getattr(header, outer[0]) if outer else header, leaf, value)
    header.tags.extend(event_pb2.Tag(key=k, value=v) for k, v in tags.items())
    text = json.dumps(details, ensure_ascii=False, separators=(",", ":")).encode()
    encoded = header.SerializeToString(deterministic=True)
    if len(encoded) > HEADER_SIZE_MAX or len(text) > DETAILS_SIZE_MAX:
        raise ValueError("header or details above their limit")
    event = event_pb2.Event(header=encoded, details=text,
                            details_format=event_pb2.DETAILS_FORMAT_JSON)
    return header.event_type, event.SerializeToString(deterministic=True), "event_id" in fields


def event_to_json(batch, i):
    """Event number i of a stamped batch as a dictionary: what `oyez tail --json` prints."""
    event = event_pb2.Event.FromString(batch.events[i])
    header = event_pb2.EventHeader.FromString(event.header)
    if event.details_format == event_pb2.DETAILS_FORMAT_PROTOBUF:
        raise Malformed("typed details cannot be shown without their catalog")
    out = {}
    for name, path in HEADER_FIELDS.items():
        message = header
        for part in path:
            message = getattr(message, part) if message.HasField(part) else None
            if message is None:
                break
        if message is not None:
            out[name] = message
    out["event_id"] = uuid_to_text(out["event_id"])
    out["occurred_at"] = time_to_text(out["occurred_at"])
    if header.tags:
        out["tags"] = {tag.key: tag.value for tag in header.tags}
    position = batch.position + i
    out.update(epoch=batch.epoch, position=position, index=None,
               cursor=f"{batch.epoch}:{position}", broker_time=time_to_text(batch.broker_time),
               details=json.loads(event.details or b"{}"))
    return out


# Sockets and the session on the control socket.

def reach(reached, welcome):
    """Where ingress and egress are, from the control endpoint that was reached."""
    if welcome.advertised:
        return welcome.ingress_endpoint, welcome.egress_endpoint
    if not reached.startswith("tcp://"):
        return reached + ".in", reached + ".out"
    host, port = reached.rsplit(":", 1)
    base = int(welcome.control_endpoint.rsplit(":", 1)[1])
    ports = (int(e.rsplit(":", 1)[1]) for e in (welcome.ingress_endpoint, welcome.egress_endpoint))
    return tuple(f"{host}:{int(port) + p - base}" for p in ports)


def open_socket(context, kind, size_max, **options):
    """A socket with the options that every client sets before it connects."""
    socket = context.socket(kind)
    settings = dict(LINGER=500, RECONNECT_IVL=50, RECONNECT_IVL_MAX=1000, CONNECT_TIMEOUT=5000,
                    MAXMSGSIZE=size_max)
    if kind not in (zmq.SUB, zmq.XSUB):  # their queues may fill up
        settings.update(RCVHWM=0, HEARTBEAT_IVL=5000, HEARTBEAT_TIMEOUT=15000)
    settings.update(options)
    for name, value in settings.items():
        socket.setsockopt(getattr(zmq, name), value)
    return socket


class Session:
    """Hello, ping, and what the broker answers. tick() before each wait, read() after it."""

    def __init__(self, context, endpoint, name):
        self.endpoint, self.name = endpoint, name
        self.client_id = new_uuid()
        self.socket = open_socket(context, zmq.DEALER, CONTROL_SIZE_MAX, IMMEDIATE=1)
        self.socket.connect(endpoint)
        self.welcome = None  # None: no session
        self.highest_epoch = 0
        self.request = 0  # of the last hello
        self.first_request = 1  # of the hellos that ask for the present session
        self.next_send = 0.0

    def send(self, **body):
        message = control_pb2.ToBroker(protocol_version=PROTOCOL_VERSION, **body)
        try:
            self.socket.send(message.SerializeToString(), zmq.DONTWAIT)
        except zmq.Again:  # not connected yet
            self.next_send = time.monotonic() + RETRY_S

    def tick(self, durable_floor):
        if time.monotonic() < self.next_send:
            return
        if self.welcome:
            self.next_send = time.monotonic() + PING_S
            self.send(ping=control_pb2.Ping(epoch=self.welcome.epoch))
        else:
            self.next_send = time.monotonic() + HELLO_S
            self.request += 1
            self.send(request_id=self.request, hello=control_pb2.Hello(
                client_id=self.client_id, highest_epoch=self.highest_epoch, fast_floor=1,
                durable_floor=durable_floor, name=self.name, process_id=os.getpid()))

    def wait_ms(self, at_most):
        """How long a loop may wait for its sockets before it calls tick() again."""
        return max(0, min(at_most, int(1000 * (self.next_send - time.monotonic())) + 1))

    def say_hello_again(self):
        self.welcome, self.next_send = None, 0.0
        self.first_request = self.request + 1

    def is_current(self, body):
        return bool(self.welcome) and (body.epoch, body.instance) == (
            self.welcome.epoch, self.welcome.instance)

    def read(self):
        """The answers that are there, as (kind, body). A Welcome nobody waits for is left out."""
        while self.socket.poll(0):
            try:
                message = control_pb2.FromBroker.FromString(self.socket.recv())
            except Exception as error:
                raise Malformed(f"control message: {error}") from error
            kind = message.WhichOneof("body")
            if message.protocol_version != PROTOCOL_VERSION:
                raise Refused(f"the broker speaks protocol version {message.protocol_version}, "
                              f"this program {PROTOCOL_VERSION}")
            if kind is None:
                continue
            body = getattr(message, kind)
            if kind == "welcome":
                if self.welcome or message.request_id < self.first_request:
                    continue
                self.welcome = body
                self.highest_epoch = max(self.highest_epoch, body.epoch)
                self.next_send = time.monotonic() + PING_S
            elif kind in ("hello_needed", "pong", "accept_mark", "nack", "receipt") and self.welcome:
                if kind == "hello_needed" or not self.is_current(body):
                    self.highest_epoch = max(self.highest_epoch, body.epoch)
                    self.say_hello_again()
                    continue
            yield kind, body

    def close(self):
        self.send(goodbye=control_pb2.Goodbye())
        self.socket.close()
