// SPDX-License-Identifier: MIT
// Who runs this process, for the acts that it has recorded.
#ifndef OYEZ_ACTING_USER_H
#define OYEZ_ACTING_USER_H

#define ACTING_USER_SIZE 128u

// acting_user writes the user's name, or "uid N" where there is none: one line.
void acting_user(char out[ACTING_USER_SIZE]);

#endif
