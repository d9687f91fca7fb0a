// SPDX-License-Identifier: MIT
// How much a line of diagnostics matters.
#ifndef OYEZ_SEVERITY_H
#define OYEZ_SEVERITY_H

enum oyez_severity { OYEZ_INFO, OYEZ_WARNING, OYEZ_ERROR };

#endif
