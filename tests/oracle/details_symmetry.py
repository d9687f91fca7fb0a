# SPDX-License-Identifier: MIT
"""Whether details are judged alike in both forms: what JSON accepts is accepted as the protobuf
that it is made to, and the reverse.

usage: details_symmetry.py ORACLE SET...   [environment: OYEZ_TEST_QUICK, OYEZ_ORACLE_MESSAGES,
                                            OYEZ_ORACLE_SEED]

Random messages obey most of their rules most of the time. Then their bytes and their JSON text are
spoiled a little, and what still passes in one form has to pass in the other.
"""
import os
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor as F

from details_oracle import SEED, Making, Oracle

MESSAGES = int(os.environ.get("OYEZ_ORACLE_MESSAGES")
               or (20 if os.environ.get("OYEZ_TEST_QUICK") else 100))
SPOILED = 6  # of each message, in each form
FORMATS = {
    1: ["0190d2a4-7f00-7000-8000-0123456789ab", "0190D2A4-7F00-7000-8000-0123456789AB"],
    2: ["2026-11-20T08:42:45.123Z", "2016-12-31t23:59:60+01:00"],
    3: ["ada@example.com", "j\u00f6rg@b\u00fcro.example"],
    4: ["1.2.3", "1.0.0-alpha.1+b"],
}
SPACED_JSONS = ["{}", "[]", ' {"a" : 1 }', '[1, 2,\t3]\n', '{"a":{"b":"\\u00e9 x"}}', "[[[[]]]]",
                '{"a":1,"a":2}', '[{"k":1,"\\u006b":2}]', "[1.10,1e5,-0]", "", "1", "{", '{"a":1}}',
                "[1e400]", '["\\ud800"]', '{"a\\u0000":1}', '["\u20ac"]', "{\"a\":[1 ,2]}", "{ }  ", "[ 1 ,  2 ,  3 ]"]
DEEP = [1, 30, 31, 32, 33, 61, 62, 63, 64, 65]


class Ruled(Making):
    """Random messages that know the rules."""

    def __init__(self, paths, seed):
        self.json_fields = set()
        super().__init__(self, seed)
        self.types = {}  # event type: message class
        self.rules = {}  # full name of a field: its rules
        for path in paths:
            self._read(path)

    def _read(self, path):
        pool = descriptor_pool.DescriptorPool()
        with open(path, "rb") as file:
            encoded = file.read()
        files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
        for file in files:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        factory.GetMessages([file.name for file in files])
        set_class = factory.GetPrototype(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
        self.rules_extension = pool.FindExtensionByName("oyez.rules")
        of_type = pool.FindExtensionByName("oyez.type")
        for file in set_class.FromString(encoded).file:
            for message in file.message_type:
                name = f"{file.package}.{message.name}"
                self._read_rules(message, name)
                option = message.options.Extensions[of_type]
                if option.name and not option.open:
                    self.types[option.name] = factory.GetPrototype(pool.FindMessageTypeByName(name))

    def _read_rules(self, message, name):
        for field in message.field:
            self.rules[f"{name}.{field.name}"] = field.options.Extensions[self.rules_extension]
        for nested in message.nested_type:
            self._read_rules(nested, f"{name}.{nested.name}")

    def text_of_size(self, low, high):
        size = self.random.choice([low, high, max(0, low - 1), high + 1, self.random.randint(low, high)])
        return "".join(self.random.choice("ab \u00e9\u20ac\U0001f600\"\\\n\x00") for _ in range(min(size, 200)))

    def json_text(self):
        r = self.random
        kind = r.random()
        if kind < 0.6:
            return r.choice(SPACED_JSONS)
        if kind < 0.7:
            depth = r.choice(DEEP)
            return "[" * depth + "]" * depth
        return super().json_text()

    def ruled(self, field, rules, plain):
        """A value that the rules may well allow."""
        r = self.random
        if field.type == F.TYPE_STRING:
            if rules.json:
                return self.json_text()
            if rules.allowed and r.random() < 0.9:
                return r.choice(list(rules.allowed))
            if rules.format and r.random() < 0.9:
                return r.choice(FORMATS[rules.format])
            return self.text_of_size(rules.min_length, rules.max_length if rules.HasField("max_length")
                                     else rules.min_length + 9)
        if field.type == F.TYPE_BYTES:
            low, high = rules.min_length, rules.max_length or 5
            return r.randbytes(r.choice([low, high, r.randint(low, max(low, high)), high + 1]))
        if field.type == F.TYPE_ENUM and rules.allowed and r.random() < 0.9:
            return field.enum_type.values_by_name[r.choice(list(rules.allowed))].number
        if field.type == F.TYPE_BOOL:
            return r.random() < 0.8
        if rules.allowed and field.type != F.TYPE_ENUM and r.random() < 0.9:
            text = r.choice(list(rules.allowed))
            return float(text) if field.cpp_type in (F.CPPTYPE_DOUBLE, F.CPPTYPE_FLOAT) else int(text)
        if (rules.HasField("min") or rules.HasField("max")) and r.random() < 0.9:
            low = rules.min if rules.HasField("min") else rules.max - 5
            high = rules.max if rules.HasField("max") else rules.min + 5
            value = r.choice([low, high, (low + high) / 2, low - 1, high + 1] if r.random() < 0.3
                             else [low, high, (low + high) / 2])
            if field.cpp_type in (F.CPPTYPE_DOUBLE, F.CPPTYPE_FLOAT):
                return value
            return self.clamp(field, int(value))
        return plain()

    @staticmethod
    def clamp(field, value):
        wide = field.cpp_type in (F.CPPTYPE_INT64, F.CPPTYPE_UINT64)
        signed = field.cpp_type in (F.CPPTYPE_INT32, F.CPPTYPE_INT64)
        bits = 64 if wide else 32
        low, high = (-2**(bits - 1), 2**(bits - 1) - 1) if signed else (0, 2**bits - 1)
        return max(low, min(high, value))

    def fill(self, message, depth=0):
        if message.DESCRIPTOR.full_name.startswith("google.protobuf."):
            self.moment(message)
            return
        fullness = self.random.choice([0.1, 0.5]) if depth < 2 else 0.2
        for field in message.DESCRIPTOR.fields:
            required = self.rules[field.full_name].required
            if self.random.random() < (0.95 if required else fullness):
                self.fill_field(message, field, depth)

    def fill_field(self, message, field, depth):
        rules = self.rules[field.full_name]
        target = getattr(message, field.name)
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        count = self.random.choice([1, 2, 2, 3])
        if rules.HasField("max_length") and field.label == F.LABEL_REPEATED and self.random.random() < 0.9:
            count = min(count, rules.max_length)
        if is_map:
            keys, values = field.message_type.fields
            for _ in range(count):
                key = self.scalar(keys, is_key=True)
                if values.message_type is None:
                    target[key] = self.ruled(values, rules, lambda: self.scalar(values))
                elif depth < 3:
                    self.fill(target[key], depth + 1)
        elif field.message_type is not None:
            if depth >= 3:
                return
            for inside in ([target.add() for _ in range(count)] if field.label == F.LABEL_REPEATED
                           else [target]):
                if field.label != F.LABEL_REPEATED:
                    inside.SetInParent()
                self.fill(inside, depth + 1)
        elif field.label == F.LABEL_REPEATED:
            target.extend(self.ruled(field, rules, lambda: self.scalar(field)) for _ in range(count))
        else:
            setattr(message, field.name, self.ruled(field, rules, lambda: self.scalar(field)))

    def spoil_bytes(self, encoded):
        r = self.random
        spoiled = bytearray(encoded)
        for _ in range(r.randint(1, 2)):
            at = r.randrange(len(spoiled) + 1)
            kind = r.random()
            if kind < 0.4 and at < len(spoiled):
                spoiled[at] = r.choice([0, 1, 2, 127, 128, 255, spoiled[at] ^ 1, r.randrange(256)])
            elif kind < 0.6:
                spoiled[at:at] = spoiled[at:at + r.randint(1, 9)]
            elif kind < 0.8:
                del spoiled[at:at + r.randint(1, 3)]
            else:
                spoiled[at:at] = r.choice([b"\x0a\x00", b"\x0a\x01a", b"\x08\x00", b"\x10\x01", b"\x32\x00",
                                           b"\x42\x02\x08\x01", b"\x3a\x00", b"\x3a\x02{}", b"\x9a\x01\x00"])
        return bytes(spoiled)

    def spoil_text(self, text):
        r = self.random
        for _ in range(r.randint(1, 3)):
            tokens = [i for i, c in enumerate(text) if c in "{}[],:\"0123456789"]
            if not tokens:
                return text
            at = r.choice(tokens)
            c = text[at]
            kind = r.random()
            if kind < 0.4 and c in "{}[],:":
                text = text[:at] + r.choice([" ", "\n\t", "  "]) + text[at:]
            elif kind < 0.6 and c.isdigit():
                text = text[:at] + r.choice(["0", "9", "1.0", "e0", "-", "1e2", "5", "\""]) + text[at + 1:]
            elif kind < 0.7:
                text = text.replace("a", "\\u0061", 1)
            elif kind < 0.8:
                text = text.replace(":", r.choice([":null,\"x\":", ":\"\",\"name\":", ":[],\"words\":", ":"]), 1)
            else:
                text = text[:at] + r.choice(["null", "\"\"", "{}", "[]", "true", "\"1\"", "\\u20ac", "\\n", "0",
                                             "\"a\":1,", "1,", "{},", "\"a\","]) + text[at + r.randint(0, 2):]
        return text


def main():
    program, *paths = sys.argv[1:]
    making = Ruled(paths, SEED)
    # Those that are built in are there without their file.
    oracle = Oracle(program, [path for path in paths if "catalogs.binpb" not in path])
    counts = {"ok": 0, "refused": 0}
    differences = []

    def ask(command, event_type, data):
        answer = oracle.ask(command, event_type, data)
        verdict = answer.partition(" ")[0]
        if verdict == "differs":
            differences.append(f"{command} {event_type}: {answer}\n  {data!r}")
        else:
            counts[verdict] += 1
        return verdict

    for event_type, message_class in making.types.items():
        rich = event_type.startswith("rules.")
        for _ in range(MESSAGES * (20 if rich else 1)):
            message = message_class()
            making.fill(message)
            encoded = message.SerializeToString()
            ask("cross", event_type, encoded)
            for _ in range(SPOILED):
                ask("cross", event_type, making.spoil_bytes(encoded))
            answer = oracle.ask("json", event_type, encoded)
            if not answer.startswith("ok "):
                continue
            text = bytes.fromhex(answer.split(" ")[1])
            ask("cross_json", event_type, text)
            for _ in range(SPOILED):
                spoiled = making.spoil_text(text.decode())
                ask("cross_json", event_type, spoiled.encode("utf-8", "surrogatepass"))
    for difference in differences[:20]:
        print(difference)
    assert not differences, f"{len(differences)} are judged in one form otherwise than in the other"
    assert counts["ok"] > 1000 and counts["refused"] > 1000, counts
    print(f"{counts['ok']} pass and {counts['refused']} are refused alike in both forms, seed {SEED}")


if __name__ == "__main__":
    main()
