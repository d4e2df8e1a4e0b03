// SPDX-License-Identifier: GPL-2.0-only
/* Before a reset: one wait for what is to be reset and has transactions pending. */
#include "unit.h"

#define DRAIN_MS	100

static u16 devsta(const struct function *f)
{
	return f->pcie + PCI_EXP_DEVSTA;
}

/* How often Device Status was read. */
static u32 reads(const struct function *f)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += unit.log[i].f == f && unit.log[i].reg == devsta(f);
	return nr;
}

/* Transactions Pending says nothing of writes (7.5.3.5): not read, no wait. */
static void test_nothing_to_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << PENDS_FOREVER;
	unit_run(PCIQ_ESCALATE);
	expect_number(reads(f), 0);
	expect_none(ALL(RESET));
	expect_recorded(f, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

static void test_nothing_pending(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *a = unit_add(port, 0, &endpoint);
	struct function *b = unit_add(port, 1, &endpoint);
	struct function *apart = unit_add(NULL, 0x20, &integrated);

	(void)state;
	unit_set(a, devsta(a), 2, 0x000f);	/* errors: evidence */
	unit_run(PCIQ_RESET);
	expect_number(reads(a), 1);
	expect_number(reads(b), 1);
	expect_number(reads(apart), 0);
	expect_number(unit_entry(a)->done & PCIQ_DID_DRAIN, 0);
	expect_recorded(a, WAS_RESET, BY_PLAN);
	expect_verdict(CLEAN, 3, 3);
}

static void test_late(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *late = unit_add(port, 0, &endpoint);

	(void)state;
	late->set = 1U << DRAINS_LATE;
	late->us = 5000;
	unit_run(PCIQ_RESET);
	expect_recorded(late, WAS_RESET, BY_PLAN);
	expect_number(unit_entry(late)->done & PCIQ_DID_DRAIN,
		      PCIQ_DID_DRAIN);
	/* Until then, and the 2 ms of the reset. */
	expect_between(unit_took(STEP(RESET)), 6700000, 7300000);
	/* Every 100 us. */
	expect_between(reads(late), 45, 52);
	expect_verdict(CLEAN, 1, 1);
}

static void test_never(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f[8];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		f[i] = unit_add(port, i, &endpoint);
		f[i]->set = 1U << PENDS_FOREVER;
	}
	unit_run(PCIQ_RESET);
	/* All of them in the time of one; then they are reset all the same. */
	expect_between(unit_took(STEP(RESET)), DRAIN_MS * NS_PER_MS,
		       (DRAIN_MS + 3) * NS_PER_MS);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		expect_recorded(f[i], WAS_RESET, BY_PLAN);
	/* Of the first; for the others there was no time to look. */
	expect_number(unit_entry(f[0])->done & PCIQ_DID_DRAIN, PCIQ_DID_DRAIN);
	expect_verdict(CLEAN, 8, 8);
}

/* A refuser has its link reset: so of it, and what is beside it, it is read. */
static void test_refuser(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *beside = unit_add(port, 1, &endpoint);

	(void)state;
	f->set = 1U << STUCK_UNTIL_RESET;
	unit_run(PCIQ_ESCALATE);
	expect_number(reads(f), 1);
	expect_number(reads(beside), 1);
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_recorded(beside, WAS_RESET, BY_LINK);
}

/* What does not respond has nothing pending that would be waited for. */
static void test_no_response(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *dead = unit_add(port, 0, &endpoint);
	struct function *late = unit_add(port, 1, &endpoint);

	(void)state;
	dead->set = 1U << DEAD;
	late->set = 1U << DRAINS_LATE;
	late->us = 1000;
	unit_run(PCIQ_RESET);
	expect_number(reads(dead), 1);
	expect_number(unit_entry(dead)->done & PCIQ_DID_DRAIN, 0);
	expect_between(reads(late), 5, 12);
	expect_between(unit_took(STEP(RESET)), 2700000, 3300000);
}

/* Each in turn: when the first is done, the second was all the time, too. */
static void test_two_late(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *a = unit_add(port, 0, &endpoint);
	struct function *b = unit_add(port, 1, &endpoint);

	(void)state;
	a->set = 1U << DRAINS_LATE;
	a->us = 5000;
	b->set = 1U << DRAINS_LATE;
	b->us = 5000;
	unit_run(PCIQ_RESET);
	expect_between(unit_took(STEP(RESET)), 6700000, 7300000);
	expect_verdict(CLEAN, 2, 2);
}

/* Conventional PCI has no such bit. */
static void test_conventional(void **state)
{
	struct function *bridge = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
	struct function *f = unit_add(bridge, 0, &conventional);

	(void)state;
	unit_run(PCIQ_RESET);
	expect_none(WRITES_OF(RESET, f));
	expect_between(unit_took(STEP(RESET)), 2 * NS_PER_MS, 2100000);
	expect_recorded(f, WAS_RESET, BY_PLAN);
}

const struct CMUnitTest drain_tests[] = {
	UNIT(test_no_response),
	UNIT(test_two_late),
	UNIT(test_conventional),
	UNIT(test_nothing_to_reset),
	UNIT(test_nothing_pending),
	UNIT(test_late),
	UNIT(test_never),
	UNIT(test_refuser),
};

const size_t nr_drain_tests = ARRAY_SIZE(drain_tests);
