// SPDX-License-Identifier: MIT
#ifndef OYEZ_EXPORT_H
#define OYEZ_EXPORT_H

// Public symbols; everything else is hidden in the shared library.
#define OYEZ_EXPORT __attribute__((visibility("default")))

#endif
