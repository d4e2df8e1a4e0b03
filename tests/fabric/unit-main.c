// SPDX-License-Identifier: GPL-2.0-only
/*
 * All unit tests as one group: cmocka numbers each group from 1, and TAP wants
 * one numbering for a program.
 */
#include <assert.h>

#include "unit.h"

#define MAX_TESTS	512

static struct CMUnitTest tests[MAX_TESTS];
static size_t nr_tests;

static void add(const struct CMUnitTest *more, size_t nr)
{
	assert(nr_tests + nr <= MAX_TESTS);
	while (nr--)
		tests[nr_tests++] = *more++;
}

#define ADD(name) add(name##_tests, nr_##name##_tests)

int main(void)
{
	ADD(disable);
	ADD(ports);
	ADD(errors);
	ADD(drain);
	ADD(af);
	ADD(reset);
	ADD(restore);
	ADD(contain);
	ADD(exclusion);
	ADD(plan);
	ADD(validate);
	ADD(identity);
	ADD(scan);
	ADD(record);
	ADD(deadline);
	ADD(oops);
	ADD(stages);
	ADD(snapshot);
	ADD(sleep);
	ADD(driver);
	ADD(dry_run);
	return _cmocka_run_group_tests("fabric", tests, nr_tests, NULL, NULL);
}
