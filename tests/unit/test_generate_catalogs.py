#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A catalog that breaks a rule stops the build, and the message says which, where and why."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "proto" / "generate_catalogs.py"
# Where the nanopb package keeps google/protobuf/descriptor.proto.
DESCRIPTOR_PROTO = os.environ.get("DESCRIPTOR_PROTO", "/usr/lib/python3/dist-packages/proto")

SMALL_PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#include "oyez/catalog.h"
#include "oyez/types.h"
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const struct oyez_type *type = oyez_type_find(argv[i], strlen(argv[i]));
        printf("%s\n%s\n", type ? type->name : "-", type ? type->doc : "-");
    }
    return 0;
}
"""


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


class GenerateCatalogs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.table = self.directory / "catalog_table.c"
        self.types = self.directory / "oyez" / "types.h"
        self.types.parent.mkdir()

    def generate(self, *sources, comments=True):
        """Runs protoc and the generator over files a.proto, b.proto, ...; its exit and stderr."""
        names = []
        for letter, source in zip("abcdefgh", sources):
            names.append(f"{letter}.proto")
            (self.directory / names[-1]).write_text(source, encoding="utf-8")
        descriptor_set = self.directory / "set.binpb"
        subprocess.run(
            ["protoc", "-I", self.directory, "-I", ROOT / "proto", "-I", DESCRIPTOR_PROTO,
             "--include_imports", *["--include_source_info"] * comments, "-o", descriptor_set,
             *names], check=True, stderr=subprocess.PIPE)
        run = subprocess.run([sys.executable, GENERATOR, descriptor_set, self.table, self.types],
                             stderr=subprocess.PIPE, text=True)
        return run.returncode, run.stderr

    def refuses(self, message, *sources):
        code, said = self.generate(*sources)
        self.assertEqual(said.strip().split("\n"), [message])
        self.assertEqual(code, 1)
        self.assertFalse(self.table.exists() or self.types.exists(), "wrote in spite of a fault")

    def accepts(self, *sources):
        self.assertEqual(self.generate(*sources), (0, ""))
        return self.table.read_text(), self.types.read_text()

    def test_a_good_catalog_is_accepted(self):
        table, types = self.accepts(catalog(SOLD))
        self.assertIn('.name = "shop.sold"', table)
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
                table, _ = self.accepts(
                    catalog(event(f'name: "shop.sold" domain: "shop" version: "{version}"')))
                self.assertIn(f'.version = "{version}"', table)

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
                             "optional Coin coin = 1; }"))

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

    def test_the_catalog_gives_defaults_that_a_type_may_change(self):
        table, _ = self.accepts(catalog(
            SOLD + event('name: "shop.lost" domain: "shop" delivery: DURABLE', "Lost"),
            version="2.1.0", extra="delivery: FAST"))
        self.assertEqual(re.findall(r"\.delivery = (\w+)", table),
                         ["OYEZ_LANE_FAST", "OYEZ_LANE_DURABLE"])
        self.assertEqual(re.findall(r'\.version = "(.*)"', table), ["2.1.0", "2.1.0"])

    def test_without_a_word_on_delivery_a_type_is_durable(self):
        self.assertIn("OYEZ_LANE_DURABLE", self.accepts(catalog(SOLD))[0])

    def test_the_same_input_gives_the_same_output(self):
        self.assertEqual(self.accepts(catalog(SOLD)), self.accepts(catalog(SOLD)))

    def test_names_become_constants_word_by_word(self):
        names = {"plan.phase_changed": "PLAN_PHASE_CHANGED", "GIT.PULL_REQUEST.MERGED":
                 "GIT_PULL_REQUEST_MERGED", "ActionEvaluatedEvent": "ACTION_EVALUATED_EVENT",
                 "HTTPServerUp2Date": "HTTP_SERVER_UP2_DATE", "a-b.c": "A_B_C"}
        _, types = self.accepts(catalog("".join(
            event(f'name: "{name}" domain: "shop"', f"M{i}") for i, name in enumerate(names))))
        for number, constant in enumerate(names.values()):
            self.assertIn(f"    OYEZ_TYPE_SHOP_{constant} = {number},", types)

    def test_the_c_compiler_takes_any_doc_and_lookup_finds_the_longest_prefix(self):
        doc = 'Is "it" \\n a trick??! */ or /* \u00e9 %s 100 % \\'
        self.accepts(catalog(
            event('name: "a.*" domain: "shop" open: true', "A", "// Short.")
            + event('name: "a.b.c.*" domain: "shop" open: true', "Abc", "// Longest.")
            + event('name: "a.b.*" domain: "shop" open: true', "Ab", "// Middle.")
            + event('name: "a.b.c.d" domain: "shop"', "Abcd", f"// {doc}")))
        found = self.look_up("a.b.c.d", "a.b.c.e", "a.b.c.", "a.b.x", "a.x", "a.", "b.x")
        self.assertEqual(found[::2], ["a.b.c.d", "a.b.c.*", "a.b.*", "a.b.*", "a.*", "-", "-"])
        self.assertEqual(found[1::2], [doc, "Longest.", "Middle.", "Middle.", "Short.", "-", "-"])

    def test_a_set_of_open_types_alone_works_and_one_of_none_too(self):
        self.accepts(catalog(event('name: "a.*" domain: "shop" open: true')))
        self.assertEqual(self.look_up("a.x", "x")[::2], ["a.*", "-"])
        self.accepts(catalog(SOLD))
        self.assertEqual(self.look_up("shop.sold", "shop.x")[::2], ["shop.sold", "-"])

    def look_up(self, *names):
        """Builds catalog.c with the generated table and asks it: name, doc, name, doc, ..."""
        program = self.directory / "find"
        source = self.directory / "find.c"
        source.write_text(SMALL_PROGRAM)
        include = ["proto/include", "client/include", "client/lib"]
        subprocess.run(
            ["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
             *[f"-I{ROOT / folder}" for folder in include], f"-I{self.directory}", "-o", program,
             source, self.table, ROOT / "client" / "lib" / "catalog.c"], check=True)
        run = subprocess.run([program, *names], check=True, stdout=subprocess.PIPE)
        return run.stdout.decode().splitlines()


if __name__ == "__main__":
    unittest.main()
