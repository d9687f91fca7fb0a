// SPDX-License-Identifier: MIT
// `oyez serve` reads its settings again.
#ifndef OYEZ_SERVE_RELOAD_H
#define OYEZ_SERVE_RELOAD_H

#include "oyez/settings.h"

// serve_reload reads environment and file again and tells of each setting that has changed whether
// it is in force now. *settings become the new ones; old ones that are not `first` are closed. What
// is wrong is told, and nothing changes.
void serve_reload(oyez_settings **settings, const oyez_settings *first);

#endif
