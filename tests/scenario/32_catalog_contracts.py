# SPDX-License-Identifier: MIT
"""Every event type's example is accepted, and what breaks any rule is refused by its name.

Bad events are made from the catalogs' own rules: one for each rule of each field of each type, and
of a catalog that has the rules which the built-in ones do not use. `oyez catalog check` must name
catalog, type, field and rule; an independent validator must agree by the exported JSON Schema,
save for the kinds of rule listed here, which JSON Schema cannot say.
"""
import collections
import copy
import json

from jsonschema import Draft202012Validator

from catalogs import Catalogs, catalog_text, compile_catalog
from harness import Scenario, equal

STRING, BYTES, MESSAGE, ENUM, BOOL, DOUBLE = 9, 12, 11, 14, 8, 1
UINT32, UINT64, INT32, INT64 = 13, 4, 5, 3
FORMATS = {1: "a UUID", 2: "an RFC 3339 time", 3: "an email address", 4: "a semantic version"}
# The kinds of rule that JSON Schema cannot say, and why.
UNSAID = {
    "indexed bytes": "a schema counts characters, the index bytes",
    "JSON depth": "a schema has no word for how deep a value is",
    "day of the month": "a pattern knows no calendar",
    "64-bit range as text": "a schema compares numbers only where they are written as numbers",
    "bytes length": "a schema sees base64: lengths up to two bytes apart look alike",
}
SHOP = catalog_text("""
// Anything is sold, by every rule that there is.
message Sold {
  option (oyez.type) = {name: "shop.sold" domain: "shop"};
  // E-mail address of the buyer.
  optional string mail = 1 [(oyez.rules) = {format: EMAIL, example: '"ada@example.org"'}];
  // Version of the shop.
  optional string release = 2 [(oyez.rules) = {format: SEMVER, example: '"1.2.3"'}];
  // Picture.
  optional bytes picture = 3 [(oyez.rules) = {min_length: 2, max_length: 4, example: '"AAEC"'}];
  // Lines of the order.
  repeated string lines = 4 [(oyez.rules) = {
    required: true, min_length: 1, max_length: 3, allowed: ["pen", "ink"], example: '["pen"]'}];
  // Prices by name.
  map<string, double> prices = 5 [(oyez.rules) = {
    min_length: 2, max_length: 3, min: 0, example: '{"pen":1.5,"ink":4}'}];
  // Colour.
  optional Colour colour = 6 [(oyez.rules) = {example: '"RED"'}];
  // Pieces in stock.
  optional uint64 stock = 7 [(oyez.rules) = {max: 1000, example: '"12"'}];
  // When it was sold.
  optional google.protobuf.Timestamp sold_at = 8 [(oyez.rules) = {
    example: '"2026-03-18T09:30:58Z"'}];
  // How long it took.
  optional google.protobuf.Duration took = 9 [(oyez.rules) = {example: '"1.500s"'}];
  // Discount, percent.
  optional int32 discount = 10 [(oyez.rules) = {min: -5, max: 50, example: '10'}];
  // Grade.
  optional int32 grade = 11 [(oyez.rules) = {allowed: ["1", "2"], example: '1'}];
  // A long text.
  optional string notes = 12 [(oyez.rules) = {truncate: 50, example: '"none"'}];
  // Day of delivery.
  optional string due = 13 [(oyez.rules) = {format: TIMESTAMP, example: '"2026-03-18T09:30:58Z"'}];
  // Number of the order.
  optional string order_id = 14 [(oyez.rules) = {
    min_length: 2, max_length: 200, indexed: true, example: '"123"'}];
  // What else is known.
  optional string extra = 15 [(oyez.rules) = {json: true, example: '{"a":[1]}'}];
  // The first line in full.
  optional Line first = 16;
}
// One line.
message Line {
  // Article.
  optional string sku = 1 [(oyez.rules) = {required: true, example: '"LMP-210"'}];
}
// Colours.
enum Colour {
  // Not known.
  COLOUR_UNSPECIFIED = 0;
  // Red.
  RED = 1;
}
""", options="""
  naming: {min_parts: 2}
  header: {field: "session_id" when: "user_id" required: true}
  header: {field: "tags.region" required: true allowed: ["north", "south"]}
  header: {field: "environment" default_value: "test" required: true allowed: ["test", "live"]}
""")


class Bad:
    """A bad event, and how it must be refused."""

    def __init__(self, kind, event, path, rule):
        self.kind, self.event, self.path, self.rule = kind, event, path, rule


class Breaking:
    """All bad events of one type, each made from its example by breaking one rule."""

    def __init__(self, catalogs, event):
        self.catalogs, self.example = catalogs, event
        self.bad = []

    def put(self, kind, way, value, rule, path=None):
        """The value at a way of keys into the details, with one that breaks a rule; None = none."""
        event = copy.deepcopy(self.example)
        inner = event["details"]
        for key in way[:-1]:
            inner = inner[key]
        if value is None:
            del inner[way[-1]]
        else:
            inner[way[-1]] = value
        self.bad.append(Bad(kind, event, self.path(way) if path is None else path, rule))

    @staticmethod
    def path(way):
        return "details" + "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in way)

    def header(self, kind, field, value, rule):
        event = copy.deepcopy(self.example)
        inner, key = event, field
        if field.startswith("tags."):
            inner, key = event["tags"], field[len("tags."):]
        inner.pop(key, None)
        if value is not None:
            inner[key] = value
        self.bad.append(Bad(kind, event, field, rule))

    def break_all(self, name):
        self.put("unknown field", ["no_such_field"], 1, "")
        self.break_header(name)
        self.break_fields(self.catalogs.types[name], [])
        return self.bad

    def break_header(self, name):
        for rule in self.catalogs.catalog_of[name].header:
            if rule.types and not name.startswith(rule.types.rstrip("*")):
                continue
            given = rule.HasField("default_value") or rule.HasField("default_from")
            if rule.required and not given:
                kind = "header required where" if rule.when else "header required"
                self.header(kind, rule.field, None, "is required")
            if rule.allowed:
                self.header("header allowed", rule.field, "nobody", "is none of")

    def break_fields(self, fields, way):
        inner = self.example["details"]
        for key in way:
            inner = inner[key]
        for field in fields:
            if field.name not in inner:
                continue
            self.break_field(field, way + [field.name], inner[field.name])

    def break_field(self, field, way, value):
        rules = field.rules
        if rules.required:
            self.put("required", way, None, "is required")
        if field.many:
            self.break_elements(field, way, value)
            return
        if field.kind == MESSAGE and field.message is not None and isinstance(value, dict):
            self.break_fields(field.fields(), way)
        if rules.json:
            self.put("JSON", way, 5, "")
            # Seen before the type is, as that of the whole event.
            self.put("JSON depth", way, nested(70), "nested too deeply", "")
            return
        self.put("kind", way, {} if field.kind != MESSAGE else 7, "")
        if field.kind == STRING:
            self.break_text(rules, way)
        elif field.kind == BYTES:
            self.break_bytes(rules, way)
        elif field.kind in (DOUBLE, UINT32, UINT64, INT32, INT64):
            self.break_number(field, way)
        elif field.kind == ENUM:
            self.put("enum", way, "NO_SUCH_WORD", "")

    def break_text(self, rules, way):
        if rules.required:
            other = rules.allowed or rules.format or rules.min_length
            self.put("required", way, "", "" if other else "is required")
        if rules.HasField("max_length") and not rules.truncate:
            self.put("max_length", way, "x" * (rules.max_length + 1),
                     f"is longer than {rules.max_length} characters")
        if rules.min_length > 1:
            self.put("min_length", way, "x" * (rules.min_length - 1),
                     f"is shorter than {rules.min_length} characters")
        if rules.allowed:
            self.put("allowed", way, "~" * max(1, rules.min_length), "is none of")
        if rules.format:
            self.put(f"format {FORMATS[rules.format]}", way, "neither", f"is not {FORMATS[rules.format]}")
        if rules.format == 2:
            self.put("day of the month", way, "2026-02-30T09:00:00Z", "is not an RFC 3339 time")
        if rules.indexed and not rules.format and rules.max_length > 128:
            self.put("indexed bytes", way, "\u00e9" * 129, "is longer than 256 bytes, and indexed")

    def break_bytes(self, rules, way):
        self.put("base64", way, "?", "")
        if rules.HasField("max_length"):
            self.put("bytes length", way, "AAECAwQ=", "has 5 bytes, more than 4")
        if rules.min_length:
            self.put("bytes length", way, "AA==", "has 1 bytes, fewer than 2")

    def break_number(self, field, way):
        rules = field.rules
        if rules.HasField("min") and not (rules.min == 0 and field.kind in (UINT32, UINT64)):
            self.put("min", way, number(rules.min - 1), "is below the minimum")
        if rules.HasField("max"):
            self.put("max", way, number(rules.max + 1), "is above the maximum")
        if rules.HasField("max") and field.kind == UINT64:
            self.put("64-bit range as text", way, str(int(rules.max) + 1), "is above the maximum")
        if field.kind == UINT32:
            self.put("range of the kind", way, -1, "")
        if field.kind in (UINT32, INT32):
            self.put("range of the kind", way, 2 ** 32, "")
        if rules.allowed:
            self.put("allowed number", way, 77, "is none of")

    def break_elements(self, field, way, value):
        rules = field.rules
        self.put("kind", way, 5, "")
        items = value if isinstance(value, list) else list(value.values())
        if rules.required:
            self.put("required", way, {} if field.map else [], "is required")
        if rules.min_length > 1:
            few = range(rules.min_length - 1)
            self.put("min elements", way,
                     {f"k{i}": items[0] for i in few} if field.map else [items[0]] * len(few),
                     f"has {len(few)} elements, fewer than {rules.min_length}")
        if rules.HasField("max_length"):
            many = range(rules.max_length + 1)
            self.put("max elements", way,
                     {f"k{i}": items[0] for i in many} if field.map else [items[0]] * len(many),
                     f"has {len(many)} elements, more than {rules.max_length}")
        if field.map:
            return
        if rules.allowed:
            self.put("allowed", way + [0], "~", "is none of")
        if field.kind == MESSAGE and isinstance(items[0], dict):
            self.break_fields(field.fields(), way + [0])


def number(value):
    return int(value) if value == int(value) else value


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def complete(event):
    """The shop's example has what its conditions are about."""
    if event["event_type"] == "shop.sold":
        event.setdefault("user_id", "u-1")
    return event


def read_examples(s, extra):
    lines = s.oyez("catalog", "example", "--all", *extra).events()
    return {event["event_type"]: complete(event) for event in lines}


def check_bad(s, bad, extra):
    """Each is refused for its own rule, in its own place."""
    path = s.write_jsonl("bad.jsonl", [b.event for b in bad])
    *told, summary = s.oyez("catalog", "check", path, "--json", *extra, expect=1,
                            seconds=120).events()
    reasons = {line["line"]: line["reason"] for line in told}
    wrong = []
    for i, b in enumerate(bad):
        name = b.event["event_type"]
        start = f"{CATALOGS.catalog_of[name].name}: {name}: {b.path}" if b.path else ""
        reason = reasons.get(i + 1, "accepted")
        if not reason.startswith(start) or b.rule not in reason:
            wrong.append((b.kind, start, b.rule, reason))
    equal(wrong[:5], [], "refusals that do not name catalog, type, field and rule")
    equal(summary, {"checked": len(bad), "failed": len(bad)}, "summary of the bad events")


def check_schemas(s, examples, bad, extra):
    directory = s.directory / "schemas"
    s.oyez("catalog", "export", "--format", "json-schema", "--out", directory, *extra)
    validators = {}
    for name, example in examples.items():
        schema = json.loads((directory / f"{schema_name(name)}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        validators[name] = Draft202012Validator(schema)
        errors = [e.message for e in validators[name].iter_errors(example)]
        equal(errors, [], f"what the schema has against the example of {name}")
    unsaid = collections.Counter()
    for b in bad:
        if validators[b.event["event_type"]].is_valid(b.event):
            unsaid[b.kind] += 1
            equal(b.kind in UNSAID, True,
                  f"the schema of {b.event['event_type']} accepts at {b.path}: {b.kind}")
    return unsaid


def schema_name(name):
    return name[:-len(".example")] if name.startswith("github.") else name


def check_cutting(s, extra):
    """What is longer than its truncation is good: emit cuts it. A schema has to say so too."""
    event = {"event_type": "shop.sold", "tags": {"region": "north"},
             "details": {"lines": ["pen"], "notes": "x" * 500}}
    path = s.write_jsonl("long.jsonl", [event])
    s.oyez("catalog", "check", path, *extra)
    schema = json.loads((s.directory / "schemas" / "shop.sold.schema.json").read_text())
    equal(Draft202012Validator(schema).is_valid(event), True, "the schema takes what is cut")


with Scenario() as s:
    shop = compile_catalog(s, SHOP, file="shop.binpb")
    extra = ("--catalog", shop)
    s.oyez("catalog", "export", "--format", "binpb", "--out", s.directory / "sets", *extra)
    CATALOGS = Catalogs(sorted((s.directory / "sets").iterdir()))
    examples = read_examples(s, extra)
    typed = [name for name in examples if not name.startswith("github.")]
    equal(len(typed), 110 + 1, "types with an example")
    good = s.write_jsonl("good.jsonl", examples.values())
    checked = s.oyez("catalog", "check", good, "--json", *extra).events()[-1]
    equal(checked, {"checked": 112, "failed": 0}, "examples checked")

    bad = [b for name in typed
           for b in Breaking(CATALOGS, examples[name]).break_all(name)]
    per_type = collections.Counter(b.event["event_type"] for b in bad)
    per_kind = collections.Counter(b.kind for b in bad)
    equal([name for name in typed if per_type[name] == 0], [], "types without a bad event")
    check_bad(s, bad, extra)
    unsaid = check_schemas(s, examples, bad, extra)
    check_cutting(s, extra)

    print(f"{len(typed)} types, an example of each accepted; {len(bad)} bad events refused, "
          f"{min(per_type.values())} to {max(per_type.values())} of each type")
    for kind, count in sorted(per_kind.items()):
        print(f"  {count:5} {kind}")
    print("not said by the schemas:")
    for kind, why in UNSAID.items():
        print(f"  {unsaid[kind]:5} {kind}: {why}")
