# SPDX-License-Identifier: MIT
"""`oyez catalog diff` names every kind of change, and whether the version tells the truth of it."""
import json

from catalogs import catalog_text, compile_catalog
from harness import Scenario, equal

# The catalog that every change begins with; {name} is what a change puts in another's place.
PARTS = {
    "title": "A shop",
    "naming": "naming: {min_parts: 2}",
    "tags": 'indexed_tags: "town"',
    "header": 'header: {field: "actor_id" required: true}',
    "allowed_header": 'header: {field: "source" allowed: ["till", "web"]}',
    "default_header": 'header: {field: "environment" default_value: "live"}',
    "more_header": "",
    "type_doc": "Something is sold.",
    "type": 'name: "shop.sold" domain: "shop"',
    "message": "Sold",
    "doc": "Number of the order.",
    "number": "optional string order_id = 1",
    "number_rules": 'required: true, max_length: 20, indexed: true, example: \'"12"\'',
    "amount": "optional double amount = 2",
    "amount_rules": "min: 0, max: 100, example: '5'",
    "channel_rules": 'allowed: ["web", "till"], example: \'"web"\'',
    "name": "optional string name = 4",
    "name_rules": "min_length: 2, example: '\"Ada\"'",
    "mail_rules": "format: EMAIL, example: '\"ada@example.org\"'",
    "notes_rules": "truncate: 100, example: '\"none\"'",
    "short_rules": "truncate: 100, max_length: 100, example: '\"none\"'",
    "extra": "optional string extra = 8",
    "extra_rules": "json: true, example: '{}'",
    "old_rules": "deprecated: \"use name\", example: '1'",
    "line_rules": "required: true, example: '\"LMP-210\"'",
    "colours": "RED = 1; // Red.\n  GREEN = 2; // Green.",
    "more": "",
    "second": """
// Something comes back.
message Returned { option (oyez.type) = {name: "shop.returned" domain: "shop"};
  // Why.
  optional string why = 1 [(oyez.rules) = {example: '"broken"'}]; }
""",
}
BODY = """
// %(type_doc)s
message %(message)s {
  option (oyez.type) = {%(type)s};
  // %(doc)s
  %(number)s [(oyez.rules) = {%(number_rules)s}];
  // Price.
  %(amount)s [(oyez.rules) = {%(amount_rules)s}];
  // Way.
  optional string channel = 3 [(oyez.rules) = {%(channel_rules)s}];
  // Buyer.
  %(name)s [(oyez.rules) = {%(name_rules)s}];
  // E-mail.
  optional string mail = 5 [(oyez.rules) = {%(mail_rules)s}];
  // Notes.
  optional string notes = 6 [(oyez.rules) = {%(notes_rules)s}];
  // Short notes.
  optional string short = 7 [(oyez.rules) = {%(short_rules)s}];
  // What else is known.
  %(extra)s [(oyez.rules) = {%(extra_rules)s}];
  // Old.
  optional int32 old = 9 [(oyez.rules) = {%(old_rules)s}];
  // Lines.
  repeated Line lines = 10 [(oyez.rules) = {example: '[{"sku":"LMP-210"}]'}];
  // Colour.
  optional Colour colour = 11 [(oyez.rules) = {example: '"GREEN"'}];
%(more)s
}
// One line.
message Line {
  // Article.
  optional string sku = 1 [(oyez.rules) = {%(line_rules)s}];
}
// Colours.
enum Colour {
  // Not known.
  COLOUR_UNSPECIFIED = 0;
  %(colours)s
}
%(second)s
"""
MAJOR, MINOR, PATCH = "major", "minor", "patch"
ADDED = "  // New.\n  optional string fresh = 12 [(oyez.rules) = {%sexample: '\"x\"'}];"
OTHER = """
// A visit.
message Visited { option (oyez.type) = {name: "shop.visited" domain: "shop"}; }
"""

# What changes; what is said; of which field (None = of a type); what it needs; of the catalog?
CHANGES = [
    ({"doc": "Number on the bill."}, "description changed", "order_id", PATCH),
    ({"type_doc": "A thing is sold."}, "description changed", None, PATCH),
    ({"amount_rules": "min: 0, max: 100, example: '6'"}, "example changed", "amount", PATCH),
    ({"old_rules": "deprecated: \"use id\", example: '1'"}, "deprecation reworded", "old", PATCH),
    ({"more": ADDED % ""}, "field added", "fresh", MINOR),
    ({"more": ADDED % "required: true, "}, "required field added", "fresh", MAJOR),
    ({"name": "optional string buyer = 4"}, "field renamed", "name", MAJOR),
    ({"name": "optional string name = 40"}, "field renumbered", "name", MAJOR),
    ({"amount": "optional uint32 amount = 2"}, "kind changed", "amount", MAJOR),
    ({"name": "repeated string name = 4", "name_rules": "example: '[\"Ada\"]'"}, "kind changed",
     "name", MAJOR),
    ({"extra_rules": "example: '\"{}\"'"}, "kind changed", "extra", MAJOR),
    ({"number_rules": "max_length: 20, indexed: true, example: '\"12\"'"}, "required removed",
     "order_id", MINOR),
    ({"name_rules": "required: true, min_length: 2, example: '\"Ada\"'"}, "required added", "name",
     MAJOR),
    ({"amount_rules": "min: 1, max: 100, example: '5'"}, "minimum raised", "amount", MAJOR),
    ({"amount_rules": "min: -1, max: 100, example: '5'"}, "minimum lowered", "amount", MINOR),
    ({"amount_rules": "max: 100, example: '5'"}, "minimum lowered", "amount", MINOR),
    ({"amount_rules": "min: 0, max: 99, example: '5'"}, "maximum lowered", "amount", MAJOR),
    ({"amount_rules": "min: 0, max: 101, example: '5'"}, "maximum raised", "amount", MINOR),
    ({"amount_rules": "min: 0, example: '5'"}, "maximum raised", "amount", MINOR),
    ({"name_rules": "min_length: 3, example: '\"Ada\"'"}, "minimum length raised", "name", MAJOR),
    ({"name_rules": "min_length: 1, example: '\"Ada\"'"}, "minimum length lowered", "name", MINOR),
    ({"name_rules": "min_length: 2, max_length: 9, example: '\"Ada\"'"}, "maximum length lowered",
     "name", MAJOR),
    ({"number_rules": "required: true, max_length: 21, indexed: true, example: '\"12\"'"},
     "maximum length raised", "order_id", MINOR),
    ({"number_rules": "required: true, max_length: 20, example: '\"12\"'"}, "index removed",
     "order_id", MINOR),
    ({"old_rules": "deprecated: \"use name\", indexed: true, example: '1'"}, "index added", "old",
     MINOR),
    ({"channel_rules": "allowed: [\"web\"], example: '\"web\"'"}, "value no longer allowed",
     "channel", MAJOR),
    ({"channel_rules": "allowed: [\"web\", \"till\", \"app\"], example: '\"web\"'"},
     "value allowed", "channel", MINOR),
    ({"channel_rules": "example: '\"web\"'"}, "allowed values no longer listed", "channel", MINOR),
    ({"name_rules": "min_length: 2, allowed: [\"Ada\"], example: '\"Ada\"'"},
     "allowed values added", "name", MAJOR),
    ({"mail_rules": "example: '\"ada@example.org\"'"}, "format removed", "mail", MINOR),
    ({"name_rules": "min_length: 2, format: SEMVER, example: '\"Ada\"'"}, "format added", "name",
     MAJOR),
    ({"mail_rules": "format: SEMVER, example: '\"ada@example.org\"'"}, "format changed", "mail",
     MAJOR),
    ({"name_rules": "min_length: 2, truncate: 50, example: '\"Ada\"'"}, "truncation added", "name",
     MINOR),
    ({"notes_rules": "truncate: 90, example: '\"none\"'"}, "truncation changed", "notes", MINOR),
    ({"notes_rules": "example: '\"none\"'"}, "truncation removed", "notes", MINOR),
    ({"short_rules": "max_length: 100, example: '\"none\"'"}, "truncation removed", "short", MAJOR),
    ({"name_rules": "min_length: 2, deprecated: \"x\", example: '\"Ada\"'"}, "deprecated", "name",
     MINOR),
    ({"old_rules": "example: '1'"}, "no longer deprecated", "old", MINOR),
    ({"line_rules": "example: '\"LMP-210\"'"}, "required removed", "lines.sku", MINOR),
    ({"line_rules": "required: true, max_length: 9, example: '\"LMP-210\"'"},
     "maximum length lowered", "lines.sku", MAJOR),
    ({"colours": "RED = 1; // Red.\n  GREEN = 2; // Green.\n  BLUE = 3; // Blue."}, "enum value added", "colour", MINOR),
    ({"colours": "GREEN = 2; // Green."}, "enum value removed", "colour", MAJOR),
    ({"colours": "RED = 3; // Red.\n  GREEN = 2; // Green."}, "enum value renumbered", "colour", MAJOR),
    ({"colours": "CRIMSON = 1; // Red.\n  GREEN = 2; // Green."}, "enum value renamed", "colour", MAJOR),
    ({"type": 'name: "shop.sold" domain: "till"'}, "domain changed", None, MINOR),
    ({"type": 'name: "shop.sold" domain: "shop" delivery: FAST'}, "delivery changed", None, MAJOR),
    ({"type": 'name: "shop.sold" domain: "shop" personal: true'}, "personal", None, MAJOR),
    ({"type": 'name: "shop.sold" domain: "shop" deprecated: "shop.paid"'}, "deprecated", None,
     MINOR),
    ({"type": 'name: "shop.paid" domain: "shop"'}, "type renamed", None, MAJOR),
]
CATALOG_CHANGES = [
    ({"title": "The shop"}, "title changed", None, PATCH),
    ({"naming": ""}, "naming changed", None, MINOR),
    ({"tags": ""}, "indexed tag removed", None, MINOR),
    ({"tags": 'indexed_tags: ["town", "street"]'}, "indexed tag added", None, MINOR),
    ({"header": ""}, "header rule removed", "actor_id", MINOR),
    ({"more_header": 'header: {field: "plan_id" required: true}'}, "header rule added", "plan_id",
     MAJOR),
    ({"more_header": 'header: {field: "plan_id" default_value: "none"}'}, "header rule added",
     "plan_id", MINOR),
    ({"allowed_header": 'header: {field: "source" allowed: ["till"]}'}, "value no longer allowed",
     "source", MAJOR),
    ({"allowed_header": 'header: {field: "source" allowed: ["till", "web", "app"]}'},
     "value allowed", "source", MINOR),
    ({"allowed_header": 'header: {field: "source" required: true allowed: ["till", "web"]}'},
     "header field required", "source", MAJOR),
    ({"header": 'header: {field: "actor_id" required: true default_value: "till"}'},
     "header field no longer required", "actor_id", MINOR),
    ({"default_header": 'header: {field: "environment" default_value: "test"}'},
     "header default changed", "environment", MINOR),
    ({"second": ""}, "type removed", None, MAJOR),
    ({"second": PARTS["second"] + OTHER}, "type added", None, MINOR),
]
WITH_ANOTHER = {"header field no longer required"}  # because of its new default
VERSIONS = {PATCH: "1.2.4", MINOR: "1.3.0", MAJOR: "2.0.0"}
SMALLER = {PATCH: "1.2.3", MINOR: "1.2.4", MAJOR: "1.3.0"}


class Compiling:
    """Catalogs by what differs in them, each compiled once."""

    def __init__(self, scenario):
        self.scenario, self.made = scenario, {}

    def path(self, changes, version):
        key = json.dumps([changes, version])
        if key not in self.made:
            parts = dict(PARTS, **changes)
            options = "\n".join(parts[k] for k in ("naming", "tags", "header", "allowed_header",
                                                   "default_header", "more_header"))
            text = catalog_text(BODY % parts, version=version, title=parts["title"],
                                options=options)
            self.made[key] = compile_catalog(self.scenario, text, file=f"{len(self.made)}.binpb")
        return self.made[key]


def compare(s, old, new, expect):
    lines = s.oyez("catalog", "diff", old, new, "--json", expect=expect).events()
    return ([line for line in lines if "change" in line],
            [line for line in lines if "honest" in line])


def check_change(s, compiling, row, of_catalog):
    changes, what, field, weight = row
    old = compiling.path({}, "1.2.3")
    found, verdicts = compare(s, old, compiling.path(changes, VERSIONS[weight]), 0)
    told = [c for c in found if c["change"] == what and c["field"] == field]
    equal([c["needs"] for c in told], [weight], f"{what} of {field} in {found}")
    equal(told[0]["compatible"], weight != MAJOR, f"whether '{what}' is compatible")
    equal(len(found), 2 if what in WITH_ANOTHER else 1, f"changes beside '{what}': {found}")
    if of_catalog and not what.startswith("type "):
        equal(told[0]["event_type"], None, f"'{what}' is the catalog's")
    equal({v["honest"] for v in verdicts}, {True}, f"verdicts of '{what}': {verdicts}")
    # A version that says less than it should.
    _, verdicts = compare(s, old, compiling.path(changes, SMALLER[weight]), 1)
    equal(False in {v["honest"] for v in verdicts}, True, f"'{what}' by {SMALLER[weight]} is a lie")


def check_removed_field(s, compiling):
    with_field = compiling.path({"more": ADDED % ""}, "1.2.3")
    found, _ = compare(s, with_field, compiling.path({}, "2.0.0"), 0)
    equal([(c["change"], c["field"], c["needs"]) for c in found],
          [("field removed", "fresh", MAJOR)], "a field that is gone")


def check_versions(s, compiling):
    """Versions before 1.0.0, of a type by itself, going back, and without any change."""
    changed = {"name": "optional string buyer = 4"}
    compare(s, compiling.path({}, "0.1.0"), compiling.path(changed, "0.2.0"), 0)
    compare(s, compiling.path({}, "0.1.0"), compiling.path(changed, "0.1.1"), 1)
    compare(s, compiling.path({}, "2.0.0"), compiling.path(changed, "1.0.0"), 1)
    compare(s, compiling.path({}, "2.0.0"), compiling.path({}, "1.0.0"), 1)
    compare(s, compiling.path({}, "2.0.0-rc.1"), compiling.path(changed, "2.0.0-rc.2"), 0)
    equal(compare(s, compiling.path({}, "1.0.0"), compiling.path({}, "1.0.0"), 0), ([], []),
          "what differs from itself")
    own = {"type": 'name: "shop.sold" domain: "shop" version: "1.0.0"'}
    own_next = dict(changed, type='name: "shop.sold" domain: "shop" version: "2.0.0"')
    compare(s, compiling.path(own, "1.2.3"), compiling.path(own_next, "1.2.4"), 0)
    compare(s, compiling.path(own, "1.2.3"), compiling.path(own_next, "1.2.3"), 1)
    compare(s, compiling.path(own, "1.2.3"), compiling.path(dict(own, **changed), "2.0.0"), 1)


def check_others(s, compiling):
    """By name, for people, and what is no catalog."""
    s.oyez("catalog", "diff", "tamma", "tamma")
    s.oyez("catalog", "diff", "no_such_catalog", "tamma", expect=1)
    s.oyez("catalog", "diff", "no/such.binpb", "tamma", expect=5)
    gone = s.oyez("catalog", "diff", "tamma", compiling.path({}, "1.2.3"), expect=1).stdout()
    equal("catalog removed" in gone and "catalog added" in gone, True, "another catalog")
    text = s.oyez("catalog", "diff", compiling.path({}, "1.2.3"),
                  compiling.path({"name": "optional string buyer = 4"}, "1.2.4"),
                  expect=1).stdout()
    equal("INCOMPATIBLE  shop: shop.sold: name: field renamed: name -> buyer\n" in text, True, text)
    equal("VERSION LIES  shop: shop.sold: version: 1.2.3 -> 1.2.4: the changes need a new major "
          "version\n" in text, True, text)


with Scenario() as s:
    compiling = Compiling(s)
    for row in CHANGES:
        check_change(s, compiling, row, of_catalog=False)
    for row in CATALOG_CHANGES:
        check_change(s, compiling, row, of_catalog=True)
    check_removed_field(s, compiling)
    check_versions(s, compiling)
    check_others(s, compiling)
    kinds = {row[1] for row in CHANGES + CATALOG_CHANGES} | {"field removed", "catalog added",
                                                            "catalog removed"}
    print(f"{len(CHANGES) + len(CATALOG_CHANGES)} changes of {len(kinds)} kinds, each honest and not")
