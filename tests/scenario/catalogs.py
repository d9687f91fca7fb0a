# SPDX-License-Identifier: MIT
"""Catalogs for the scenarios: compiled as a user compiles one, and read as Python's protobuf reads
them."""
import os
import subprocess

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from harness import ROOT, equal

DESCRIPTOR_PROTO = os.environ.get("DESCRIPTOR_PROTO", "/usr/lib/python3/dist-packages/proto")
HEAD = """syntax = "proto3";
package example.{name};
import "options.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
option (oyez.catalog) = {{name: "{name}" version: "{version}" title: "{title}" {options}}};
"""
# Of the well-known types as much as catalogs need: not every protoc comes with them.
WELL_KNOWN = {"timestamp": "Timestamp", "duration": "Duration"}


def compile_catalog(s, text, name="shop", file="catalog.binpb"):
    """Runs protoc over the text of NAME.proto; the path of the set."""
    directory = s.directory / f"{file}.d"
    (directory / "google" / "protobuf").mkdir(parents=True, exist_ok=True)
    for part, message in WELL_KNOWN.items():
        (directory / "google" / "protobuf" / f"{part}.proto").write_text(
            f'syntax = "proto3"; package google.protobuf;\n'
            f"message {message} {{ int64 seconds = 1; int32 nanos = 2; }}\n")
    (directory / f"{name}.proto").write_text(text)
    path = s.directory / file
    run = subprocess.run(["protoc", "-I", directory, "-I", ROOT / "proto", "-I", DESCRIPTOR_PROTO,
                          "--include_imports", "--include_source_info", "-o", path,
                          f"{name}.proto"], capture_output=True, text=True)
    equal(run.returncode, 0, f"protoc of\n{text}\n{run.stderr}")
    return path


def catalog_text(body, name="shop", version="1.0.0", title="A shop", options=""):
    head = HEAD.format(name=name, version=version, title=title, options=options)
    for part, message in WELL_KNOWN.items():
        if f"google.protobuf.{message}" not in body:
            head = head.replace(f'import "google/protobuf/{part}.proto";\n', "")
    return head + body


class Field:
    """A field as its rules see it: of a map, its values."""

    def __init__(self, field, extension, messages):
        entry = messages.get(field.type_name)
        self.extension, self.messages = extension, messages
        self.name, self.rules = field.name, field.options.Extensions[extension]
        self.map = entry is not None and entry.options.map_entry
        value = entry.field[1] if self.map else field
        self.kind, self.type_name = value.type, value.type_name
        self.many = field.label == field.LABEL_REPEATED
        self.message = messages.get(value.type_name)

    def fields(self):
        """Those of its message."""
        return fields_of(self.message, self.extension, self.messages)


def fields_of(message, extension, messages):
    return [Field(field, extension, messages) for field in message.field]


class Catalogs:
    """Event types of descriptor sets by their names, with options and fields."""

    def __init__(self, paths):
        self.types, self.catalog_of, self.rules_of = {}, {}, {}
        for path in paths:
            self._read(path.read_bytes())

    def _read(self, encoded):
        pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
        for file in files:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        factory.GetMessages([file.name for file in files])
        set_class = factory.GetPrototype(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
        self.type = pool.FindExtensionByName("oyez.type")
        self.rules = pool.FindExtensionByName("oyez.rules")
        catalog = pool.FindExtensionByName("oyez.catalog")
        read = set_class.FromString(encoded).file
        self.messages = {}
        for file in read:
            for message in file.message_type:
                self._add(f".{file.package}.{message.name}", message)
        for file in read:
            if file.options.HasExtension(catalog):
                self._take(file, file.options.Extensions[catalog])

    def _add(self, name, message):
        self.messages[name] = message
        for nested in message.nested_type:
            self._add(f"{name}.{nested.name}", nested)

    def _take(self, file, catalog):
        for message in file.message_type:
            if message.options.HasExtension(self.type):
                option = message.options.Extensions[self.type]
                self.types[option.name] = fields_of(message, self.rules, self.messages)
                self.catalog_of[option.name] = catalog
                self.rules_of[option.name] = option
