/* SPDX-License-Identifier: GPL-2.0-only */
/* What a fuzz target has, and how it says that something is wrong.  */
#ifndef MSITRACE_TESTS_FUZZ_H
#define MSITRACE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_fail(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

#define FUZZ_STR_(x) #x
#define FUZZ_STR(x) FUZZ_STR_(x)
#define FUZZ_ASSERT(cond)                                                                         \
	do {                                                                                      \
		if (!(cond))                                                                      \
			fuzz_fail(__FILE__ ":" FUZZ_STR(__LINE__) ": not true: " #cond);          \
	} while (0)

#endif
