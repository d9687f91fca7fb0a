# SPDX-License-Identifier: MIT
"""What a CloudEvent is, by version 1.0.2 of its specification: the JSON format as a schema of our
own, with the kinds of values that its type system has. Nothing here knows Oyez."""
import datetime
import json
import re

from jsonschema import Draft202012Validator, FormatChecker

NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
STRING = f"^[^\u0000-\u001f\u007f-\u009f{NONCHARACTERS}]*$"
NOT_EMPTY = {"type": "string", "minLength": 1, "pattern": STRING}
ATTRIBUTE = {"anyOf": [{"type": "string", "pattern": STRING}, {"type": "boolean"},
                       {"type": "integer", "minimum": -2**31, "maximum": 2**31 - 1},
                       {"type": "null"}]}


def or_null(kind):
    return {"anyOf": [kind, {"type": "null"}]}


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": NOT_EMPTY,
        "source": dict(NOT_EMPTY, format="uri-reference"),
        "specversion": {"const": "1.0"},
        "type": NOT_EMPTY,
        "datacontenttype": or_null(dict(NOT_EMPTY, format="media-type")),
        "dataschema": or_null(dict(NOT_EMPTY, format="uri")),
        "subject": or_null(NOT_EMPTY),
        "time": or_null({"type": "string", "format": "timestamp"}),
        "data": True,
        "data_base64": {"type": "string", "format": "base64"},
    },
    "patternProperties": {"^[a-z0-9]+$": True},
    "additionalProperties": False,
    "not": {"required": ["data", "data_base64"]},
}
CORE = set(SCHEMA["properties"])
FORMATS = FormatChecker(formats=())

# RFC 3986, appendix A, without addresses in brackets.
PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
AUTHORITY = (r"//(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
             r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?")
TAIL = rf"(?:\?(?:{PCHAR}|[/?])*)?(?:#(?:{PCHAR}|[/?])*)?"
HIERARCHY = (rf"(?:{AUTHORITY}(?:/{PCHAR}*)*|/(?:{PCHAR}+(?:/{PCHAR}*)*)?|"
             rf"{PCHAR}+(?:/{PCHAR}*)*|)")
SEGMENT_WITHOUT_COLON = PCHAR.replace(":@", "@")
RELATIVE = (rf"(?:{AUTHORITY}(?:/{PCHAR}*)*|/(?:{PCHAR}+(?:/{PCHAR}*)*)?|"
            rf"{SEGMENT_WITHOUT_COLON}+(?:/{PCHAR}*)*|)")
URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{HIERARCHY}{TAIL}")
URI_REFERENCE = re.compile(rf"{URI.pattern}|{RELATIVE}{TAIL}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;\s*[\w-]+=(?:[\w-]+|\"[^\"]*\"))*", re.A)
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_timestamp(text):
    if not TIMESTAMP.fullmatch(text):
        return False
    try:
        datetime.datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


for name, judge in (("uri", URI.fullmatch), ("uri-reference", URI_REFERENCE.fullmatch),
                    ("timestamp", is_timestamp), ("media-type", MEDIA_TYPE.fullmatch),
                    ("base64", BASE64.fullmatch)):
    def checks(value, judge=judge):
        return not isinstance(value, str) or bool(judge(value))
    FORMATS.checks(name)(checks)

EVENT = Draft202012Validator(SCHEMA, format_checker=FORMATS)
EXTENSION = Draft202012Validator(ATTRIBUTE)


def faults(event):
    """What is wrong with an object as a CloudEvent; empty = nothing."""
    found = [f"{'.'.join(map(str, e.path))}: {e.message}" for e in EVENT.iter_errors(event)]
    for name in event.keys() - CORE if isinstance(event, dict) else ():
        found += [f"{name}: {e.message}" for e in EXTENSION.iter_errors(event[name])]
        found += [f"{name}: more than 20 characters"] if len(name) > 20 else []
    return found


def check_validator():
    """The judge itself: a good event is well, and each of its breaches is seen."""
    good = {"specversion": "1.0", "id": "A234", "source": "/mycontext", "type": "com.example.some",
            "subject": None, "time": "2018-04-05T17:31:00Z", "extension1": "v", "number": 5,
            "yes": True, "datacontenttype": "text/xml; charset=utf-8", "dataschema": "urn:x",
            "data": "<much wow=\"xml\"/>"}
    breaches = [{"specversion": "0.3"}, {"id": ""}, {"source": ""}, {"source": "a b"},
                {"source": "10:20"}, {"type": 5}, {"time": "yesterday"}, {"subject": ""},
                {"time": "2018-02-30T00:00:00Z"}, {"dataschema": "/relative"}, {"comExample": "v"},
                {"com_example": "v"}, {"extension1": {}}, {"number": 1.5}, {"number": 2**31},
                {"extension1": "a\nb"}, {"extension1": "\ufffe"}, {"extension1": "\x85"},
                {"a" * 21: "v"}, {"data_base64": "YQ=="}, {"datacontenttype": "xml"}]
    wrong = [] if not faults(good) else [good]
    wrong += [b for b in breaches if not faults({**good, **b})]
    wrong += [name for name in ("id", "source", "specversion", "type")
              if not faults({k: v for k, v in good.items() if k != name})]
    binary = {**{k: v for k, v in good.items() if k != "data"}, "data_base64": "YQ=="}
    wrong += [binary] if faults(binary) or not faults({**binary, "data_base64": "Y?"}) else []
    if wrong:
        raise AssertionError(f"the schema misjudges {json.dumps(wrong)}")
