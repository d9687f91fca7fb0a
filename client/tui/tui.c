// SPDX-License-Identifier: MIT
#include "tui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "feed.h"
#include "screen.h"
#include "view.h"

#define FRAME_MS 50      // between two drawings of what came by itself
#define IDLE_MS 500      // what a clock shows moves
#define KEYS_AT_ONCE 64u // pasted text is drawn once

struct tui {
    struct app app;
    struct model *model;
    struct source questions; // the asker's
    struct source looks;     // the watcher's
    struct feed *feed;
    struct canvas canvas;
    int signals;
    int64_t drawn_ms;
    bool drawn_anew;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static oyez_err block_signals(struct tui *tui)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGWINCH);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return oyez_fail(OYEZ_ERR_SYSTEM, "signals cannot be blocked");
    }
    tui->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return tui->signals >= 0 ? OYEZ_OK : oyez_fail(OYEZ_ERR_SYSTEM, "no signalfd");
}

static void draw(struct tui *tui)
{
    unsigned rows, columns;
    int cursor;
    screen_size(&rows, &columns);
    if (rows != tui->canvas.rows || columns != tui->canvas.columns) {
        if (!canvas_resize(&tui->canvas, rows, columns)) {
            return;
        }
    }
    tui->app.rows = tui->canvas.rows;
    tui->app.columns = tui->canvas.columns;
    model_lock(tui->model);
    tui->model->dirty = false;
    app_step(&tui->app);
    view_draw(&tui->app, &tui->canvas, &cursor);
    model_unlock(tui->model);
    screen_draw(&tui->canvas, tui->canvas.rows - 1, cursor, tui->app.redraw);
    tui->app.redraw = false;
    tui->drawn_ms = now_ms();
}

static void take_signals(struct tui *tui)
{
    struct signalfd_siginfo info;
    while (read(tui->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTSTP) {
            screen_stop();
            tui->app.redraw = true;
        } else if (info.ssi_signo != SIGWINCH) {
            tui->app.quit = true;
        }
    }
}

static bool take_keys(struct tui *tui)
{
    struct screen_key key;
    unsigned count = 0;
    while (count < KEYS_AT_ONCE && screen_read(&key)) {
        app_key(&tui->app, key.code, key.row, key.column);
        count++;
    }
    return count > 0;
}

static int wait_ms(const struct tui *tui, bool pending)
{
    int64_t since = now_ms() - tui->drawn_ms;
    int64_t until = pending || tui->app.playing ? FRAME_MS : IDLE_MS;
    return since >= until ? 0 : (int)(until - since);
}

// Draws at once after a key, and at most so often for what comes by itself.
static void loop(struct tui *tui)
{
    bool pending = false;
    draw(tui);
    while (!tui->app.quit) {
        struct pollfd polls[] = {{STDIN_FILENO, POLLIN, 0},
                                 {tui->signals, POLLIN, 0},
                                 {pending ? -1 : tui->model->wake, POLLIN, 0}};
        int ready = poll(polls, 3, wait_ms(tui, pending));
        if (ready < 0 && errno != EINTR) {
            return;
        }
        if ((polls[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
            return; // the terminal is gone
        }
        bool now = false;
        if ((polls[1].revents & POLLIN) != 0) {
            take_signals(tui);
            now = true;
        }
        if ((polls[0].revents & POLLIN) != 0) {
            now = take_keys(tui) || now;
        }
        if (polls[2].revents != 0) {
            uint64_t count;
            (void)!read(tui->model->wake, &count, sizeof count);
            pending = true;
        }
        if (!tui->app.quit && (now || wait_ms(tui, pending) == 0)) {
            draw(tui);
            pending = false;
        }
    }
}

static oyez_err start(struct tui *tui, const struct tui_options *options)
{
    struct app *app = &tui->app;
    oyez_err err = model_open(&tui->model, options->directory != NULL);
    if (err == OYEZ_OK) {
        err = source_open(&tui->questions, options->endpoint, options->directory, options->key);
    }
    if (err == OYEZ_OK) {
        err = source_open(&tui->looks, options->endpoint, options->directory, options->key);
    }
    app->model = tui->model;
    app->endpoint = options->endpoint;
    app->directory = options->directory;
    if (err == OYEZ_OK) {
        err = asker_open(&app->asker, tui->model, &tui->questions);
    }
    if (err == OYEZ_OK && options->filter != NULL) {
        app_set_filter(app, options->filter);
        err = app->message[0] != '\0' ? oyez_fail(OYEZ_ERR_INVALID, "%s", app->message) : OYEZ_OK;
    }
    if (err == OYEZ_OK) {
        err = watcher_open(&app->watcher, tui->model, &tui->looks);
    }
    if (err == OYEZ_OK && options->directory == NULL) {
        err = feed_open(&tui->feed, tui->model, options->endpoint);
    }
    return err;
}

static void stop(struct tui *tui)
{
    feed_close(&tui->feed);
    watcher_close(&tui->app.watcher);
    asker_close(&tui->app.asker);
    source_close(&tui->questions);
    source_close(&tui->looks);
    app_close(&tui->app);
    canvas_free(&tui->canvas);
    model_close(&tui->model);
    if (tui->signals > 0) {
        close(tui->signals);
    }
}

oyez_err tui_run(const struct tui_options *options)
{
    struct tui *tui = calloc(1, sizeof *tui);
    if (tui == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    oyez_err err = block_signals(tui);
    if (err == OYEZ_OK) {
        err = start(tui, options);
    }
    if (err == OYEZ_OK) {
        err = screen_open();
    }
    if (err == OYEZ_OK) {
        app_open(&tui->app);
        loop(tui);
        screen_close();
    }
    stop(tui);
    free(tui);
    return err;
}
