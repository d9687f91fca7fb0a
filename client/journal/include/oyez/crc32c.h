// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli), the checksum of everything in a journal's directory.
#ifndef OYEZ_CRC32C_H
#define OYEZ_CRC32C_H

#include <stddef.h>
#include <stdint.h>

// oyez_journal_crc32c continues the checksum of some text with more of it; that of no text is 0.
// Any thread.
uint32_t oyez_journal_crc32c(uint32_t crc, const void *data, size_t size);

#endif
