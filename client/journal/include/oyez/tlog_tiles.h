// SPDX-License-Identifier: MIT
// A journal as a C2SP tiled log: a directory of static files that stock tools verify.
#ifndef OYEZ_TLOG_TILES_H
#define OYEZ_TLOG_TILES_H

#include "oyez/checkpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

// oyez_tlog_tiles_export writes checkpoint, tile/<L>/<N>[.p/W] and tile/entries/<N>[.p/W] for what
// the directory's newest checkpoint covers. `out` is made, or is empty: else OYEZ_ERR_IN_USE. Hashes
// are made from the records; the checkpoint is written last, and only if it is theirs
// (OYEZ_ERR_CORRUPT). OYEZ_ERR_NOT_FOUND: there is no checkpoint yet. OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE
// and the errors of reading. *checkpoint, which may be NULL, is what was exported; its signature is
// not verified. Blocks. `progress` may be NULL.
oyez_err oyez_tlog_tiles_export(const char *directory, const char *out,
                                void (*progress)(void *arg, uint64_t done, uint64_t all), void *arg,
                                struct oyez_checkpoint *checkpoint);

#ifdef __cplusplus
}
#endif

#endif
