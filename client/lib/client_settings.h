// SPDX-License-Identifier: MIT
// What a client goes by: its options, the environment, and a file where the options name one.
#ifndef OYEZ_CLIENT_SETTINGS_H
#define OYEZ_CLIENT_SETTINGS_H

#include "client_state.h"

// client_set_options fills the settings, and what of them the client keeps besides. OYEZ_ERR_INVALID
// (an option or a variable, which is named; a file, with its line), OYEZ_ERR_NOT_FOUND (no such file),
// OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY.
oyez_err client_set_options(struct oyez_client *client, const struct oyez_client_options *options);

#endif
