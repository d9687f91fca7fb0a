// SPDX-License-Identifier: MIT
// The descriptor set of proto/catalogs, comments and all, as the build embeds it.
#ifndef OYEZ_BUILTIN_CATALOGS_H
#define OYEZ_BUILTIN_CATALOGS_H

extern const unsigned char builtin_catalogs[];
extern const unsigned char builtin_catalogs_end[];

// The file proto/options.proto, with a NUL.
extern const char builtin_options[];

#endif
