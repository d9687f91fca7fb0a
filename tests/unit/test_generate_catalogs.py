#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A catalog that breaks a rule stops the build, and the message says which, where and why."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "proto" / "generate_catalogs.py"
sys.dont_write_bytecode = True
sys.path.insert(0, str(GENERATOR.parent))
import generate_catalogs  # noqa: E402 -- found by the line above
# Where the nanopb package keeps google/protobuf/descriptor.proto.
DESCRIPTOR_PROTO = os.environ.get("DESCRIPTOR_PROTO", "/usr/lib/python3/dist-packages/proto")

def catalog(body, name="shop", version="1.0.0", title="A shop", extra=""):
    return f"""
        syntax = "proto3";
        package shop.{name or "nameless"};
        import "options.proto";
        option (oyez.catalog) = {{name: "{name}" version: "{version}" title: "{title}" {extra}}};
        {body}"""


def event(options, message="Sold", doc="// Something is sold."):
    return f"{doc}\nmessage {message} {{ option (oyez.type) = {{{options}}}; }}\n"


SOLD = event('name: "shop.sold" domain: "shop"')


def field(declaration, rules="", example="1", doc="// What it is."):
    """A field and its rules; without an example where it is None."""
    if example is not None:
        rules += f" example: '{example}'"
    return f"{doc}\n{declaration} [(oyez.rules) = {{{rules}}}];\n"


def sold(*fields, before=""):
    return (f"{before}\n// Something is sold.\nmessage Sold {{\n"
            f'option (oyez.type) = {{name: "shop.sold" domain: "shop"}};\n{"".join(fields)}}}\n')


STRING, NUMBER, BOOL = "optional string f = 1", "optional uint32 f = 1", "optional bool f = 1"
LIST, MAP = "repeated string f = 1", "map<string, uint32> f = 1"
COIN = "// Money.\nmessage Coin {\n" + field(NUMBER, "required: true min: 1") + "}\n"
COLOUR = "enum Colour { NONE = 0; RED = 1; }\n"

# The coin is used whatever the field under test is.
PURSE = ("// A purse.\nmessage Purse {\n"
         'option (oyez.type) = {name: "shop.purse" domain: "shop"};\n'
         + field("repeated Coin f = 1", example="[]") + "}\n")

# A field that breaks a rule, and what is said of it after "a.proto: Sold (shop.sold): f: ".
BAD_FIELDS = [
    (field(STRING, example='"a"', doc=""), "no doc: write a comment right above the field"),
    (field("string f = 1", example='"a"'),
     "a scalar without `optional`: its zero would be lost"),
    (field("bool f = 1", example="true"), "a scalar without `optional`: its zero would be lost"),
    (field("Colour f = 1", example='"RED"'),
     "a scalar without `optional`: its zero would be lost"),
    (field("optional float f = 1", example=None), "float: use double"),
    ("oneof which {\n" + field("string f = 1", example='"a"') + "}",
     "oneof: use optional fields"),
    (field(NUMBER, "json: true", "{}"), "json: the field is no string"),
    (field(NUMBER, "min: 3 max: 2", "3"), "min 3 is above max 2"),
    (field("optional double f = 1", "min: nan"), "min is not a number"),
    (field(STRING, "min: 1", '"a"'), "min or max: the field is no number"),
    (field(BOOL, "max: 1", "true"), "min or max: the field is no number"),
    (field(STRING, "min_length: 3 max_length: 2", '"abc"'),
     "min_length 3 is above max_length 2"),
    (field(NUMBER, "max_length: 2"), "a length of what is no string, bytes, repeated field or map"),
    (field(NUMBER, "format: UUID"), "format: the field is no string"),
    (field(MAP, "format: EMAIL", "{}"), "format: the field is no string"),
    (field(NUMBER, 'allowed: "one"', None), 'allowed: "one" is not an integer'),
    (field(NUMBER, 'allowed: ["1", "-1"]'), 'allowed: "-1" does not fit 32 bits'),
    (field(NUMBER, 'allowed: ["1", "9"] max: 5'), 'allowed: "9" is above the maximum 5'),
    (field(BOOL, 'allowed: ["true", "yes"]', "true"), 'allowed: "yes" is not true or false'),
    (field("optional Colour f = 1", 'allowed: ["RED", "BLUE"]', '"RED"'),
     'allowed: "BLUE" is no value of the enum'),
    (field(STRING, 'allowed: ["a", "abcd"] max_length: 3', '"a"'),
     'allowed: "abcd" is longer than 3 characters'),
    (field(STRING, 'allowed: ["a", "a"]', '"a"'), 'allowed: "a" stands twice'),
    (field("optional bytes f = 1", 'allowed: "a"', '"YQ=="'),
     "allowed: the field is neither text, number, enum nor bool"),
    (field("optional Coin f = 1", 'allowed: "a"', '{"f":1}'),
     "allowed: the field is neither text, number, enum nor bool"),
    (field("optional double f = 1", "indexed: true"),
     "indexed: the field is neither a string nor an integer"),
    (field(LIST, "indexed: true max_length: 9", '["a"]'),
     "indexed: the field is neither a string nor an integer"),
    (field(STRING, "indexed: true", '"a"'),
     "indexed: max_length is not 1 to 256, which a tag can hold"),
    (field(STRING, "indexed: true max_length: 257", '"a"'),
     "indexed: max_length is not 1 to 256, which a tag can hold"),
    (field(NUMBER, "truncate: 50"), "truncate: the field is no string"),
    (field(LIST, "truncate: 50", '["a"]'), "truncate: the field is no string"),
    (field(STRING, "truncate: 50 max_length: 49", '"a"'), "max_length 49 is below truncate 50"),
    (field(STRING, "truncate: 39", '"a"'), "truncate 39 is below 40"),
    (field(STRING, "truncate: 50 format: SEMVER", '"1.0.0"'),
     "truncate: a text that is cut is no longer what json, format or allowed ask"),
    (field(STRING, example=None), "no example"),
    (field(MAP, example=None), "no example"),
    (field(STRING, example="a"), "example: not the JSON of a value: a"),
    (field(STRING, "json: true", '{"a":1,"a":2}'),
     'example: not the JSON of a value: {"a":1,"a":2}'),
    (field("optional double f = 1", example="NaN"), "example: not the JSON of a value: NaN"),
    (field(STRING), "example: is not a string"),
    (field(STRING, "json: true", '"{}"'), "example: is not a JSON object or array"),
    (field(STRING, "required: true", '""'), "example: is empty"),
    (field(STRING, "min_length: 2", '"a"'), "example: is shorter than 2 characters"),
    (field(STRING, "max_length: 2", '"abc"'), "example: is longer than 2 characters"),
    (field(STRING, "truncate: 40", f'"{"a" * 41}"'),
     "example: is longer than 40 characters and would be cut"),
    (field(STRING, 'allowed: "a"', '"b"'), "example: is none of the allowed values"),
    (field(STRING, "format: UUID", '"0192f3a4"'), "example: is not a UUID"),
    (field(STRING, "format: TIMESTAMP", '"2026-02-30T00:00:00Z"'),
     "example: is not a timestamp of RFC 3339"),
    (field(STRING, "format: EMAIL", '"dana@deals"'), "example: is not an e-mail address"),
    (field(STRING, "format: SEMVER", '"1.0"'), "example: is not a semantic version"),
    (field(NUMBER, example="4294967296"), "example: does not fit 32 bits"),
    (field("optional int64 f = 1", example='"9223372036854775808"'),
     "example: does not fit 64 bits"),
    (field(NUMBER, example="1.5"), "example: is not an integer"),
    (field(NUMBER, example="true"), "example: is not an integer"),
    (field(NUMBER, "min: 2"), "example: is below the minimum 2"),
    (field(BOOL), "example: is not true or false"),
    (field("optional bytes f = 1", example='"a"'), "example: is not base64"),
    (field(LIST, example='"a"'), "example: is not a JSON array"),
    (field(LIST, "max_length: 1", '["a","b"]'), "example: has 2 elements, too many"),
    (field(LIST, "required: true", "[]"), "example: has 0 elements, too few"),
    (field(MAP, example='{"a":-1}'), "example: does not fit 32 bits"),
    (field("optional Coin f = 1", example="{}"), "example: lacks f, which is required"),
    (field("optional Coin f = 1", example='{"f":0}'), "example: f is below the minimum 1"),
    (field("repeated Coin f = 1", example='[{"f":1,"g":1}]'),
     'example: has "g", which is no field'),
]

GOOD_FIELDS = [
    field(STRING, "json: true", '{"a":[1]}'), field(STRING, "json: true", "[]"),
    field(STRING, "truncate: 40 max_length: 40", '"a"'),
    field(STRING, "indexed: true max_length: 256", '"a"'), field(NUMBER, "indexed: true"),
    field(NUMBER, 'allowed: ["1", "2"] min: 1 max: 2'), field(BOOL, 'allowed: "true"', "true"),
    field("optional Colour f = 1", 'allowed: "RED"', '"RED"'),
    field("optional double f = 1", "min: -0.5 max: 0.5", "-0.25"),
    field("optional int64 f = 1", example='"-9223372036854775808"'),
    field("optional bytes f = 1", "max_length: 1", '"YQ=="'),
    field(LIST, "max_length: 2 format: UUID", '["0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01"]'),
    field(MAP, "min: 1 max_length: 2", '{"a":1}'), field("repeated Coin f = 1", "", '[{"f":1}]'),
    field("optional Coin f = 1", example=None),
    field(STRING, "format: TIMESTAMP", '"2026-03-18T09:30:00.123456789+01:00"'),
    field(STRING, "format: EMAIL", '"dana@deals.example"'),
]

# What a catalog says of itself, and what is said of that.
BAD_CATALOGS = [
    ("naming: {min_parts: 3}", "a.proto: Sold (shop.sold): naming: 2 parts, at least 3 needed"),
    ("naming: {max_parts: 1}", "a.proto: Sold (shop.sold): naming: 2 parts, at most 1 allowed"),
    ("naming: {letters: NAME_CASE_UPPER}",
     'a.proto: Sold (shop.sold): naming: "shop" is not [A-Z0-9_]+'),
    ("naming: {letters: NAME_CASE_CAMEL}",
     'a.proto: Sold (shop.sold): naming: "shop" is not [A-Z][A-Za-z0-9]*'),
    ('naming: {first_parts: ["stall", "booth"]}',
     'a.proto: Sold (shop.sold): naming: "shop" is none of stall, booth'),
    ("naming: {min_parts: 2 max_parts: 1}",
     "a.proto: naming: min_parts 2 is above max_parts 1"),
    ('indexed_tags: "a b"', 'a.proto: indexed_tags: "a b" is not [A-Za-z0-9._-]{1,64}'),
    ('indexed_tags: ["a", "a"]', 'a.proto: indexed_tags: "a" stands twice'),
    ('header: {field: "plan" required: true}',
     'a.proto: header rule of "plan": field: "plan" is no header field'),
    ("header: {required: true}", 'a.proto: header rule of "": field: "" is no header field'),
    ('header: {field: "tags." required: true}',
     'a.proto: header rule of "tags.": field: "tags." is no header field'),
    ('header: {field: "phase" required: true when: "plan"}',
     'a.proto: header rule of "phase": when: "plan" is no header field'),
    ('header: {field: "root_plan_id" default_from: "plan"}',
     'a.proto: header rule of "root_plan_id": default_from: "plan" is no header field'),
    ('header: {field: "root_plan_id" default_from: "root_plan_id"}',
     'a.proto: header rule of "root_plan_id": default_from: the field itself'),
    ('header: {field: "phase" default_value: "a" default_from: "state"}',
     'a.proto: header rule of "phase": both default_value and default_from'),
    ('header: {field: "source" allowed: "cli" default_value: "api"}',
     'a.proto: header rule of "source": default_value: "api" is not allowed'),
    ('header: {field: "event_id" default_value: "a"}',
     'a.proto: header rule of "event_id": a default of what the library gives itself'),
    ('header: {field: "phase"}', 'a.proto: header rule of "phase": neither required nor allowed '
     "nor a default: it says nothing"),
    ('header: {field: "phase" required: true types: "stall.*"}',
     'a.proto: header rule of "phase": types: "stall.*" is no type of the catalog'),
]

GOOD_CATALOGS = [
    "naming: {min_parts: 2 max_parts: 2 letters: NAME_CASE_LOWER first_parts: 'shop'}",
    'indexed_tags: ["till", "a.b-c_D9"]',
    'header: {field: "root_plan_id" when: "plan_id" default_from: "plan_id"}',
    'header: {field: "tags.till" types: "sho*.s*d" required: true}',
    'header: {field: "source" allowed: ["api", "cli"] default_value: "api"}',
]


class GenerateCatalogs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.types = self.directory / "oyez" / "types.h"
        self.types.parent.mkdir()

    def compile(self, *sources, comments=True):
        """Runs protoc over files a.proto, b.proto, ...; the descriptor set's path."""
        names = []
        for letter, source in zip("abcdefgh", sources):
            names.append(f"{letter}.proto")
            (self.directory / names[-1]).write_text(source, encoding="utf-8")
        descriptor_set = self.directory / "set.binpb"
        subprocess.run(
            ["protoc", "-I", self.directory, "-I", ROOT / "proto", "-I", DESCRIPTOR_PROTO,
             "--include_imports", *["--include_source_info"] * comments, "-o", descriptor_set,
             *names], check=True, stderr=subprocess.PIPE)
        return descriptor_set

    def faults(self, source):
        """What the generator finds, without a process of its own: there are many cases."""
        reader = generate_catalogs.Reader(self.compile(source).read_bytes())
        reader.read()
        return reader.faults

    def generate(self, *sources, comments=True):
        """Runs the generator too; its exit and stderr."""
        descriptor_set = self.compile(*sources, comments=comments)
        run = subprocess.run(
            [sys.executable, "-B", GENERATOR, descriptor_set, self.types],
            stderr=subprocess.PIPE, text=True)
        return run.returncode, run.stderr

    def refuses(self, message, *sources):
        code, said = self.generate(*sources)
        self.assertEqual(said.strip().split("\n"), [message])
        self.assertEqual(code, 1)
        self.assertFalse(self.types.exists(), "wrote in spite of a fault")

    def accepts(self, *sources):
        self.assertEqual(self.generate(*sources), (0, ""))
        return self.types.read_text()

    def test_a_good_catalog_is_accepted(self):
        types = self.accepts(catalog(SOLD))
        self.assertIn("OYEZ_TYPE_SHOP_SHOP_SOLD = 0,", types)

    def test_a_type_without_doc_is_refused(self):
        self.refuses("a.proto: Sold (shop.sold): no doc: write a comment right above the message",
                     catalog(event('name: "shop.sold" domain: "shop"', doc="")))

    def test_a_comment_set_apart_is_no_doc(self):
        self.refuses("a.proto: Sold (shop.sold): no doc: write a comment right above the message",
                     catalog(event('name: "shop.sold" domain: "shop"', doc="// Apart.\n")))

    def test_a_set_without_comments_is_refused(self):
        code, said = self.generate(catalog(SOLD), comments=False)
        self.assertEqual(code, 1)
        self.assertIn("no doc", said)

    def test_a_type_without_domain_is_refused(self):
        self.refuses("a.proto: Sold (shop.sold): no domain", catalog(event('name: "shop.sold"')))

    def test_a_domain_that_no_pattern_could_name_is_refused(self):
        self.refuses('a.proto: Sold (shop.sold): domain "a/b" is not [a-z][a-z0-9_-]*',
                     catalog(event('name: "shop.sold" domain: "a/b"')))

    def test_bad_names_are_refused(self):
        for name in ("shop sold", "shop/sold", "sh\u00f6p.sold", "shop.*", "*", "a" * 201,
                     "sold\\n"):
            with self.subTest(name=name):
                shown = name.replace("\\n", "\n")
                code, said = self.generate(catalog(event(f'name: "{name}" domain: "shop"')))
                self.assertEqual(code, 1)
                self.assertIn(f"a.proto: Sold ({shown}): ", said)
                self.assertIn(f'event type "{shown}" is not [A-Za-z0-9._-]{{1,200}}', said)

    def test_a_name_of_200_characters_is_accepted(self):
        self.accepts(catalog(event(f'name: "{"a" * 200}" domain: "shop"')))

    def test_an_open_name_counts_with_its_ending(self):
        name = "a" * 199 + ".*"
        self.refuses(f'a.proto: Sold ({name}): event type "{name}" is not [A-Za-z0-9._-]{{1,200}}',
                     catalog(event(f'name: "{name}" domain: "shop" open: true')))

    def test_a_missing_name_is_refused(self):
        self.refuses('a.proto: Sold (no name): event type "" is not [A-Za-z0-9._-]{1,200}',
                     catalog(event('domain: "shop"')))

    def test_a_name_claimed_twice_in_a_file_is_refused(self):
        self.refuses('a.proto: Again (shop.sold): event type "shop.sold" is already that of '
                     "a.proto: Sold (shop.sold)",
                     catalog(SOLD + event('name: "shop.sold" domain: "shop"', "Again")))

    def test_a_name_claimed_by_two_catalogs_names_both_files(self):
        self.refuses('b.proto: Sold (shop.sold): event type "shop.sold" is already that of '
                     "a.proto: Sold (shop.sold)",
                     catalog(SOLD), catalog(SOLD, name="stall"))

    def test_two_names_of_one_constant_are_refused(self):
        self.refuses('a.proto: Again (shop_sold): constant "OYEZ_TYPE_SHOP_SHOP_SOLD" is already '
                     "that of a.proto: Sold (shop.sold)",
                     catalog(SOLD + event('name: "shop_sold" domain: "shop"', "Again")))

    def test_two_catalogs_of_one_name_are_refused(self):
        self.refuses('b.proto: catalog "shop" is already that of a.proto', catalog(SOLD),
                     catalog(event('name: "shop.lost" domain: "shop"', "Lost")))

    def test_a_name_under_the_reserved_prefix_is_refused(self):
        for options in ('name: "oyez.sold"', 'name: "oyez.*" open: true'):
            with self.subTest(options=options):
                code, said = self.generate(catalog(event(f'{options} domain: "shop"')))
                self.assertEqual(code, 1)
                self.assertIn('the prefix "oyez." is reserved', said)

    def test_bad_versions_of_a_type_are_refused(self):
        for version in ("1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "v1.0.0", "1.0.x"):
            with self.subTest(version=version):
                self.refuses(
                    f'a.proto: Sold (shop.sold): version "{version}" is not a semantic version',
                    catalog(event(f'name: "shop.sold" domain: "shop" version: "{version}"')))

    def test_semantic_versions_are_accepted(self):
        for version in ("0.0.0", "1.10.2", "1.0.0-rc.1", "1.0.0+b-1.02", "2.0.0-0a.b-c+d"):
            with self.subTest(version=version):
                self.accepts(
                    catalog(event(f'name: "shop.sold" domain: "shop" version: "{version}"')))

    def test_a_bad_catalog_is_refused(self):
        lost = event('name: "shop.lost" domain: "shop" version: "1.0.0"')
        self.refuses('a.proto: version "1" is not a semantic version', catalog(lost, version="1"))
        self.refuses("a.proto: the catalog has no title", catalog(lost, title=""))
        self.refuses('a.proto: catalog name "" is not [a-z][a-z0-9_]*', catalog(lost, name=""))
        self.refuses('a.proto: catalog name "Shop" is not [a-z][a-z0-9_]*',
                     catalog(lost, name="Shop"))

    def test_an_open_type_without_its_ending_is_refused(self):
        for name in ("shop", "shop.", "shop*"):
            with self.subTest(name=name):
                code, said = self.generate(
                    catalog(event(f'name: "{name}" domain: "shop" open: true')))
                self.assertEqual(code, 1)
                self.assertIn(f"a.proto: Sold ({name}): an open type's name ends in \".*\"", said)

    def test_a_type_outside_a_catalog_is_refused(self):
        self.refuses("a.proto: Sold: an event type in a file without option (oyez.catalog)",
                     f'syntax = "proto3"; import "options.proto";\n{SOLD}', catalog(
                         event('name: "shop.lost" domain: "shop"')))

    def test_a_forgotten_option_is_refused(self):
        self.refuses("a.proto: Lost: no option (oyez.type), and no field of this file uses it",
                     catalog(SOLD + "message Lost {}"))

    def test_a_message_that_a_field_uses_needs_no_option(self):
        self.accepts(catalog("message Coin {}\n// Something is sold.\nmessage Sold { "
                             'option (oyez.type) = {name: "shop.sold" domain: "shop"}; '
                             "\n// What was paid.\noptional Coin coin = 1; }"))

    def test_a_field_that_breaks_a_rule_is_refused(self):
        for declaration, said in BAD_FIELDS:
            with self.subTest(declaration=declaration):
                source = catalog(COLOUR + sold(declaration, before=COIN) + PURSE)
                self.assertEqual(self.faults(source), [f"a.proto: Sold (shop.sold): f: {said}"])

    def test_a_field_that_obeys_is_accepted(self):
        for declaration in GOOD_FIELDS:
            with self.subTest(declaration=declaration):
                source = catalog(COLOUR + sold(declaration, before=COIN) + PURSE)
                self.assertEqual(self.faults(source), [])

    def test_fields_of_messages_inside_are_judged_too(self):
        inner = "// Money.\nmessage Coin {\n" + field(NUMBER, doc="") + "}\n"
        self.refuses("a.proto: Sold (shop.sold): Coin: f: no doc: write a comment right above the "
                     "field", catalog(sold(inner, field("repeated Coin g = 1", example="[]"))))
        self.refuses("a.proto: Coin: f: no doc: write a comment right above the field",
                     catalog(inner + sold(field("repeated Coin g = 1", example="[]"))))

    def test_a_field_named_by_a_keyword_is_refused(self):
        source = catalog(sold(field("optional bool signed = 1", example="true")))
        self.assertEqual(self.faults(source), [
            "a.proto: Sold (shop.sold): signed: the name is a keyword of C or C++"])

    def test_what_only_proto2_has_is_refused(self):
        for declaration, said in [
                (field("required string f = 1", example='"a"'), "f: required: use the rule"),
                ("// A coin.\noptional group Coin = 1 {}\n", "coin: a group: use a message"),
                ("extensions 100 to 200;", "an extension: a catalog has none"),
                ("extend Sold { optional string f = 100; } extensions 100;",
                 "an extension: a catalog has none")]:
            with self.subTest(declaration=declaration):
                source = catalog(sold(declaration)).replace("proto3", "proto2")
                told = "\n".join(self.faults(source))
                self.assertIn("a.proto: syntax: a catalog is proto3", told)
                self.assertIn(f"a.proto: Sold (shop.sold): {said}", told)

    def test_a_catalog_that_breaks_a_rule_is_refused(self):
        for extra, said in BAD_CATALOGS:
            with self.subTest(extra=extra):
                self.assertIn(said, self.faults(catalog(SOLD, extra=extra)))

    def test_a_catalog_that_obeys_is_accepted(self):
        for extra in GOOD_CATALOGS:
            with self.subTest(extra=extra):
                self.assertEqual(self.faults(catalog(SOLD, extra=extra)), [])

    def test_an_open_prefix_need_not_have_all_parts_of_a_name(self):
        self.accepts(catalog(event('name: "shop.*" domain: "shop" open: true'),
                             extra="naming: {min_parts: 3 max_parts: 3}"))

    def test_all_faults_are_told_at_once(self):
        code, said = self.generate(catalog(
            event('name: "shop.sold"', doc="") + event('name: "a b" domain: "shop"', "Other")))
        self.assertEqual(code, 1)
        self.assertEqual(len(said.strip().split("\n")), 3)

    def test_a_set_without_types_is_refused(self):
        code, said = self.generate('syntax = "proto3"; import "options.proto";')
        self.assertEqual(code, 1)
        self.assertRegex(said, "set.binpb: no event types")

    def test_a_set_without_the_options_is_refused(self):
        code, said = self.generate('syntax = "proto3"; message Sold {}')
        self.assertEqual(code, 1)
        self.assertRegex(said, r"set.binpb: no file in it imports options.proto")

    def test_the_same_input_gives_the_same_output(self):
        self.assertEqual(self.accepts(catalog(SOLD)), self.accepts(catalog(SOLD)))

    def test_names_become_constants_word_by_word(self):
        names = {"plan.phase_changed": "PLAN_PHASE_CHANGED", "GIT.PULL_REQUEST.MERGED":
                 "GIT_PULL_REQUEST_MERGED", "ActionEvaluatedEvent": "ACTION_EVALUATED_EVENT",
                 "HTTPServerUp2Date": "HTTP_SERVER_UP2_DATE", "a-b.c": "A_B_C"}
        types = self.accepts(catalog("".join(
            event(f'name: "{name}" domain: "shop"', f"M{i}") for i, name in enumerate(names))))
        for number, constant in enumerate(names.values()):
            self.assertIn(f"    OYEZ_TYPE_SHOP_{constant} = {number},", types)

    def test_the_c_compiler_takes_any_doc(self):
        doc = 'Is "it" \\n a trick??! */ or /* \u00e9 %s 100 % \\'
        self.accepts(catalog(event('name: "a.b.c.d" domain: "shop"', "Abcd", f"// {doc}")))
        program = self.directory / "types.c"
        program.write_text('#include "oyez/types.h"\n'
                           "int first = OYEZ_TYPE_SHOP_A_B_C_D;\n")
        subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                        f"-I{self.directory}", "-fsyntax-only", program], check=True)


if __name__ == "__main__":
    unittest.main()
