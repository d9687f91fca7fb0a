// SPDX-License-Identifier: MIT
// Source made of descriptors.
#ifndef OYEZ_SCHEMA_EXPORT_PROTO_H
#define OYEZ_SCHEMA_EXPORT_PROTO_H

#include "json_text.h"
#include "schema/descriptor.h"

// export_proto_message puts a message with its comments, fields and what is declared inside;
// export_proto_enum an enum at `path` of its file. `level`: how far it is set in. OYEZ_ERR_INVALID:
// it has what catalogs have not.
oyez_err export_proto_message(struct json_text *out, struct descriptor_set *set, uint32_t message);
oyez_err export_proto_enum(struct json_text *out, struct descriptor_set *set, uint32_t file,
                           struct descriptor_slice path, struct descriptor_slice bytes,
                           unsigned level);

// export_proto_comment puts doc text as a comment in lines of 100 columns.
void export_proto_comment(struct json_text *out, const char *doc, unsigned level);

// The extensions of options.proto, by the options that carry them.
enum proto_options { PROTO_FILE_OPTIONS, PROTO_MESSAGE_OPTIONS, PROTO_FIELD_OPTIONS };

// export_proto_options puts the options of a file, a message or a field, each between `before` and
// `after`: "option (oyez.type) = {name: \"a.b\"};". False: one of them is not known here.
bool export_proto_options(struct json_text *out, enum proto_options which,
                          struct descriptor_slice options, const char *before, const char *after);

#endif
