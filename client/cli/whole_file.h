// SPDX-License-Identifier: MIT
// A file read at once.
#ifndef OYEZ_WHOLE_FILE_H
#define OYEZ_WHOLE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

// whole_file_read reads a file of at most `most` bytes and puts a NUL behind it. "-" is stdin.
// *bytes is the caller's: free(). OYEZ_ERR_IO (also where there is none), OYEZ_ERR_TOO_LARGE,
// OYEZ_ERR_NO_MEMORY; the detail names the file.
oyez_err whole_file_read(const char *path, size_t most, uint8_t **bytes, size_t *size);

#endif
