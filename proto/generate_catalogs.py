#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Turns the catalogs' descriptor set into C: generate_catalogs.py SET TYPES_H

SET is what `protoc --include_imports --include_source_info` wrote. A catalog that breaks a rule
is named with its file, type and field, all faults at once, and nothing is written.
"""
import re
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from catalog_rules import (Shape, check_catalog_rules, check_example, check_form, check_naming,
                           check_rules)
from example_values import SEMANTIC_VERSION

EVENT_TYPE_SIZE_MAX = 200  # as in oyez/limits.h
EVENT_TYPE = re.compile(rf"[A-Za-z0-9._-]{{1,{EVENT_TYPE_SIZE_MAX}}}")
CATALOG_NAME = re.compile(r"[a-z][a-z0-9_]*")
DOMAIN = re.compile(r"[a-z][a-z0-9_-]*")
RESERVED_PREFIX = "oyez."
OWN_CATALOG = "oyez"
OPEN_SUFFIX = ".*"
MESSAGES = descriptor_pb2.FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER
FIELDS = descriptor_pb2.DescriptorProto.FIELD_FIELD_NUMBER
NESTED = descriptor_pb2.DescriptorProto.NESTED_TYPE_FIELD_NUMBER


class Type(NamedTuple):
    """One event type as a catalog declares it."""
    name: str
    domain: str
    version: str
    open: bool
    doc: str
    catalog: int  # index into the list of catalogs
    constant: str  # of enum oyez_type_id
    where: str  # for messages to whoever wrote the catalog


class Catalog(NamedTuple):
    name: str
    version: str
    title: str
    where: str


class Reader:
    """Reads descriptor sets, judges them, and keeps the faults that it finds."""

    def __init__(self, encoded):
        self.files = self._parse(encoded)
        self.catalogs = []
        self.types = []
        self.faults = []
        self.messages = {}
        self.enums = {}
        self.optional = set()
        for file in descriptor_pb2.FileDescriptorSet.FromString(encoded).file:
            self._keep_optional(f".{file.package}".rstrip("."), file.message_type,
                                file.syntax == "proto3")
        for file in self.files:
            self._index(f".{file.package}".rstrip("."), file.message_type, file.enum_type)

    def _index(self, scope, messages, enums):
        """Every message and enum by its full name. protoc has bounded how deep they nest."""
        for enum in enums:
            self.enums[f"{scope}.{enum.name}"] = enum
        for message in messages:
            name = f"{scope}.{message.name}"
            self.messages[name] = message
            self._index(name, message.nested_type, message.enum_type)

    def _keep_optional(self, scope, messages, is_proto3):
        """The descriptor.proto that nanopb brings is older than proto3_optional."""
        for message in messages:
            name = f"{scope}.{message.name}"
            self.optional.update(f"{name}.{f.name}" for f in message.field
                                 if f.proto3_optional or not is_proto3)
            self._keep_optional(name, message.nested_type, is_proto3)

    def _parse(self, encoded):
        """Parses with the options' own extensions known, which the first pass can not know."""
        files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
        pool = descriptor_pool.DescriptorPool()
        for file in files:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        factory.GetMessages([file.name for file in files])
        file_set = factory.GetPrototype(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
        self.catalog_option = pool.FindExtensionByName("oyez.catalog")
        self.type_option = pool.FindExtensionByName("oyez.type")
        self.rules_option = pool.FindExtensionByName("oyez.rules")
        self.letters = pool.FindEnumTypeByName("oyez.NameCase").values_by_number
        return file_set.FromString(encoded).file

    def fault(self, where, what):
        self.faults.append(f"{where}: {what}")

    def read(self):
        for file in self.files:
            self._read_file(file)
        self._check_names()

    def _read_file(self, file):
        if not file.options.HasExtension(self.catalog_option):
            for message in file.message_type:
                if message.options.HasExtension(self.type_option):
                    self.fault(f"{file.name}: {message.name}",
                               "an event type in a file without option (oyez.catalog)")
            return
        catalog = file.options.Extensions[self.catalog_option]
        self._check_catalog(file.name, catalog)
        self.catalogs.append(Catalog(catalog.name, catalog.version, catalog.title, file.name))

        if file.syntax != "proto3":
            self.fault(file.name, "syntax: a catalog is proto3")
        if file.extension:
            self.fault(file.name, "an extension: a catalog has none")
        comments = {tuple(location.path): location.leading_comments
                    for location in file.source_code_info.location}
        used = {field.type_name for message in file.message_type for field in message.field}
        first = len(self.types)
        for i, message in enumerate(file.message_type):
            where = f"{file.name}: {message.name}"
            if message.options.HasExtension(self.type_option):
                self._read_type(file, catalog, message, comments.get((MESSAGES, i), ""))
                where = self.types[-1].where
            elif f".{file.package}.{message.name}" not in used:
                self.fault(where, "no option (oyez.type), and no field of this file uses it")
            name = f"{f'.{file.package}'.rstrip('.')}.{message.name}"
            self._read_fields(name, (MESSAGES, i), comments, where)
        names = [t.name for t in self.types[first:]]
        check_catalog_rules(catalog, names, file.name, self.fault)

    def _read_fields(self, name, path, comments, where):
        """The message's fields and those of the messages inside it."""
        message = self.messages[name]
        if message.extension or message.extension_range:
            self.fault(where, "an extension: a catalog has none")
        for i, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                self._read_fields(f"{name}.{nested.name}", (*path, NESTED, i), comments,
                                  f"{where}: {nested.name}")
        for i, field in enumerate(message.field):
            at = f"{where}: {field.name}"
            if not comments.get((*path, FIELDS, i), "").strip():
                self.fault(at, "no doc: write a comment right above the field")
            found = len(self.faults)
            check_form(field, f"{name}.{field.name}" in self.optional, at, self.fault)
            shape = self._shape(field)
            check_rules(shape, at, self.fault)
            if len(self.faults) == found:
                check_example(shape, Plans(self), at, self.fault)

    def _shape(self, field):
        return Shape(field, field.options.Extensions[self.rules_option], self.messages, self.enums)

    def _read_type(self, file, catalog, message, comment):
        option = message.options.Extensions[self.type_option]
        where = f"{file.name}: {message.name} ({option.name or 'no name'})"
        stem = option.name.removesuffix(OPEN_SUFFIX) if option.open else option.name
        found = Type(
            name=option.name, domain=option.domain, version=option.version or catalog.version,
            open=option.open,
            doc=" ".join(comment.split()), catalog=len(self.catalogs) - 1,
            constant=constant_of(catalog.name, stem, option.open), where=where)
        self._check_type(found, stem, catalog.name)
        check_naming(catalog.naming, self.letters[catalog.naming.letters].name, stem, option.open,
                     where, self.fault)
        self.types.append(found)

    def _check_catalog(self, where, catalog):
        if not CATALOG_NAME.fullmatch(catalog.name):
            self.fault(where, f'catalog name "{catalog.name}" is not {CATALOG_NAME.pattern}')
        if not SEMANTIC_VERSION.fullmatch(catalog.version):
            self.fault(where, f'version "{catalog.version}" is not a semantic version')
        if not catalog.title:
            self.fault(where, "the catalog has no title")

    def _check_type(self, t, stem, catalog_name):
        if not EVENT_TYPE.fullmatch(stem) or len(t.name) > EVENT_TYPE_SIZE_MAX:
            self.fault(t.where, f'event type "{t.name}" is not {EVENT_TYPE.pattern}')
        if t.open and not t.name.endswith(OPEN_SUFFIX):
            self.fault(t.where, f'an open type\'s name ends in "{OPEN_SUFFIX}"')
        if f"{stem}.".startswith(RESERVED_PREFIX) and catalog_name != OWN_CATALOG:
            self.fault(t.where, f'the prefix "{RESERVED_PREFIX}" is reserved')
        if not t.doc:
            self.fault(t.where, "no doc: write a comment right above the message")
        if not t.domain:
            self.fault(t.where, "no domain")
        elif not DOMAIN.fullmatch(t.domain):
            self.fault(t.where, f'domain "{t.domain}" is not {DOMAIN.pattern}')
        if not SEMANTIC_VERSION.fullmatch(t.version):
            self.fault(t.where, f'version "{t.version}" is not a semantic version')

    def _check_names(self):
        """What only all catalogs together can break."""
        self._unique(self.catalogs, "name", "catalog")
        named = self._unique(self.types, "name", "event type")
        self._unique(named, "constant", "constant")

    def _unique(self, items, key, what):
        """The first item of each value; every other one is a fault."""
        first = {}
        for item in items:
            value = getattr(item, key)
            if value in first:
                self.fault(item.where, f'{what} "{value}" is already that of {first[value].where}')
            first.setdefault(value, item)
        return first.values()


class Plans:
    """The shapes of any message's fields, by the message's full name."""

    def __init__(self, reader):
        self.reader = reader

    def get(self, name, default):
        message = self.reader.messages.get(name)
        if message is None:
            return default
        return {field.name: self.reader._shape(field) for field in message.field}


def constant_of(catalog, stem, is_open):
    """plan.phase_changed: PLAN_PHASE_CHANGED; ActionEvaluatedEvent: ACTION_EVALUATED_EVENT."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", stem)
    words = re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", words)
    words = re.sub(r"[^A-Za-z0-9]", "_", words)
    return f"OYEZ_TYPE_{catalog}_{words}{'_ANY' if is_open else ''}".upper()


def c_comment(text, indent):
    """Lines of // comment; none may end in a backslash, which would continue it."""
    lines = textwrap.wrap(text, 97 - len(indent), break_long_words=False, break_on_hyphens=False)
    return [f"{indent}// {line}".rstrip("\\") for line in lines]


def types_header(catalogs, types):
    lines = ["// SPDX-License-Identifier: MIT",
             "// Made by the build from the catalogs: every event type's number for oyez_type_at.",
             "#ifndef OYEZ_TYPES_H", "#define OYEZ_TYPES_H", "", "enum oyez_type_id {"]
    last = None
    for number, t in enumerate(types):
        if t.catalog != last:
            catalog = catalogs[t.catalog]
            lines += [""] * bool(number)
            lines += c_comment(f"{catalog.name} {catalog.version}: {catalog.title}.", "    ")
            last = t.catalog
        lines += [""] + c_comment(f"{t.name}: {t.doc}", "    ")
        lines.append(f"    {t.constant} = {number},")
    return "\n".join(lines + ["};", "", "#endif"]) + "\n"


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    descriptor_set, types_h = map(Path, arguments)
    try:
        reader = Reader(descriptor_set.read_bytes())
    except KeyError:
        sys.exit(f"{descriptor_set}: no file in it imports options.proto")
    reader.read()
    if not reader.types and not reader.faults:
        reader.fault(str(descriptor_set), "no event types")
    if reader.faults:
        sys.exit("\n".join(reader.faults))
    types_h.write_text(types_header(reader.catalogs, reader.types), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
