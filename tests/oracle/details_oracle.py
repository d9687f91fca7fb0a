# SPDX-License-Identifier: MIT
"""What the transcoder makes of random details, beside what python3-protobuf makes of them.

usage: details_oracle.py ORACLE SET...     [environment: OYEZ_TEST_QUICK, OYEZ_ORACLE_MESSAGES,
                                            OYEZ_ORACLE_SEED]

For each event type of the descriptor sets and each random message: our JSON equals theirs, our
protobuf of their JSON and of ours is the message again, and theirs of our JSON is too. The rules of
fields are taken off before, save `json`: random values obey none.
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor as F

MESSAGES = int(os.environ.get("OYEZ_ORACLE_MESSAGES")
               or (60 if os.environ.get("OYEZ_TEST_QUICK") else 1000))
SEED = int(os.environ.get("OYEZ_ORACLE_SEED", "4"))
DEPTH_MAX = 4
TIMESTAMP, DURATION = "google.protobuf.Timestamp", "google.protobuf.Duration"

DOUBLES = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
           1e15, 1e16, 1e21, 1e22, 1e23, 123456789012345.6, 9007199254740993.0, 1e-7, math.inf,
           -math.inf, math.nan]
STRINGS = ["", "a", "caf\u00e9", "\u20ac", "\U0001f600", "\ud7ff\ue000\uffff\U0010ffff", "\"\\/\b\f\n\r\t",
           "\x00", "a\x00b", "\x1f\x7f\x80\u2028\u2029", "null", "NaN", "0", "{}", " ", "\ufeff", "x" * 200]
JSONS = ["{}", "[]", '{"a":1}', '[1.10,-0,1e5,123456789012345678901234567890]', '{"":{"\\ud83d\\ude00":[null,true]}}',
         '["a b","\\"\\\\","\\u0000"]', "[[[[{}]]]]"]


class Sets:
    """The catalogs, as python3-protobuf knows them, and without their rules for ours."""

    def __init__(self, paths):
        self.types = {}  # event type: message class
        self.json_fields = set()  # full names
        self.stripped = [self._read(path) for path in paths]

    def _read(self, path):
        encoded = Path(path).read_bytes()
        pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
        for file in files:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        factory.GetMessages([file.name for file in files])
        set_class = factory.GetPrototype(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
        file_set = set_class.FromString(encoded)
        self.catalog = pool.FindExtensionByName("oyez.catalog")
        self.type = pool.FindExtensionByName("oyez.type")
        self.rules = pool.FindExtensionByName("oyez.rules")
        for file in file_set.file:
            if file.options.HasExtension(self.catalog):
                self._strip_file(file, pool, factory)
        return file_set.SerializeToString()

    def _strip_file(self, file, pool, factory):
        catalog = file.options.Extensions[self.catalog]
        catalog.name = f"oracle_{catalog.name}"
        for part in ("naming", "header", "indexed_tags"):
            catalog.ClearField(part)
        for message in file.message_type:
            full_name = f"{file.package}.{message.name}"
            self._strip_message(message, full_name)
            if not message.options.HasExtension(self.type):
                continue
            option = message.options.Extensions[self.type]
            option.name = f"oracle.{option.name}"
            option.ClearField("deprecated")
            if not option.open and message.field:
                self.types[option.name] = factory.GetPrototype(
                    pool.FindMessageTypeByName(full_name))

    def _strip_message(self, message, full_name):
        for field in message.field:
            rules = field.options.Extensions[self.rules]
            if rules.json:
                self.json_fields.add(f"{full_name}.{field.name}")
            is_json = rules.json
            field.options.ClearExtension(self.rules)
            if is_json:
                field.options.Extensions[self.rules].json = True
        for nested in message.nested_type:
            self._strip_message(nested, f"{full_name}.{nested.name}")


def one_nan(value):
    """JSON has one NaN; protobuf has many."""
    return math.nan if math.isnan(value) else value


class Making:
    """Random messages, rich in what goes wrong."""

    def __init__(self, sets, seed):
        self.sets = sets
        self.random = random.Random(seed)

    def integer(self, low, high):
        r = self.random
        if r.random() < 0.4:
            return r.choice([low, high, 0, 1, high - 1, low + 1] + ([-1] if low < 0 else []))
        bits = r.randint(1, high.bit_length())
        value = r.getrandbits(bits)
        return max(low, -value) if low < 0 and r.random() < 0.5 else min(high, value)

    def double(self):
        r = self.random
        kind = r.random()
        if kind < 0.3:
            return r.choice(DOUBLES)
        if kind < 0.6:
            return one_nan(struct.unpack("<d", struct.pack("<Q", r.getrandbits(64)))[0])
        return round(r.uniform(-1e6, 1e6), r.randint(0, 6))

    def float(self):
        value = one_nan(struct.unpack("<f", struct.pack("<I", self.random.getrandbits(32)))[0])
        return self.random.choice([0.0, -0.0, 0.1, 1.5, 3.4028234663852886e38, math.inf, value, value])

    def string(self):
        r = self.random
        if r.random() < 0.5:
            return r.choice(STRINGS)
        planes = [(0x20, 0x7e), (0x80, 0x7ff), (0x800, 0xd7ff), (0xe000, 0xffff), (0x10000, 0x10ffff), (0, 0x1f)]
        return "".join(chr(r.randint(*r.choice(planes))) for _ in range(r.randint(0, 12)))

    def json_text(self):
        r = self.random
        if r.random() < 0.5:
            return r.choice(JSONS)
        value = {self.string().replace("\x00", ""): r.choice([None, True, r.randint(-9, 9), self.string(), [1.5]])
                 for _ in range(r.randint(0, 3))}
        return json.dumps(value, ensure_ascii=r.random() < 0.5, separators=(",", ":"))

    def scalar(self, field, is_key=False):
        kind = field.type
        if kind == F.TYPE_STRING:
            text = self.string()
            # Scanners of JSON refuse a NUL in a key.
            return text.replace("\x00", "") if is_key else text
        if kind == F.TYPE_BYTES:
            return self.random.randbytes(self.random.choice([0, 1, 2, 3, 20]))
        if kind == F.TYPE_BOOL:
            return self.random.random() < 0.5
        if kind == F.TYPE_ENUM:
            return self.random.choice(field.enum_type.values).number
        if kind == F.TYPE_DOUBLE:
            return self.double()
        if kind == F.TYPE_FLOAT:
            return self.float()
        if kind in (F.TYPE_UINT32, F.TYPE_FIXED32):
            return self.integer(0, 2**32 - 1)
        if kind in (F.TYPE_UINT64, F.TYPE_FIXED64):
            return self.integer(0, 2**64 - 1)
        if kind in (F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32):
            return self.integer(-2**31, 2**31 - 1)
        return self.integer(-2**63, 2**63 - 1)

    def moment(self, message):
        r = self.random
        nanos = r.choice([0, 1, 1000, 1000000, 500000000, 999999999, r.randrange(10**9)])
        if message.DESCRIPTOR.full_name == TIMESTAMP:
            low, high = -62135596800, 253402300799
            message.seconds, message.nanos = r.choice([0, low, high, -1, r.randint(low, high)]), nanos
            return
        seconds = r.choice([0, 1, 315576000000, r.randrange(10**6)])
        sign = r.choice([1, -1])
        message.seconds, message.nanos = sign * seconds, sign * nanos

    def fill(self, message, depth=0):
        if message.DESCRIPTOR.full_name in (TIMESTAMP, DURATION):
            self.moment(message)
            return
        fullness = self.random.choice([0.1, 0.5, 0.9]) if depth < 2 else 0.2
        for field in message.DESCRIPTOR.fields:
            if self.random.random() < fullness:
                self.fill_field(message, field, depth)

    def fill_field(self, message, field, depth):
        target = getattr(message, field.name)
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        is_json = field.full_name in self.sets.json_fields
        count = self.random.choice([0, 1, 2, 5])
        if is_map:
            key_field, value_field = field.message_type.fields
            for _ in range(count):
                key = self.scalar(key_field, is_key=True)
                if value_field.message_type is None:
                    target[key] = self.json_text() if is_json else self.scalar(value_field)
                elif depth < DEPTH_MAX:
                    self.fill(target[key], depth + 1)
        elif field.message_type is not None:
            if depth >= DEPTH_MAX:
                return
            if field.label == F.LABEL_REPEATED:
                for _ in range(count):
                    self.fill(target.add(), depth + 1)
            else:
                target.SetInParent()
                self.fill(target, depth + 1)
        elif field.label == F.LABEL_REPEATED:
            target.extend(self.json_text() if is_json else self.scalar(field) for _ in range(count))
        else:
            setattr(message, field.name, self.json_text() if is_json else self.scalar(field))


class Oracle:
    """Our own code, in a process of its own."""

    def __init__(self, program, set_files):
        self.process = subprocess.Popen([program, *set_files], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, command, event_type, data):
        self.process.stdin.write(f"{command} {event_type} {data.hex()}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the oracle ended at {command} {event_type} {data.hex()}")
        return answer.rstrip("\n")

    def convert(self, command, event_type, data):
        verdict, _, rest = self.ask(command, event_type, data).partition(" ")
        if verdict != "ok":
            raise AssertionError(f"{command} {event_type}: {rest}\n  of {data!r}")
        return bytes.fromhex(rest.split(" ")[0])


def inline(value, descriptor, json_fields, convert):
    """Converts the json fields of a JSON object, as deep as they stand."""
    for field in descriptor.fields:
        if field.name not in value:
            continue
        here = value[field.name]
        inner, is_map = field, False
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            inner, is_map = field.message_type.fields_by_name["value"], True
        is_json = field.full_name in json_fields
        is_message = inner.message_type is not None and inner.message_type.full_name not in (TIMESTAMP, DURATION)
        if not is_json and not is_message:
            continue

        def change(element):
            if is_json:
                return convert(element)
            inline(element, inner.message_type, json_fields, convert)
            return element
        if is_map:
            value[field.name] = {key: change(element) for key, element in here.items()}
        elif field.label == F.LABEL_REPEATED:
            value[field.name] = [change(element) for element in here]
        else:
            value[field.name] = change(here)


class Exact(float):
    """A number of an inline JSON text, with the digits that it was written with."""

    def __new__(cls, text):
        made = super().__new__(cls, text)
        made.text = text
        return made


def to_text(value):
    """JSON text of parsed inline JSON, compact, numbers with their own digits."""
    if isinstance(value, Exact):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{to_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_text, value)) + "]"
    return json.dumps(value)


def parse_exact(text):
    return json.loads(text, parse_float=Exact, parse_int=Exact)


def equal(ours, theirs, descriptor, json_fields, path):
    """None, or where the two differ."""
    names = {field.name: field for field in descriptor.fields}
    if set(ours) != set(theirs):
        return f"{path}: members {sorted(ours)} and {sorted(theirs)}"
    if list(ours) != sorted(ours, key=lambda name: names[name].number):
        return f"{path}: not in the order of numbers: {list(ours)}"
    for name, field in names.items():
        if name in ours:
            found = equal_field(ours[name], theirs[name], field, json_fields, f"{path}.{name}")
            if found:
                return found
    return None


def equal_field(ours, theirs, field, json_fields, path):
    inner = field
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name["value"]
        if set(ours) != set(theirs):
            return f"{path}: keys {sorted(ours)} and {sorted(theirs)}"
        pairs = [(ours[key], theirs[key], f"{path}[{key}]") for key in ours]
    elif field.label == F.LABEL_REPEATED:
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} and {len(theirs)} elements"
        pairs = [(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(ours, theirs))]
    else:
        pairs = [(ours, theirs, path)]
    for a, b, where in pairs:
        found = equal_value(a, b, inner, field.full_name in json_fields, json_fields, where)
        if found:
            return found
    return None


def equal_value(ours, theirs, field, is_json, json_fields, path):
    if is_json:
        same = to_text(ours) == to_text(theirs)
    elif isinstance(ours, dict):
        return equal(ours, theirs, field.message_type, json_fields, path)
    elif field.type == F.TYPE_FLOAT and not isinstance(ours, str) and not isinstance(theirs, str):
        same = struct.pack("<f", ours) == struct.pack("<f", theirs)
    elif field.type == F.TYPE_DOUBLE and not isinstance(ours, str) and not isinstance(theirs, str):
        same = struct.pack("<d", ours) == struct.pack("<d", theirs)
    else:
        # An integer is not equal to a real, nor true to 1: their texts are compared.
        same = to_text(ours) == to_text(theirs)
    return None if same else f"{path}: ours {to_text(ours)}, theirs {to_text(theirs)}"


def canonical(message):
    return message.SerializeToString(deterministic=True)


def their_json(message, json_fields):
    value = parse_exact(json_format.MessageToJson(message, preserving_proto_field_name=True,
                                                  ensure_ascii=False))
    inline(value, message.DESCRIPTOR, json_fields, parse_exact)
    return value


def compare(oracle, event_type, message, json_fields):
    encoded = message.SerializeToString()
    wanted = canonical(message)
    ours_text = oracle.convert("json", event_type, encoded)
    ours = parse_exact(ours_text)
    theirs = their_json(message, json_fields)
    differs = equal(ours, theirs, message.DESCRIPTOR, json_fields, "details")
    assert differs is None, f"{event_type}: {differs}"

    verdict = oracle.ask("check", event_type, ours_text)
    assert verdict == "ok", f"{event_type}: {verdict}: {ours_text!r}"
    kind = type(message)
    back = oracle.convert("protobuf", event_type, ours_text)
    assert canonical(kind.FromString(back)) == wanted, f"{event_type}: not the same again: {ours_text!r}"
    # Without maps, whose order is nobody's, the bytes themselves are the canonical ones.
    again = oracle.convert("json", event_type, back)
    assert again == ours_text, f"{event_type}: our JSON changes on the way: {ours_text!r} {again!r}"
    assert back == wanted or has_map(message), f"{event_type}: not canonical: {back.hex()}"
    normalise(message, json_fields)
    wanted = canonical(message)
    their_text = to_text(theirs).encode()
    read = kind.FromString(oracle.convert("protobuf", event_type, their_text))
    normalise(read, json_fields)
    assert canonical(read) == wanted, f"{event_type}: not what they wrote: {their_text!r}"
    read = kind()
    inline(ours, message.DESCRIPTOR, json_fields, to_text)
    # They refuse the largest float as they themselves write it.
    readable = to_text(ours).replace("3.4028235e+38", "3.4028234663852886e+38")
    json_format.Parse(readable, read)
    assert canonical(read) == wanted, f"{event_type}: they read other than they wrote"


def has_map(message):
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            return True
        if any(has_map(m) for m in (value if field.label == F.LABEL_REPEATED else [value])):
            return True
    return False


def normalise(message, json_fields):
    """Texts of json fields as to_text writes them: escapes are no difference between parsers."""
    for field, value in message.ListFields():
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        is_json = field.full_name in json_fields
        if is_map:
            inner = field.message_type.fields_by_name["value"]
            for key in list(value):
                if is_json:
                    value[key] = to_text(parse_exact(value[key]))
                elif inner.message_type is not None:
                    normalise(value[key], json_fields)
        elif is_json and field.label == F.LABEL_REPEATED:
            value[:] = [to_text(parse_exact(text)) for text in value]
        elif is_json:
            setattr(message, field.name, to_text(parse_exact(value)))
        elif field.message_type is not None:
            for inside in value if field.label == F.LABEL_REPEATED else [value]:
                normalise(inside, json_fields)


# What is different on purpose: a text, and whether python3-protobuf takes it. Ours refuses each.
DIFFERENCES = [
    ("only names of the .proto are names", "scalars", '{"aDouble":1}', True),
    ("integer keys stand in their shortest form", "maps", '{"by_int32":{"01":1}}', True),
    ("no NUL in a key", "maps", '{"by_string":{"\\u0000":{}}}', True),
    ("base64 without stray bits", "scalars", '{"some_bytes":"AB=="}', True),
    ("numbers of enums are values of the enum", "scalars", '{"a_direction":7}', True),
    ("numbers in strings have JSON's grammar", "scalars", '{"an_int32":"007"}', True),
    ("reals in strings have JSON's grammar", "scalars", '{"a_double":"1_0"}', True),
    ("a field marked json is an object or array, inline", "scalars", '{"any_json":"{}"}', True),
    ("a key stands once within json too", "scalars", '{"any_json":{"a":1,"a":2}}', False),
]


def check_differences(oracle, sets):
    print("differences on purpose, all of them refusals of ours:")
    for what, name, text, taken in DIFFERENCES:
        event_type = f"oracle.kinds.{name}"
        verdict = oracle.ask("protobuf", event_type, text.encode())
        assert verdict.startswith("refused"), f"{what}: {text} is taken"
        try:
            json_format.Parse(text, sets.types[event_type]())
            theirs = True
        except json_format.ParseError:
            theirs = False
        assert theirs == taken, f"{what}: python3-protobuf {'takes' if theirs else 'refuses'} {text}"
        print(f"  {what}: {verdict.removeprefix('refused ')}")


def main():
    program, *paths = sys.argv[1:]
    sets = Sets(paths)
    making = Making(sets, SEED)
    count = 0
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for i, stripped in enumerate(sets.stripped):
            files.append(os.path.join(directory, f"{i}.binpb"))
            Path(files[-1]).write_bytes(stripped)
        oracle = Oracle(program, files)
        for event_type, message_class in sets.types.items():
            for i in range(MESSAGES):
                message = message_class()
                if i > 0:
                    making.fill(message)
                compare(oracle, event_type, message, sets.json_fields)
                count += 1
        check_differences(oracle, sets)
        oracle.process.stdin.close()
        status = oracle.process.wait()
    assert status == 0, f"the oracle ended with {status}"
    print(f"{count} random messages of {len(sets.types)} event types, seed {SEED}: equal")


if __name__ == "__main__":
    main()
