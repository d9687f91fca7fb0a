// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiled_catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"

#define SET_SIZE_MAX (1024u * 1024u)

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

// Of the well-known types as much as tests need: not every protoc comes with them.
static const struct {
    const char *name;
    const char *body;
} well_known[] = {
    {"timestamp", "message Timestamp { int64 seconds = 1; int32 nanos = 2; }"},
    {"duration", "message Duration { int64 seconds = 1; int32 nanos = 2; }"},
    {"struct", "message Struct { int32 a = 1; }"},
};

static void write_well_known(const char *directory)
{
    char command[256];
    char path[128];
    char text[256];
    snprintf(command, sizeof command, "mkdir -p %s/google/protobuf", directory);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++) {
        snprintf(path, sizeof path, "%s/google/protobuf/%s.proto", directory, well_known[i].name);
        snprintf(text, sizeof text, "syntax = \"proto3\"; package google.protobuf; %s",
                 well_known[i].body);
        write_file(path, text);
    }
}

struct compiled_catalog compile_proto(const char *name, const char *text)
{
    char directory[] = "/tmp/oyez-proto-XXXXXX";
    char path[128];
    char command[1024];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, name);
    write_file(path, text);
    write_well_known(directory);
    snprintf(command, sizeof command,
             "protoc -I %s -I %s -I %s --include_imports --include_source_info -o /dev/stdout %s",
             directory, OYEZ_PROTO_PATH, DESCRIPTOR_PROTO_PATH, name);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    struct compiled_catalog compiled = {malloc(SET_SIZE_MAX), 0};
    assert_non_null(compiled.bytes);
    compiled.size = fread(compiled.bytes, 1, SET_SIZE_MAX, pipe);
    assert_int_equal(pclose(pipe), 0);
    assert_true(compiled.size > 0 && compiled.size < SET_SIZE_MAX);
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
    return compiled;
}

// protoc warns of imports that nothing uses.
static const char *import_for(const char *body, const char *message, const char *file)
{
    static char lines[3][64];
    char *line = lines[file[0] == 't' ? 0 : file[0] == 'd' ? 1 : 2];
    if (strstr(body, message) == NULL)
        return "";
    snprintf(line, sizeof lines[0], "import \"google/protobuf/%s.proto\";\n", file);
    return line;
}

struct compiled_catalog compile_catalog(const char *name, const char *version, const char *options,
                                        const char *body)
{
    char file[80];
    size_t size = strlen(body) + strlen(options) + 1024;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(file, sizeof file, "%s.proto", name);
    snprintf(text, size,
             "syntax = \"proto3\"; package test.%s;\n"
             "import \"options.proto\";\n%s%s%s"
             "option (oyez.catalog) = {name: \"%s\" version: \"%s\" title: \"A test\" %s};\n%s\n",
             name, import_for(body, "Timestamp", "timestamp"),
             import_for(body, "Duration", "duration"), import_for(body, "Struct", "struct"), name,
             version, options, body);
    struct compiled_catalog compiled = compile_proto(file, text);
    free(text);
    return compiled;
}

void load_catalog(const char *name, const char *version, const char *options, const char *body)
{
    struct compiled_catalog compiled = compile_catalog(name, version, options, body);
    oyez_err err = oyez_catalog_add(compiled.bytes, compiled.size, name, false);
    free(compiled.bytes);
    if (err != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
}
