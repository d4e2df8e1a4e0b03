// SPDX-License-Identifier: GPL-2.0-only
/* What time there is, and what is left out when it runs out. */
#include "kexec_pci_internal.h"
#include "unit.h"

/* Numbers that no healthy machine writes there. */
static void test_numbers(void **state)
{
	static const struct {
		const char *name;
		u32 ms;
		u32 khz;
		u32 told_ms;
		u32 told_khz;
	} numbers[] = {
		{ "no time", 0, 1000000, 1, 1000000 },
		{ "least", 1, 1000000, 1, 1000000 },
		{ "most", 10000, 1000000, 10000, 1000000 },
		{ "too much", 10001, 1000000, 10000, 1000000 },
		{ "all ones", ~0U, 1000000, 10000, 1000000 },
		{ "no frequency", 2000, 0, 2000, 5000000 },
		{ "too slow", 2000, 99999, 2000, 5000000 },
		{ "slow", 2000, 100000, 2000, 100000 },
		{ "fast", 2000, 10000000, 2000, 10000000 },
		{ "too fast", 2000, 10000001, 2000, 5000000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		unit.row = numbers[i].name;
		unit_begin();
		unit_add(NULL, 0x18, &integrated);
		pciq_ctl.deadline_ms = numbers[i].ms;
		pciq_ctl.tsc_khz = numbers[i].khz;
		unit.quirks = true;
		unit_run(PCIQ_BUSMASTER);
		expect_number(unit.head->deadline_ms, numbers[i].told_ms);
		expect_number(unit.head->tsc_khz, numbers[i].told_khz);
		expect_number(unit.run.until - unit.run.start,
			      (u64)numbers[i].told_ms * numbers[i].told_khz);
	}
}

/* Of 8 ms, 7 for the steps and 1 to give back. */
static void test_gates_end(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f[40];
	u32 i, late = 0;

	(void)state;
	fabric.access_ns = 100000;
	pciq_ctl.deadline_ms = 8;
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		f[i] = unit_add(port, i, &conventional);
	unit_run(PCIQ_ESCALATE);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		bool reached = f[i]->accesses;

		/* In order: who was not reached has nobody reached behind. */
		assert_true(!late || !reached);
		if (reached) {
			expect_told(f[i], QUIET, BY_PLAN);
			expect_number(f[i]->accesses, 3);
		} else {
			expect_told(f[i], UNTOUCHED, BY_DEADLINE);
			late++;
		}
	}
	expect_between(late, 15, 30);
	expect_between(unit.head->tsc[STEP(DRAIN)] - unit.run.start,
		       7 * NS_PER_MS, 7 * NS_PER_MS + 300000);
	/* Errors are given back. */
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2),
		      PCI_BRIDGE_CTL_SERR);
	expect_number(unit_entry(port)->done,
		      PCIQ_DID_MASK | PCIQ_DID_UNMASK);
	assert_true(unit.log[unit.nr - 1].at < unit.run.until);
	expect_verdict(PARTIAL, 40 - late, 40);
}

/* Nobody waits longer for what was reset. */
static void test_wait_is_cut_short(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << NEVER_BACK;
	pciq_ctl.deadline_ms = 400;
	unit_run(PCIQ_RESET);
	expect_between(unit.head->tsc[STEP(UNMASK)] - unit.run.start,
		       350 * NS_PER_MS, 351 * NS_PER_MS);
	expect_number(unit_entry(f)->reason, PCIQ_BY_SILENCE);
}

static void test_late(void **state)
{
	struct pciq_run run = { .start = 1000000, .until = 2000000 };

	(void)state;
	fabric.now = 1500000;
	assert_false(pciq_late(&run, run.until));
	fabric.now = 2000000;
	assert_true(pciq_late(&run, run.until));
	/* It jumped backwards: that is not forever, that is late. */
	fabric.now = 900000;
	assert_true(pciq_late(&run, run.until));
}

static void test_pause(void **state)
{
	struct pciq_run run = { .tsc_khz = 1000000 };
	u64 start = fabric.now;

	(void)state;
	run.start = start;
	pciq_pause(&run, 1000, start + 10 * NS_PER_MS);
	expect_between(fabric.now - start, NS_PER_MS,
		       NS_PER_MS + RELAX_NS + 100);
	start = fabric.now;
	pciq_pause(&run, 1000, start + NS_PER_MS / 2);
	expect_between(fabric.now - start, NS_PER_MS / 2,
		       NS_PER_MS / 2 + RELAX_NS + 100);
	/* A clock that stands still: so many turns at most. */
	fabric.tsc_khz = 0;
	run.start = 0;
	start = fabric.now;
	pciq_pause(&run, 1, 1);
	expect_between(fabric.now - start, 1000 * RELAX_NS,
		       1000 * RELAX_NS + 100000);
}

/* The one thing that is done however late it is. */
static void test_links_are_released(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	u32 i;

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_run(PCIQ_RESET);
	for (i = 0; i < unit.run.nr_funcs; i++)
		if (unit.run.funcs[i].flags & PCIQ_F_BRIDGE)
			break;
	/* As if the time had run out while it was in reset. */
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_BUS_RESET);
	unit.run.work[i].state = STATE_LINK | STATE_ASSERTED;
	fabric.now = unit.run.until + NS_PER_MS;
	unit.run.start = unit.run.until - 1;
	unit.run.work_until = unit.run.until;
	fabric.crashed = true;
	fabric.end_of_time = 0;
	pciq_release_links(&unit.run);
	fabric.crashed = false;
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0);
	/* For 2 ms all the same. */
	expect_between(fabric.now - unit.run.until, 3 * NS_PER_MS,
		       3 * NS_PER_MS + 100000);
}

const struct CMUnitTest deadline_tests[] = {
	UNIT(test_numbers),
	UNIT(test_gates_end),
	UNIT(test_wait_is_cut_short),
	UNIT(test_late),
	UNIT(test_pause),
	UNIT(test_links_are_released),
};

const size_t nr_deadline_tests = ARRAY_SIZE(deadline_tests);
