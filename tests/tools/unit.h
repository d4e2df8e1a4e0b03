/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of kexec-quiesce's parsers have in common. */
#ifndef TESTS_TOOLS_UNIT_H
#define TESTS_TOOLS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail	/* ours is meant */

#include "base/compiler.h"
#include "base/fail.h"

/* A fixed sequence: a failure can be repeated. */
static inline __u32 next_random(__u32 *seed)
{
	__u32 x = *seed;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*seed = x;
	return x;
}

#endif /* TESTS_TOOLS_UNIT_H */
