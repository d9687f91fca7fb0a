// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "keys.h"
#include "prompt.h"

static struct prompt prompt;

static void type(const char *text)
{
    for (; *text != '\0'; text++) {
        prompt_key(&prompt, (unsigned char)*text);
    }
}

static void test_characters_of_any_script_are_typed_and_taken_back_whole(void **state)
{
    (void)state;
    prompt_open(&prompt, PROMPT_SEARCH, "");
    assert_int_equal(prompt_key(&prompt, 'a'), PROMPT_CHANGED);
    assert_int_equal(prompt_key(&prompt, 0xFC), PROMPT_CHANGED);
    assert_int_equal(prompt_key(&prompt, 0x6F22), PROMPT_CHANGED);
    assert_int_equal(prompt_key(&prompt, 0x1F600), PROMPT_CHANGED);
    assert_string_equal(prompt.text, "aü漢😀");
    prompt_key(&prompt, KEY_CODE_BACKSPACE);
    prompt_key(&prompt, KEY_CODE_BACKSPACE);
    assert_string_equal(prompt.text, "aü");
    prompt_key(&prompt, KEY_CODE_LEFT);
    prompt_key(&prompt, 'b');
    assert_string_equal(prompt.text, "abü");
    prompt_key(&prompt, KEY_CODE_DELETE);
    assert_string_equal(prompt.text, "ab");
}

static void test_editing_keys_work_as_in_a_shell(void **state)
{
    (void)state;
    prompt_open(&prompt, PROMPT_FILTER, "plan.* tag.a=b");
    assert_int_equal(prompt.at, prompt.size);
    prompt_key(&prompt, 'w' & 0x1f);
    assert_string_equal(prompt.text, "plan.* ");
    prompt_key(&prompt, KEY_CODE_HOME);
    type("x");
    assert_string_equal(prompt.text, "xplan.* ");
    prompt_key(&prompt, KEY_CODE_END);
    prompt_key(&prompt, 'u' & 0x1f);
    assert_string_equal(prompt.text, "");
    prompt_key(&prompt, KEY_CODE_BACKSPACE);
    prompt_key(&prompt, KEY_CODE_LEFT);
    prompt_key(&prompt, KEY_CODE_RIGHT);
    assert_int_equal(prompt.at, 0);
}

static void test_enter_ends_it_and_escape_leaves_it(void **state)
{
    (void)state;
    prompt_open(&prompt, PROMPT_GO, "");
    assert_int_equal(prompt_key(&prompt, KEY_CODE_TAB), PROMPT_COMPLETE);
    assert_int_equal(prompt_key(&prompt, KEY_CODE_UP), PROMPT_GOES_ON);
    assert_int_equal(prompt_key(&prompt, 1), PROMPT_GOES_ON);
    assert_int_equal(prompt_key(&prompt, KEY_CODE_ENTER), PROMPT_DONE);
    assert_int_equal(prompt_key(&prompt, KEY_CODE_ESCAPE), PROMPT_LEFT);
}

static void test_a_question_takes_nothing_but_yes_for_yes(void **state)
{
    (void)state;
    prompt_open(&prompt, PROMPT_QUESTION, "");
    assert_int_equal(prompt_key(&prompt, 'n'), PROMPT_LEFT);
    assert_int_equal(prompt_key(&prompt, KEY_CODE_ENTER), PROMPT_LEFT);
    assert_int_equal(prompt_key(&prompt, 'y'), PROMPT_DONE);
}

static void test_it_takes_no_more_than_it_has_room_for(void **state)
{
    (void)state;
    prompt_open(&prompt, PROMPT_SEARCH, "");
    for (unsigned i = 0; i < 2 * PROMPT_TEXT_SIZE; i++) {
        prompt_key(&prompt, 0x6F22);
    }
    assert_true(prompt.size < PROMPT_TEXT_SIZE);
    assert_int_equal(strlen(prompt.text), prompt.size);
    assert_int_equal(prompt.size % 3, 0);
}

static void test_a_completion_takes_the_place_of_the_word(void **state)
{
    (void)state;
    prompt_open(&prompt, PROMPT_FILTER, "deal.* pl");
    prompt_replace(&prompt, 7, "plan.*");
    assert_string_equal(prompt.text, "deal.* plan.*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_of_any_script_are_typed_and_taken_back_whole),
        cmocka_unit_test(test_editing_keys_work_as_in_a_shell),
        cmocka_unit_test(test_enter_ends_it_and_escape_leaves_it),
        cmocka_unit_test(test_a_question_takes_nothing_but_yes_for_yes),
        cmocka_unit_test(test_it_takes_no_more_than_it_has_room_for),
        cmocka_unit_test(test_a_completion_takes_the_place_of_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
