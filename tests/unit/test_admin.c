// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/recorder/admin_verb.h"
#include "recorder_fixture.h"

// Says it in pieces of one byte or whole, and reads the answer to its end.
static void ask(const struct recorder_fixture *f, const char *request, bool in_pieces, char *answer,
                size_t room)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t size = strlen(request), piece = in_pieces ? 1 : size, got = 0;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/admin", f->directory);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    for (size_t at = 0; at < size; at += piece)
        if (send(fd, request + at, piece, MSG_NOSIGNAL) < 0)
            break;
    for (ssize_t more = 1; more > 0 && got < room - 1; got += (size_t)more)
        if ((more = recv(fd, answer + got, room - 1 - got, 0)) <= 0)
            break;
    answer[got] = '\0';
    close(fd);
}

static void test_a_verb_alone_is_answered_in_a_line(void **state)
{
    struct recorder_fixture *f = *state;
    char answer[RECORDER_REPLY_SIZE];
    recorder_begin(f);
    for (int in_pieces = 0; in_pieces < 2; in_pieces++) {
        ask(f, "rotate-key\n", in_pieces != 0, answer, sizeof answer);
        assert_memory_equal(answer, "{\"key\":\"", 8);
        assert_string_equal(answer + strlen(answer) - 3, "\"}\n");
        ask(f, "no-such-verb\n", in_pieces != 0, answer, sizeof answer);
        assert_string_equal(answer, "{\"error\":\"no such request\"}\n");
        ask(f, "\n", in_pieces != 0, answer, sizeof answer);
        assert_string_equal(answer, "{\"error\":\"no such request\"}\n");
    }
    recorder_stop(f);
}

static void test_a_flood_without_a_newline_is_left(void **state)
{
    struct recorder_fixture *f = *state;
    char *flood = malloc(RECORDER_REQUEST_MAX + 2), answer[64];
    assert_non_null(flood);
    memset(flood, 'x', RECORDER_REQUEST_MAX + 1);
    flood[RECORDER_REQUEST_MAX + 1] = '\0';
    recorder_begin(f);
    ask(f, flood, false, answer, sizeof answer);
    assert_string_equal(answer, "");
    ask(f, "rotate-key\n", false, answer, sizeof answer);
    assert_memory_equal(answer, "{\"key\":\"", 8);
    recorder_stop(f);
    free(flood);
}

static void test_an_answer_is_one_object(void **state)
{
    struct recorder_reply reply = {.size = 0};
    (void)state;
    recorder_reply_number(&reply, "erased", 3);
    assert_string_equal(reply.text, "{\"erased\":3}\n");
    recorder_reply_text(&reply, "why", "a \"b\\\n");
    assert_string_equal(reply.text, "{\"erased\":3,\"why\":\"a \\\"b\\\\\\u000a\"}\n");
    recorder_reply_error(&reply, "no %s", "way");
    assert_string_equal(reply.text, "{\"error\":\"no way\"}\n");
}

static void test_an_answer_has_an_end(void **state)
{
    static char text[2 * RECORDER_REPLY_SIZE];
    struct recorder_reply reply = {.size = 0};
    (void)state;
    memset(text, '\n', sizeof text - 1);
    recorder_reply_text(&reply, "a", text);
    recorder_reply_text(&reply, "b", text);
    recorder_reply_number(&reply, "c", UINT64_MAX);
    size_t size = strlen(reply.text);
    assert_true(size < RECORDER_REPLY_SIZE);
    assert_string_equal(reply.text + size - 3, "\"}\n");
}

static void test_a_request_is_read_line_by_line(void **state)
{
    char text[] = "by me\n\nwhy not\nend";
    struct recorder_request request = {.next = text};
    (void)state;
    assert_string_equal(recorder_request_line(&request), "by me");
    assert_string_equal(recorder_request_line(&request), "");
    assert_string_equal(recorder_request_line(&request), "why not");
    assert_string_equal(recorder_request_line(&request), "end");
    assert_null(recorder_request_line(&request));
}

int main(void)
{
#define WITH_RECORDER(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)
    const struct CMUnitTest tests[] = {
        WITH_RECORDER(test_a_verb_alone_is_answered_in_a_line),
        WITH_RECORDER(test_a_flood_without_a_newline_is_left),
        cmocka_unit_test(test_an_answer_is_one_object),
        cmocka_unit_test(test_an_answer_has_an_end),
        cmocka_unit_test(test_a_request_is_read_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
