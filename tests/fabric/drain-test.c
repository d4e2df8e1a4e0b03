// SPDX-License-Identifier: GPL-2.0-only
/* Step "drain": one wait for what is about to be reset and has transactions pending. */
#include "unit.h"

#define DRAIN_MS	100

static u16 devsta(const struct function *f)
{
	return f->pcie + PCI_EXP_DEVSTA;
}

/* How often Device Status was read. */
static u32 asked(const struct function *f)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += unit.log[i].f == f && unit.log[i].reg == devsta(f);
	return nr;
}

/* Transaction Pending says nothing of writes (7.5.3.5): nobody asks, nobody waits. */
static void test_nothing_to_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << PENDS_FOREVER;
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(DRAIN));
	expect_none(ALL(RESET));
	expect_told(f, QUIET, BY_PLAN);
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
	expect_number(asked(a), 1);
	expect_number(asked(b), 1);
	expect_number(asked(apart), 0);
	expect_number(unit_entry(a)->done & PCIQ_DID_DRAIN, 0);
	expect_told(a, WAS_RESET, BY_PLAN);
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
	expect_told(late, WAS_RESET, BY_PLAN);
	expect_number(unit_entry(late)->done & PCIQ_DID_DRAIN,
		      PCIQ_DID_DRAIN);
	expect_between(unit_took(STEP(DRAIN)), 4900000, 5300000);
	/* Every 100 us. */
	expect_between(asked(late), 45, 52);
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
	expect_between(unit_took(STEP(DRAIN)), DRAIN_MS * NS_PER_MS,
		       (DRAIN_MS + 1) * NS_PER_MS);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		expect_number(unit_entry(f[i])->done & PCIQ_DID_DRAIN,
			      PCIQ_DID_DRAIN);
		expect_told(f[i], WAS_RESET, BY_PLAN);
	}
	expect_verdict(CLEAN, 8, 8);
}

/* A refuser has its link reset: so it, and what is beside it, is asked. */
static void test_refuser(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *beside = unit_add(port, 1, &endpoint);

	(void)state;
	f->set = 1U << STUCK_UNTIL_RESET;
	unit_run(PCIQ_ESCALATE);
	expect_number(asked(f), 1);
	expect_number(asked(beside), 1);
	expect_told(f, WAS_RESET, BY_BME);
	expect_told(beside, WAS_RESET, BY_LINK);
}

const struct CMUnitTest drain_tests[] = {
	UNIT(test_nothing_to_reset),
	UNIT(test_nothing_pending),
	UNIT(test_late),
	UNIT(test_never),
	UNIT(test_refuser),
};

const size_t nr_drain_tests = ARRAY_SIZE(drain_tests);
