// SPDX-License-Identifier: MIT
#ifndef OYEZ_DEPRECATION_H
#define OYEZ_DEPRECATION_H

#include "client_state.h"
#include "oyez/catalog.h"
#include "schema/plan.h"

// deprecation_tell gives a notice of a type or field in use that its catalog calls deprecated, once
// for each in a process. `field` may be NULL. Nothing is used up where nobody takes notices. Takes
// inbox_lock.
void deprecation_tell(struct oyez_client *client, const struct oyez_type *type,
                      const struct plan_field *field);

#endif
