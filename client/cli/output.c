// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "message.h"

static atomic_int first_error;

bool output_keep(bool written)
{
    int none = 0;
    int error = errno;
    if (!written && error != 0) {
        atomic_compare_exchange_strong(&first_error, &none, error);
    }
    return written;
}

bool output_flush(void)
{
    errno = 0;
    return output_keep(fflush(stdout) == 0);
}

int output_finish(int code)
{
    output_flush();
    int error = atomic_load(&first_error);
    // Whoever writes without output_keep leaves the mark of a failure, and no reason.
    if (error == 0 && ferror(stdout) != 0) {
        error = EIO;
    }
    if (error == 0 || error == EPIPE) {
        return code;
    }
    message_print("standard output: %s", strerror(error));
    return code == EXIT_DONE ? EXIT_ENVIRONMENT : code;
}
