# SPDX-License-Identifier: MIT
"""Values that a catalog gives as examples or allows, judged by their field's own rules."""
import base64
import binascii
import datetime
import json
import re

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

BITS = {Field.TYPE_INT32: (True, 32), Field.TYPE_SINT32: (True, 32),
        Field.TYPE_SFIXED32: (True, 32), Field.TYPE_UINT32: (False, 32),
        Field.TYPE_FIXED32: (False, 32), Field.TYPE_INT64: (True, 64),
        Field.TYPE_SINT64: (True, 64), Field.TYPE_SFIXED64: (True, 64),
        Field.TYPE_UINT64: (False, 64), Field.TYPE_FIXED64: (False, 64)}
SEMANTIC_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?"
    r"(\+[\dA-Za-z-]+(\.[\dA-Za-z-]+)*)?", re.ASCII)
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
WELL_KNOWN = {".google.protobuf.Timestamp", ".google.protobuf.Duration"}


def is_timestamp(text):
    if not TIMESTAMP.fullmatch(text):
        return False
    try:
        datetime.datetime.fromisoformat(text[:19])
        return True
    except ValueError:
        return False


# By the numbers of enum Format.
FORMATS = {1: ("a UUID", UUID.fullmatch), 2: ("a timestamp of RFC 3339", is_timestamp),
           3: ("an e-mail address", EMAIL.fullmatch),
           4: ("a semantic version", SEMANTIC_VERSION.fullmatch)}


class DuplicateKey(ValueError):
    pass


def _object(pairs):
    if len(dict(pairs)) != len(pairs):
        raise DuplicateKey
    return dict(pairs)


def _refuse(_):
    raise ValueError


def load_json(text):
    """The value, or None where the text is no JSON; null is no value of a field either."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except ValueError:
        return None


def check_value(shape, value, plans, whole=False):
    """What is wrong with a value, None if nothing is.

    `plans` gives the shapes of a message's fields by the message's name. `whole`: the value is
    that of the field, not of one element.
    """
    if whole and shape.many:
        return _check_elements(shape, value, plans)
    wrong = _check_kind(shape, value, plans)
    if wrong is None and not isinstance(value, (dict, list)):
        wrong = _check_rules(shape, value)
    return wrong


def _check_elements(shape, value, plans):
    rules = shape.rules
    if not isinstance(value, dict if shape.map else list):
        return "is not a JSON " + ("object" if shape.map else "array")
    if len(value) < rules.min_length or (rules.required and not value):
        return f"has {len(value)} elements, too few"
    if rules.HasField("max_length") and len(value) > rules.max_length:
        return f"has {len(value)} elements, too many"
    for element in value.values() if shape.map else value:
        wrong = check_value(shape, element, plans)
        if wrong:
            return wrong
    return None


def _check_kind(shape, value, plans):
    kind = shape.kind
    if kind in BITS:
        return _check_integer(BITS[kind], value)
    if kind == Field.TYPE_DOUBLE:
        return None if type(value) in (int, float) else "is not a number"
    if kind == Field.TYPE_BOOL:
        return None if type(value) is bool else "is not true or false"
    if kind == Field.TYPE_ENUM:
        return None if value in shape.words else "is no value of the enum"
    if kind == Field.TYPE_MESSAGE and shape.type_name not in WELL_KNOWN:
        return _check_message(shape.type_name, value, plans)
    if shape.rules.json:
        return None if isinstance(value, (dict, list)) else "is not a JSON object or array"
    if not isinstance(value, str):
        return "is not a string"
    return _check_base64(value) if kind == Field.TYPE_BYTES else None


def _check_integer(bits, value):
    signed, size = bits
    if size == 64 and isinstance(value, str) and re.fullmatch(r"-?\d{1,20}", value, re.ASCII):
        value = int(value)
    if type(value) is not int:
        return "is not an integer"
    least = -(1 << (size - 1)) if signed else 0
    return None if least <= value < least + (1 << size) else f"does not fit {size} bits"


def _check_base64(value):
    try:
        base64.b64decode(value, validate=True)
        return None
    except binascii.Error:
        return "is not base64"


def _check_message(type_name, value, plans):
    """Goes as deep as the JSON text does, which the parser bounds."""
    if not isinstance(value, dict):
        return "is not a JSON object"
    shapes = plans.get(type_name, {})
    for name, element in value.items():
        if name not in shapes:
            return f'has "{name}", which is no field'
        wrong = check_value(shapes[name], element, plans, whole=True)
        if wrong:
            return f"{name} {wrong}"
    for name, shape in shapes.items():
        if shape.rules.required and name not in value:
            return f"lacks {name}, which is required"
    return None


def _check_rules(shape, value):
    rules = shape.rules
    if rules.allowed and _text(value) not in rules.allowed:
        return "is none of the allowed values"
    if isinstance(value, str) and not shape.many and shape.kind == Field.TYPE_STRING:
        return _check_text(rules, value)
    if isinstance(value, str) and rules.format:
        return _check_format(rules, value)
    if type(value) in (int, float):
        if rules.HasField("min") and value < rules.min:
            return f"is below the minimum {rules.min:g}"
        if rules.HasField("max") and value > rules.max:
            return f"is above the maximum {rules.max:g}"
    return None


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


def _check_text(rules, value):
    if rules.required and not value:
        return "is empty"
    if len(value) < rules.min_length:
        return f"is shorter than {rules.min_length} characters"
    if rules.HasField("max_length") and len(value) > rules.max_length:
        return f"is longer than {rules.max_length} characters"
    if rules.truncate and len(value) > rules.truncate:
        return f"is longer than {rules.truncate} characters and would be cut"
    return _check_format(rules, value)


def _check_format(rules, value):
    name, is_one = FORMATS.get(rules.format, ("", bool))
    return f"is not {name}" if name and not is_one(value) else None
