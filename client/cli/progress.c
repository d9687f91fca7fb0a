// SPDX-License-Identifier: MIT
#include "progress.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "deadline.h"

#define BAR_COLUMNS 30u
#define DRAW_MS 100

static struct {
    bool is_open;
    uint64_t total;
    const char *unit;
    int64_t drawn_at;
} bar;
static atomic_bool is_drawn;

void progress_open(uint64_t total, const char *unit)
{
    bar.is_open = isatty(STDERR_FILENO) == 1;
    bar.total = total;
    bar.unit = unit;
    bar.drawn_at = deadline_now();
}

size_t progress_format(char *out, size_t out_size, uint64_t done, uint64_t total, uint64_t count,
                       const char *unit)
{
    char picture[BAR_COLUMNS + 1];
    int size;
    if (total == 0) {
        size = snprintf(out, out_size, "%" PRIu64 " %s", count, unit);
    } else {
        double part = done < total ? (double)done / (double)total : 1.0;
        unsigned filled = (unsigned)(part * BAR_COLUMNS);
        for (unsigned i = 0; i < BAR_COLUMNS; i++) {
            picture[i] = i < filled ? '#' : '-';
        }
        picture[BAR_COLUMNS] = '\0';
        size = snprintf(out, out_size, "[%s] %3d %%  %" PRIu64 " %s", picture, (int)(part * 100.0),
                        count, unit);
    }
    return size > 0 && (size_t)size < out_size ? (size_t)size : 0;
}

void progress_set(uint64_t done, uint64_t count)
{
    char text[128];
    int64_t now = deadline_now();
    if (!bar.is_open || now - bar.drawn_at < DRAW_MS) {
        return;
    }
    bar.drawn_at = now;
    size_t size = progress_format(text, sizeof text, done, bar.total, count, bar.unit);
    flockfile(stderr);
    fprintf(stderr, "\r\033[K%.*s", (int)size, text);
    fflush(stderr);
    atomic_store(&is_drawn, true);
    funlockfile(stderr);
}

void progress_hide(void)
{
    if (atomic_exchange(&is_drawn, false)) {
        fputs("\r\033[K", stderr);
    }
}

void progress_close(void)
{
    flockfile(stderr);
    progress_hide();
    fflush(stderr);
    funlockfile(stderr);
    bar.is_open = false;
}
