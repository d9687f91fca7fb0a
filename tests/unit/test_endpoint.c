// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "wire/endpoint.h"

static struct oyez_endpoint parse(const char *text)
{
    struct oyez_endpoint endpoint;

    assert_int_equal(oyez_endpoint_parse(&endpoint, text), OYEZ_OK);
    return endpoint;
}

static void assert_refused(const char *text, const char *why)
{
    struct oyez_endpoint endpoint = {.port = 4711};

    if (oyez_endpoint_parse(&endpoint, text) != OYEZ_ERR_INVALID)
        fail_msg("accepted: %s", text);
    if (strstr(oyez_error_detail(), why) == NULL)
        fail_msg("%s does not say: %s", oyez_error_detail(), why);
    assert_int_equal(endpoint.port, 4711);
}

static void test_tcp_has_a_host_and_a_port(void **state)
{
    (void)state;
    struct oyez_endpoint endpoint = parse("tcp://127.0.0.1:5570");

    assert_int_equal(endpoint.transport, OYEZ_TRANSPORT_TCP);
    assert_string_equal(endpoint.host, "127.0.0.1");
    assert_int_equal(endpoint.port, 5570);
    assert_int_equal(parse("tcp://bus-1.example:65535").port, 65535);
    assert_string_equal(parse("tcp://*:1").host, "*");
}

static void test_ipv6_stands_in_brackets(void **state)
{
    (void)state;
    assert_string_equal(parse("tcp://[::1]:5570").host, "[::1]");
    assert_string_equal(parse("tcp://[fe80::1%eth0]:5570").host, "[fe80::1%eth0]");
    assert_refused("tcp://::1:5570", "brackets");
    assert_refused("tcp://[::1:5570", "brackets");
    assert_refused("tcp://[::1]]:5570", "brackets");
    assert_refused("tcp://[::1]%a]:5570", "brackets");
    assert_refused("tcp://[]:5570", "brackets");
    assert_refused("tcp://[:5570", "brackets");
    assert_refused("tcp://[fe80::1%]:5570", "brackets");
    assert_refused("tcp://[fe80::1%e/0]:5570", "brackets");
    assert_refused("tcp://[127.0.0.1]:5570", "brackets");
    assert_refused("tcp://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1", "brackets");
}

static void test_a_star_or_zero_is_any_free_port(void **state)
{
    (void)state;
    assert_int_equal(parse("tcp://127.0.0.1:*").port, 0);
    assert_int_equal(parse("tcp://127.0.0.1:0").port, 0);
}

static void test_ipc_and_inproc_have_a_name(void **state)
{
    (void)state;
    assert_int_equal(parse("ipc:///run/oyez/bus").transport, OYEZ_TRANSPORT_IPC);
    assert_string_equal(parse("ipc:///run/oyez/bus").host, "/run/oyez/bus");
    assert_int_equal(parse("inproc://bus").transport, OYEZ_TRANSPORT_INPROC);
    assert_string_equal(parse("inproc://bus").host, "bus");
}

static void test_an_ipc_path_has_at_most_100_bytes(void **state)
{
    (void)state;
    char text[200];

    snprintf(text, sizeof(text), "ipc://%0100d", 1);
    assert_int_equal(strlen(parse(text).host), 100);
    snprintf(text, sizeof(text), "ipc://%0101d", 1);
    assert_refused(text, "100 bytes");
}

static void test_an_inproc_name_or_a_host_has_at_most_240_bytes(void **state)
{
    (void)state;
    char text[400];
    char formatted[OYEZ_ENDPOINT_SIZE_MAX];
    struct oyez_endpoints three;

    snprintf(text, sizeof(text), "inproc://%0240d", 1);
    struct oyez_endpoint endpoint = parse(text);
    assert_int_equal(oyez_endpoints_derive(&three, &endpoint), OYEZ_OK);
    assert_int_equal(strlen(three.egress), 9 + 240 + 4);
    snprintf(text, sizeof(text), "inproc://%0241d", 1);
    assert_refused(text, "240 bytes");
    snprintf(text, sizeof(text), "tcp://%0240d:65535", 1);
    endpoint = parse(text);
    oyez_endpoint_format(&endpoint, formatted);
    assert_string_equal(formatted, text);
    snprintf(text, sizeof(text), "tcp://%0241d:1", 1);
    assert_refused(text, "host");
}

static void test_what_is_no_endpoint_is_refused_with_the_forms_there_are(void **state)
{
    (void)state;
    const char *forms = "tcp://HOST:PORT, ipc://PATH or inproc://NAME";

    assert_refused(NULL, forms);
    assert_refused("", forms);
    assert_refused("127.0.0.1:5570", "unknown transport");
    assert_refused("TCP://127.0.0.1:5570", "unknown transport");
    assert_refused("udp://127.0.0.1:5570", "unknown transport");
    assert_refused("tcp://127.0.0.1", "no port");
    assert_refused("tcp://127.0.0.1:", "port");
    assert_refused("tcp://127.0.0.1:65536", "port");
    assert_refused("tcp://127.0.0.1:99999999999999999999", "port");
    assert_refused("tcp://127.0.0.1:-1", "port");
    assert_refused("tcp://127.0.0.1:5570/", "port");
    assert_refused("tcp://:5570", "host");
    assert_refused("tcp://a b:5570", "host");
    assert_refused("tcp://eth0;127.0.0.1:5570", "host");
    assert_refused("ipc://", forms);
    assert_refused("ipc://*", "of its own");
    assert_refused("ipc:///run/a\nb", "control character");
    assert_refused("inproc://", forms);
}

static void test_a_refusal_quotes_even_a_huge_text(void **state)
{
    (void)state;
    static char text[100000];

    memset(text, 'x', sizeof(text) - 1);
    assert_refused(text, "unknown transport");
}

static void test_format_gives_back_what_was_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"tcp://127.0.0.1:5570", "tcp://[::1]:1", "tcp://host:*",
                                        "ipc:///run/bus", "inproc://bus"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct oyez_endpoint endpoint = parse(texts[i]);
        char text[OYEZ_ENDPOINT_SIZE_MAX];
        oyez_endpoint_format(&endpoint, text);
        assert_string_equal(text, texts[i]);
    }
}

static bool local(const char *text)
{
    struct oyez_endpoint endpoint = parse(text);

    return oyez_endpoint_is_local(&endpoint);
}

static void test_loopback_ipc_and_inproc_are_local(void **state)
{
    (void)state;
    assert_true(local("tcp://127.0.0.1:1"));
    assert_true(local("tcp://127.255.0.9:1"));
    assert_true(local("tcp://localhost:1"));
    assert_true(local("tcp://[::1]:1"));
    assert_true(local("tcp://[0:0:0:0:0:0:0:1]:1"));
    assert_true(local("tcp://[::ffff:127.0.0.1]:1"));
    assert_true(local("ipc:///run/bus"));
    assert_true(local("inproc://bus"));
}

static void test_everything_else_is_not_local(void **state)
{
    (void)state;
    assert_false(local("tcp://*:1"));
    assert_false(local("tcp://0.0.0.0:1"));
    assert_false(local("tcp://128.0.0.1:1"));
    assert_false(local("tcp://10.127.0.1:1"));
    assert_false(local("tcp://127.0.0.1.example:1"));
    assert_false(local("tcp://localhost.example:1"));
    assert_false(local("tcp://eth0:1"));
    assert_false(local("tcp://[::]:1"));
    assert_false(local("tcp://[fe80::1%lo]:1"));
    assert_false(local("tcp://[::ffff:128.0.0.1]:1"));
}

static struct oyez_endpoints derive(const char *text)
{
    struct oyez_endpoint control = parse(text);
    struct oyez_endpoints three;

    assert_int_equal(oyez_endpoints_derive(&three, &control), OYEZ_OK);
    return three;
}

static void test_tcp_takes_the_next_two_ports(void **state)
{
    (void)state;
    struct oyez_endpoints three = derive("tcp://[::1]:65533");

    assert_string_equal(three.control, "tcp://[::1]:65533");
    assert_string_equal(three.ingress, "tcp://[::1]:65534");
    assert_string_equal(three.egress, "tcp://[::1]:65535");
}

static void test_tcp_without_room_for_two_more_ports_is_refused(void **state)
{
    (void)state;
    struct oyez_endpoint control = parse("tcp://127.0.0.1:65534");
    struct oyez_endpoints three;

    assert_int_equal(oyez_endpoints_derive(&three, &control), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "65534"));
}

static void test_three_free_ports_come_from_any_free_port(void **state)
{
    (void)state;
    struct oyez_endpoints three = derive("tcp://127.0.0.1:*");

    assert_string_equal(three.control, "tcp://127.0.0.1:*");
    assert_string_equal(three.ingress, "tcp://127.0.0.1:*");
    assert_string_equal(three.egress, "tcp://127.0.0.1:*");
}

static void test_ipc_and_inproc_take_suffixes(void **state)
{
    (void)state;
    struct oyez_endpoints three = derive("ipc:///run/bus");

    assert_string_equal(three.control, "ipc:///run/bus");
    assert_string_equal(three.ingress, "ipc:///run/bus.in");
    assert_string_equal(three.egress, "ipc:///run/bus.out");
    assert_string_equal(derive("inproc://bus").ingress, "inproc://bus.in");
}

static void test_a_client_applies_the_port_differences_to_the_port_it_reached(void **state)
{
    (void)state;
    const struct oyez_endpoints bound = {"tcp://0.0.0.0:40007", "tcp://0.0.0.0:40001",
                                         "tcp://0.0.0.0:40019"};
    struct oyez_endpoints three;

    assert_int_equal(oyez_endpoints_reach(&three, "tcp://gate:7007", &bound), OYEZ_OK);
    assert_string_equal(three.control, "tcp://gate:7007");
    assert_string_equal(three.ingress, "tcp://gate:7001");
    assert_string_equal(three.egress, "tcp://gate:7019");
}

static void test_a_client_on_ipc_needs_nothing_but_the_path_it_reached(void **state)
{
    (void)state;
    const struct oyez_endpoints bound = {"ipc:///inside", "ipc:///inside.in", "ipc:///inside.out"};
    struct oyez_endpoints three;

    assert_int_equal(oyez_endpoints_reach(&three, "ipc:///outside", &bound), OYEZ_OK);
    assert_string_equal(three.ingress, "ipc:///outside.in");
    assert_string_equal(three.egress, "ipc:///outside.out");
}

static void assert_no_way(const char *reached, const char *control, const char *ingress,
                          const char *egress, oyez_err expected)
{
    struct oyez_endpoints bound;
    struct oyez_endpoints three = {.control = "untouched"};

    snprintf(bound.control, sizeof(bound.control), "%s", control);
    snprintf(bound.ingress, sizeof(bound.ingress), "%s", ingress);
    snprintf(bound.egress, sizeof(bound.egress), "%s", egress);
    assert_int_equal(oyez_endpoints_reach(&three, reached, &bound), expected);
    assert_string_equal(three.control, "untouched");
}

static void test_a_broker_that_tells_nonsense_is_not_followed(void **state)
{
    (void)state;
    const char *reached = "tcp://gate:7007";
    const char *good = "tcp://0.0.0.0:40000";

    assert_no_way(reached, "nonsense", good, good, OYEZ_ERR_MALFORMED);
    assert_no_way(reached, good, "ipc:///bus", good, OYEZ_ERR_MALFORMED);
    assert_no_way(reached, good, good, "tcp://0.0.0.0:*", OYEZ_ERR_MALFORMED);
    assert_no_way(reached, good, good, "", OYEZ_ERR_MALFORMED);
    assert_no_way(reached, good, "tcp://0.0.0.0:1", good, OYEZ_ERR_INVALID);
    assert_no_way("tcp://gate:65535", good, good, "tcp://0.0.0.0:40001", OYEZ_ERR_INVALID);
    assert_no_way("tcp://gate:*", good, "tcp://0.0.0.0:40001", "tcp://0.0.0.0:40002",
                  OYEZ_ERR_INVALID);
    assert_no_way("nonsense", good, good, good, OYEZ_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp_has_a_host_and_a_port),
        cmocka_unit_test(test_ipv6_stands_in_brackets),
        cmocka_unit_test(test_a_star_or_zero_is_any_free_port),
        cmocka_unit_test(test_ipc_and_inproc_have_a_name),
        cmocka_unit_test(test_an_ipc_path_has_at_most_100_bytes),
        cmocka_unit_test(test_an_inproc_name_or_a_host_has_at_most_240_bytes),
        cmocka_unit_test(test_what_is_no_endpoint_is_refused_with_the_forms_there_are),
        cmocka_unit_test(test_a_refusal_quotes_even_a_huge_text),
        cmocka_unit_test(test_format_gives_back_what_was_read),
        cmocka_unit_test(test_loopback_ipc_and_inproc_are_local),
        cmocka_unit_test(test_everything_else_is_not_local),
        cmocka_unit_test(test_tcp_takes_the_next_two_ports),
        cmocka_unit_test(test_tcp_without_room_for_two_more_ports_is_refused),
        cmocka_unit_test(test_three_free_ports_come_from_any_free_port),
        cmocka_unit_test(test_ipc_and_inproc_take_suffixes),
        cmocka_unit_test(test_a_client_applies_the_port_differences_to_the_port_it_reached),
        cmocka_unit_test(test_a_client_on_ipc_needs_nothing_but_the_path_it_reached),
        cmocka_unit_test(test_a_broker_that_tells_nonsense_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
