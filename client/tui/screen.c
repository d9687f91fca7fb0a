// SPDX-License-Identifier: MIT
#include "screen.h"

#include <curses.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "keys.h"
#include "oyez/base64.h"

#define RESTORE_SIZE 256u
#define ESCAPE_MS 25

// curses has one terminal in a process, and a signal handler has no argument: so has this file.
static struct {
    bool open;
    bool colours;
    SCREEN *curses;
    struct termios before;
    char restore[RESTORE_SIZE]; // what gives the terminal back, ready for a signal handler
    size_t restore_size;
    attr_t attributes[STYLE_COUNT];
    short pairs[STYLE_COUNT];
} terminal;

static void keep_sequence(const char *sequence)
{
    // terminfo says so where a terminal has no such sequence.
    if (sequence == NULL || sequence == (const char *)-1) {
        return;
    }
    size_t size = strlen(sequence);
    if (terminal.restore_size + size <= RESTORE_SIZE) {
        memcpy(terminal.restore + terminal.restore_size, sequence, size);
        terminal.restore_size += size;
    }
}

// Mouse off, cursor shown, colours as they were, the screen from before.
static void prepare_restoring(void)
{
    terminal.restore_size = 0;
    keep_sequence("\033[?1000l\033[?1002l\033[?1006l");
    keep_sequence(tigetstr("sgr0"));
    keep_sequence(tigetstr("op"));
    keep_sequence(tigetstr("cnorm"));
    keep_sequence(tigetstr("rmkx"));
    keep_sequence(tigetstr("rmcup"));
}

// A crash may come in any thread, and most of them began before the screen was opened.
static atomic_bool restorable;

static void give_back_and_die(int number)
{
    if (atomic_load_explicit(&restorable, memory_order_acquire)) {
        (void)!write(STDOUT_FILENO, terminal.restore, terminal.restore_size);
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_crashes(void)
{
    static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = give_back_and_die, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaction(numbers[i], &action, NULL);
    }
}

struct look {
    attr_t attributes;
    short few;  // of 8 colours; -1 = the terminal's own
    short many; // of 256
    short back; // of 256, behind it; -1 = the terminal's own
};

static const struct look looks[STYLE_COUNT] = {
    [STYLE_PLAIN] = {A_NORMAL, -1, -1, -1},
    [STYLE_FAINT] = {A_DIM, -1, 245, -1},
    [STYLE_STRONG] = {A_BOLD, -1, -1, -1},
    [STYLE_BAR] = {A_REVERSE, -1, 252, 236},
    [STYLE_BAR_STRONG] = {A_REVERSE | A_BOLD, -1, 255, 236},
    [STYLE_BAR_WARN] = {A_REVERSE | A_BOLD, COLOR_YELLOW, 221, 236},
    [STYLE_BAR_BAD] = {A_REVERSE | A_BOLD, COLOR_RED, 210, 236},
    [STYLE_GOOD] = {A_NORMAL, COLOR_GREEN, 114, -1},
    [STYLE_WARN] = {A_BOLD, COLOR_YELLOW, 221, -1},
    [STYLE_BAD] = {A_BOLD, COLOR_RED, 203, -1},
    [STYLE_KEY] = {A_NORMAL, COLOR_CYAN, 110, -1},
    [STYLE_TEXT] = {A_NORMAL, -1, 187, -1},
    [STYLE_NUMBER] = {A_NORMAL, COLOR_MAGENTA, 176, -1},
    [STYLE_MARK] = {A_BOLD, COLOR_YELLOW, 221, -1},
    [STYLE_FOUND] = {A_REVERSE | A_BOLD, COLOR_YELLOW, 221, -1},
    [STYLE_DOMAIN] = {A_NORMAL, COLOR_CYAN, 80, -1},
    [STYLE_DOMAIN + 1] = {A_NORMAL, COLOR_BLUE, 75, -1},
    [STYLE_DOMAIN + 2] = {A_NORMAL, COLOR_MAGENTA, 176, -1},
    [STYLE_DOMAIN + 3] = {A_NORMAL, COLOR_GREEN, 114, -1},
    [STYLE_DOMAIN + 4] = {A_NORMAL, COLOR_WHITE, 180, -1},
    [STYLE_DOMAIN + 5] = {A_BOLD, COLOR_CYAN, 116, -1},
    [STYLE_DOMAIN + 6] = {A_BOLD, COLOR_BLUE, 147, -1},
    [STYLE_DOMAIN + 7] = {A_BOLD, COLOR_MAGENTA, 218, -1},
};

// Where a background is a colour of its own, it need not be the reverse of the foreground.
static void prepare_styles(void)
{
    const char *without = getenv("NO_COLOR");
    terminal.colours = has_colors() && (without == NULL || without[0] == '\0');
    if (terminal.colours) {
        start_color();
        use_default_colors();
    }
    bool many = terminal.colours && COLORS >= 256;
    for (int i = 0; i < STYLE_COUNT; i++) {
        const struct look *look = &looks[i];
        short front = many ? look->many : look->few;
        short back = many ? look->back : -1;
        terminal.attributes[i] = look->attributes;
        terminal.pairs[i] = 0;
        if (terminal.colours && (front >= 0 || back >= 0)) {
            terminal.pairs[i] = (short)(i + 1);
            init_pair(terminal.pairs[i], front, back);
        }
        if (many) {
            terminal.attributes[i] &= back >= 0 ? ~A_REVERSE : ~(attr_t)A_DIM;
        }
    }
}

static void take(void)
{
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    leaveok(stdscr, FALSE);
    mouseinterval(150);
    mousemask(BUTTON1_CLICKED | BUTTON1_PRESSED | BUTTON1_DOUBLE_CLICKED | BUTTON4_PRESSED |
                  BUTTON5_PRESSED,
              NULL);
}

oyez_err screen_open(void)
{
    const char *kind = getenv("TERM");
    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
        return oyez_fail(OYEZ_ERR_SYSTEM, "stdin and stdout are no terminal");
    }
    if (kind == NULL || kind[0] == '\0' || strcmp(kind, "dumb") == 0) {
        return oyez_fail(OYEZ_ERR_SYSTEM, "TERM is %s: such a terminal cannot place a cursor",
                         kind == NULL || kind[0] == '\0' ? "not set" : kind);
    }
    tcgetattr(STDIN_FILENO, &terminal.before);
    terminal.curses = newterm(NULL, stdout, stdin);
    if (terminal.curses == NULL) {
        return oyez_fail(OYEZ_ERR_SYSTEM, "TERM is %.60s: nothing is known of such a terminal",
                         kind);
    }
    set_term(terminal.curses);
    prepare_restoring();
    atomic_store_explicit(&restorable, true, memory_order_release);
    catch_crashes();
    prepare_styles();
    take();
    terminal.open = true;
    return OYEZ_OK;
}

void screen_close(void)
{
    if (terminal.open) {
        terminal.open = false;
        endwin();
        delscreen(terminal.curses);
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
    }
}

void screen_stop(void)
{
    endwin();
    kill(getpid(), SIGSTOP);
    refresh();
    take();
}

void screen_size(unsigned *rows, unsigned *columns)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        (size.ws_row != LINES || size.ws_col != COLS)) {
        resizeterm(size.ws_row, size.ws_col);
        clearok(curscr, TRUE);
    }
    *rows = (unsigned)LINES;
    *columns = (unsigned)COLS;
}

static void draw_row(const struct canvas *canvas, unsigned row)
{
    const struct cell *cells = &canvas->cells[(size_t)row * canvas->columns];
    move((int)row, 0);
    for (unsigned column = 0; column < canvas->columns; column++) {
        const struct cell *cell = &cells[column];
        if (cell->size == 0) {
            continue;
        }
        attr_t attributes = terminal.attributes[cell->style];
        if (cell->selected) {
            attributes ^= A_REVERSE;
        }
        attr_set(attributes, terminal.pairs[cell->style], NULL);
        addnstr(cell->bytes, cell->size);
    }
    attr_set(A_NORMAL, 0, NULL);
}

void screen_draw(const struct canvas *canvas, unsigned cursor_row, int cursor_column, bool anew)
{
    if (anew) {
        clearok(curscr, TRUE);
    }
    erase();
    for (unsigned row = 0; row < canvas->rows; row++) {
        draw_row(canvas, row);
    }
    curs_set(cursor_column >= 0 ? 1 : 0);
    if (cursor_column >= 0) {
        move((int)cursor_row, cursor_column);
    }
    refresh();
}

static int special_of(wint_t code)
{
    static const struct {
        wint_t curses;
        int ours;
    } specials[] = {
        {KEY_UP, KEY_CODE_UP},         {KEY_DOWN, KEY_CODE_DOWN},
        {KEY_LEFT, KEY_CODE_LEFT},     {KEY_RIGHT, KEY_CODE_RIGHT},
        {KEY_PPAGE, KEY_CODE_PAGE_UP}, {KEY_NPAGE, KEY_CODE_PAGE_DOWN},
        {KEY_HOME, KEY_CODE_HOME},     {KEY_END, KEY_CODE_END},
        {KEY_DC, KEY_CODE_DELETE},     {KEY_BACKSPACE, KEY_CODE_BACKSPACE},
        {KEY_ENTER, KEY_CODE_ENTER},
    };
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (specials[i].curses == code) {
            return specials[i].ours;
        }
    }
    return KEY_CODE_NONE;
}

static void read_mouse(struct screen_key *key)
{
    MEVENT event;
    if (getmouse(&event) != OK || event.x < 0 || event.y < 0) {
        return;
    }
    key->row = (unsigned)event.y;
    key->column = (unsigned)event.x;
    key->code = (event.bstate & BUTTON4_PRESSED) != 0          ? KEY_CODE_WHEEL_UP
                : (event.bstate & BUTTON5_PRESSED) != 0        ? KEY_CODE_WHEEL_DOWN
                : (event.bstate & BUTTON1_DOUBLE_CLICKED) != 0 ? KEY_CODE_DOUBLE_CLICK
                                                               : KEY_CODE_CLICK;
}

bool screen_read(struct screen_key *key)
{
    wint_t code = 0;
    *key = (struct screen_key){0};
    int kind = get_wch(&code);
    if (kind == ERR) {
        return false;
    }
    if (kind == KEY_CODE_YES) {
        if (code == KEY_MOUSE) {
            read_mouse(key);
        } else {
            key->code = special_of(code);
        }
        return true;
    }
    key->code = code == '\r'                  ? KEY_CODE_ENTER
                : code == 127 || code == '\b' ? KEY_CODE_BACKSPACE
                                              : (int)code;
    return true;
}

bool screen_copy(const char *text, size_t size)
{
    char *encoded = size <= SCREEN_CLIPBOARD_MAX ? malloc(oyez_base64_size(size) + 1) : NULL;
    if (encoded == NULL) {
        return false;
    }
    size_t encoded_size = oyez_base64_encode(encoded, (const uint8_t *)text, size);
    printf("\033]52;c;%.*s\007", (int)encoded_size, encoded);
    fflush(stdout);
    free(encoded);
    return true;
}
