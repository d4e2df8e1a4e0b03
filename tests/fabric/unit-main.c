// SPDX-License-Identifier: GPL-2.0-only
/*
 * All unit tests as one group: cmocka numbers each group from 1, and TAP wants
 * one numbering for a program.
 */
#include "unit.h"

#define MAX_TESTS	256

static struct CMUnitTest tests[MAX_TESTS];
static size_t nr_tests;

static void add(const struct CMUnitTest *more, size_t nr)
{
	while (nr-- && nr_tests < MAX_TESTS)
		tests[nr_tests++] = *more++;
}

#define ADD(name) add(name##_tests, nr_##name##_tests)

int main(void)
{
	ADD(gate);
	ADD(errors);
	ADD(drain);
	ADD(reset);
	ADD(restore);
	ADD(contain);
	ADD(exclusion);
	ADD(image);
	ADD(window);
	ADD(walk);
	ADD(record);
	ADD(deadline);
	ADD(oops);
	ADD(capture);
	ADD(sleep);
	ADD(driver);
	ADD(dry_run);
	return _cmocka_run_group_tests("fabric", tests, nr_tests, NULL, NULL);
}
