// SPDX-License-Identifier: MIT
#include "builtin_catalogs.h"

// The assembler copies the file; an array in C of this size takes the compiler seconds.
__asm__(".pushsection .rodata\n"
        ".globl builtin_catalogs\n"
        ".hidden builtin_catalogs\n"
        "builtin_catalogs:\n"
        ".incbin \"" BUILTIN_CATALOGS_PATH "\"\n"
        ".globl builtin_catalogs_end\n"
        ".hidden builtin_catalogs_end\n"
        "builtin_catalogs_end:\n"
        ".byte 0\n"
        ".globl builtin_options\n"
        ".hidden builtin_options\n"
        "builtin_options:\n"
        ".incbin \"" BUILTIN_OPTIONS_PATH "\"\n"
        ".byte 0\n"
        ".popsection\n");
