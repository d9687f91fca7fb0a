// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "filter_completion.h"

static bool offers(const struct filter_completion *completion, const char *word)
{
    for (size_t i = 0; i < completion->count; i++) {
        if (strcmp(completion->words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static void find(struct filter_completion *completion, const char *text)
{
    filter_completion_find(completion, text, strlen(text));
}

static void test_types_domains_and_fields_are_offered(void **state)
{
    (void)state;
    static struct filter_completion completion;
    find(&completion, "pl");
    assert_true(offers(&completion, "plan.*"));
    assert_true(offers(&completion, "plan_id="));
    assert_string_equal(completion.shared, "plan");
    find(&completion, "plan.cr");
    assert_int_equal(completion.count, 1);
    assert_string_equal(completion.shared, "plan.created");
    find(&completion, "plan.* @dea");
    assert_int_equal(completion.word_at, 7);
    assert_true(offers(&completion, "@deal"));
    find(&completion, "corr");
    assert_string_equal(completion.shared, "correlation_id=");
}

static void test_nothing_is_offered_for_values_and_nonsense(void **state)
{
    (void)state;
    static struct filter_completion completion;
    char text[400];
    find(&completion, "plan_id=P");
    assert_int_equal(completion.count, 0);
    find(&completion, "zzz");
    assert_int_equal(completion.count, 0);
    assert_string_equal(completion.shared, "");
    memset(text, 'p', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    find(&completion, text);
    assert_int_equal(completion.count, 0);
}

static void test_words_are_sorted_bounded_and_each_once(void **state)
{
    (void)state;
    static struct filter_completion completion;
    find(&completion, "");
    assert_true(completion.count > 10 && completion.count <= COMPLETIONS_MAX);
    for (size_t i = 1; i < completion.count; i++) {
        assert_true(strcmp(completion.words[i - 1], completion.words[i]) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_domains_and_fields_are_offered),
        cmocka_unit_test(test_nothing_is_offered_for_values_and_nonsense),
        cmocka_unit_test(test_words_are_sorted_bounded_and_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
