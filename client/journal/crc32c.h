// SPDX-License-Identifier: MIT
// CRC-32C in two ways.
#ifndef OYEZ_CRC32C_PORTABLE_H
#define OYEZ_CRC32C_PORTABLE_H

#include "oyez/crc32c.h"

// oyez_journal_crc32c_portable is oyez_journal_crc32c without the processor's help, for other
// processors; here for tests.
uint32_t oyez_journal_crc32c_portable(uint32_t crc, const void *data, size_t size);

#endif
