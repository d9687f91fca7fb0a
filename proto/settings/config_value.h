// SPDX-License-Identifier: MIT
// Values of keys that are known beforehand.
#ifndef OYEZ_CONFIG_VALUE_H
#define OYEZ_CONFIG_VALUE_H

#include "oyez/config_file.h"

// config_value_set puts the text, as the key's kind, where the key's target is. OYEZ_ERR_INVALID,
// OYEZ_ERR_NO_MEMORY.
oyez_err config_value_set(const struct oyez_config_key *key, void *values, const char *text);

// config_value_fail_key says that the section has no such key, and which it has. OYEZ_ERR_INVALID.
oyez_err config_value_fail_key(const struct oyez_config_section *section, const char *name);

#endif
