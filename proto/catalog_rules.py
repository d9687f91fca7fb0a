# SPDX-License-Identifier: MIT
"""Judges what a catalog says of its fields, its headers and its names.

Every function takes `fault (where, what)`, which keeps what is wrong, and goes on to the end.
"""
import re

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

from example_values import BITS, check_value, load_json

STRING, BYTES, MESSAGE, ENUM = (Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_MESSAGE,
                                Field.TYPE_ENUM)
NUMBERS = {*BITS, Field.TYPE_DOUBLE}
TAG_SIZE_MAX = 256  # of a value, as in client/lib/check.c
TAG_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
MARK_SIZE = 40  # characters of the longest mark that a cut text ends in
HEADER_FIELDS = {
    "event_id", "event_type", "occurred_at", "schema_version", "correlation_id", "causation_id",
    "step_id", "actor_type", "actor_id", "actor_name", "plan_id", "root_plan_id", "phase",
    "state", "session_id", "project_name", "run_id", "thread_id", "user_id", "aggregate_id",
    "aggregate_type", "aggregate_version", "source", "app_version", "environment",
    "traceparent"}
# The library gives these itself.
OWN_FIELDS = {"event_id", "event_type", "occurred_at", "schema_version"}
LETTERS = {"NAME_CASE_LOWER": "[a-z0-9_]+", "NAME_CASE_UPPER": "[A-Z0-9_]+",
           "NAME_CASE_CAMEL": "[A-Z][A-Za-z0-9]*"}


# A struct of a catalog has a member for each field, in C and in C++.
KEYWORDS = set("""
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept
    const const_cast consteval constexpr constinit continue decltype default delete do double
    dynamic_cast else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public
    register reinterpret_cast requires restrict return short signed sizeof static static_assert
    static_cast struct switch template this thread_local throw true try typedef typeid typename
    typeof union unsigned using virtual void volatile wchar_t while xor xor_eq""".split())


class Shape:
    """A field as its rules see it: a map's rules are those of its values."""

    def __init__(self, field, rules, messages, enums):
        entry = messages.get(field.type_name)
        self.map = entry is not None and entry.options.map_entry
        self.key = entry.field[0] if self.map else None
        value = entry.field[1] if self.map else field
        self.name, self.kind, self.rules = field.name, value.type, rules
        self.many = field.label == Field.LABEL_REPEATED
        self.type_name = value.type_name
        self.words = [v.name for v in enums[value.type_name].value] if self.kind == ENUM else []


def check_form(field, is_optional, where, fault):
    """What a field may be at all; `is_optional`: as proto3 says it."""
    if field.name in KEYWORDS:
        fault(where, "the name is a keyword of C or C++")
    if field.type == Field.TYPE_GROUP:
        fault(where, "a group: use a message")
    if field.type == Field.TYPE_FLOAT:
        fault(where, "float: use double")
    if field.label == Field.LABEL_REQUIRED:
        fault(where, "required: use the rule of that name")
    if field.HasField("oneof_index") and not is_optional:
        fault(where, "oneof: use optional fields")
    elif (field.label == Field.LABEL_OPTIONAL and field.type not in (MESSAGE, Field.TYPE_GROUP)
          and not is_optional):
        fault(where, "a scalar without `optional`: its zero would be lost")


def check_rules(shape, where, fault):
    rules = shape.rules
    if rules.HasField("min") or rules.HasField("max"):
        _check_range(shape, where, fault)
    if rules.HasField("min_length") or rules.HasField("max_length"):
        if shape.kind not in (STRING, BYTES) and not shape.many:
            fault(where, "a length of what is no string, bytes, repeated field or map")
        if rules.HasField("max_length") and rules.min_length > rules.max_length:
            fault(where, f"min_length {rules.min_length} is above max_length {rules.max_length}")
    if rules.format and shape.kind != STRING:
        fault(where, "format: the field is no string")
    if rules.json and (shape.kind != STRING or shape.map):
        fault(where, "json: the field is no string")
    if rules.HasField("truncate"):
        _check_truncate(shape, where, fault)
    if rules.indexed:
        _check_indexed(shape, where, fault)
    _check_allowed(shape, where, fault)


def _check_range(shape, where, fault):
    rules = shape.rules
    if shape.kind not in NUMBERS:
        fault(where, "min or max: the field is no number")
    for word in ("min", "max"):
        if getattr(rules, word) != getattr(rules, word):
            fault(where, f"{word} is not a number")
    if rules.HasField("min") and rules.HasField("max") and rules.min > rules.max:
        fault(where, f"min {rules.min:g} is above max {rules.max:g}")


def _check_truncate(shape, where, fault):
    rules = shape.rules
    if shape.kind != STRING or shape.many:
        fault(where, "truncate: the field is no string")
    elif rules.json or rules.format or rules.allowed:
        fault(where, "truncate: a text that is cut is no longer what json, format or allowed ask")
    if rules.truncate < max(MARK_SIZE, rules.min_length):
        fault(where, f"truncate {rules.truncate} is below {max(MARK_SIZE, rules.min_length)}")
    if rules.HasField("max_length") and rules.max_length < rules.truncate:
        fault(where, f"max_length {rules.max_length} is below truncate {rules.truncate}")


def _check_indexed(shape, where, fault):
    if shape.many or shape.kind not in {STRING, *BITS} or shape.rules.json:
        fault(where, "indexed: the field is neither a string nor an integer")
    elif shape.kind == STRING and not 0 < shape.rules.max_length <= TAG_SIZE_MAX:
        fault(where, f"indexed: max_length is not 1 to {TAG_SIZE_MAX}, which a tag can hold")


def _check_allowed(shape, where, fault):
    allowed = list(shape.rules.allowed)
    if allowed and (shape.kind in (BYTES, MESSAGE) or shape.rules.json):
        fault(where, "allowed: the field is neither text, number, enum nor bool")
        return
    for word in sorted(set(allowed)):
        if allowed.count(word) > 1:
            fault(where, f'allowed: "{word}" stands twice')
        # An element is one of the list that it is in, so only its kind and other rules can fail.
        wrong = check_value(shape, word if shape.kind in (STRING, ENUM) else load_json(word), {})
        if wrong:
            fault(where, f'allowed: "{word}" {wrong}')


def check_example(shape, plans, where, fault):
    """An example is documentation, so every field has one that its own rules accept."""
    if not shape.rules.HasField("example"):
        if shape.kind != MESSAGE or shape.map:
            fault(where, "no example")
        return
    value = load_json(shape.rules.example)
    if value is None:
        fault(where, f"example: not the JSON of a value: {shape.rules.example:.40}")
        return
    wrong = check_value(shape, value, plans, whole=True)
    if wrong:
        fault(where, f"example: {wrong}")


def check_naming(naming, letters, name, is_open, where, fault):
    """Of an open type only the beginning is known."""
    parts = name.split(".")
    if naming.max_parts and len(parts) > naming.max_parts:
        fault(where, f"naming: {len(parts)} parts, at most {naming.max_parts} allowed")
    if len(parts) < naming.min_parts and not is_open:
        fault(where, f"naming: {len(parts)} parts, at least {naming.min_parts} needed")
    if letters in LETTERS:
        for part in parts:
            if not re.fullmatch(LETTERS[letters], part):
                fault(where, f'naming: "{part}" is not {LETTERS[letters]}')
    if naming.first_parts and parts[0] not in naming.first_parts:
        fault(where, f'naming: "{parts[0]}" is none of {", ".join(naming.first_parts)}')


def check_catalog_rules(catalog, types, where, fault):
    naming = catalog.naming
    if naming.max_parts and naming.min_parts > naming.max_parts:
        fault(where, f"naming: min_parts {naming.min_parts} is above max_parts {naming.max_parts}")
    for tag in catalog.indexed_tags:
        if not TAG_KEY.fullmatch(tag):
            fault(where, f'indexed_tags: "{tag}" is not {TAG_KEY.pattern}')
        if list(catalog.indexed_tags).count(tag) > 1:
            fault(where, f'indexed_tags: "{tag}" stands twice')
    for rule in catalog.header:
        _check_header(rule, types, f'{where}: header rule of "{rule.field}"', fault)


def _check_header(rule, types, where, fault):
    for role in ("field", "when", "default_from"):
        name = getattr(rule, role)
        if (role == "field" or rule.HasField(role)) and not _is_header_field(name):
            fault(where, f'{role}: "{name}" is no header field')
    if rule.HasField("types") and not any(_matches(rule.types, t) for t in types):
        fault(where, f'types: "{rule.types}" is no type of the catalog')
    given = [word for word in ("default_value", "default_from") if rule.HasField(word)]
    if not (given or rule.required or rule.allowed):
        fault(where, "neither required nor allowed nor a default: it says nothing")
    if len(given) == 2:
        fault(where, "both default_value and default_from")
    if given and rule.field in OWN_FIELDS:
        fault(where, "a default of what the library gives itself")
    if rule.HasField("default_from") and rule.default_from == rule.field:
        fault(where, "default_from: the field itself")
    if rule.allowed and rule.HasField("default_value") and rule.default_value not in rule.allowed:
        fault(where, f'default_value: "{rule.default_value}" is not allowed')


def _is_header_field(name):
    if name.startswith("tags."):
        return bool(TAG_KEY.fullmatch(name[len("tags."):]))
    return name in HEADER_FIELDS


def _matches(pattern, event_type):
    """A glob with `*` for any characters; @domain is for whoever subscribes, not for rules."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), event_type)
