// SPDX-License-Identifier: MIT
// Where erasing is done: by the recorder that writes a directory, or here, where none does.
#ifndef OYEZ_ERASE_PLACE_H
#define OYEZ_ERASE_PLACE_H

#include "oyez/erasing.h"

// erase_place_do erases all of them, portion by portion, with a progress bar; erasing->report tells how
// many were, after an error too. As oyez_erasing_check and oyez_erasing_step; OYEZ_ERR_REFUSED: the
// recorder says why not. OYEZ_ERR_LOCKED: another process writes the directory, and cannot be asked.
oyez_err erase_place_do(struct oyez_erasing *erasing, const char *directory, const char *key);

#endif
