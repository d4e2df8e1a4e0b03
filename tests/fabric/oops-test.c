// SPDX-License-Identifier: GPL-2.0-only
/*
 * An oops, a panic or a machine check at each point of the routine in turn: resets
 * are ended, what was masked is undone, and the verdict is "aborted".
 */
#include "unit.h"

#define BAR		0xfe000000U
#define SLOT_EVENT	(PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC)
#define ERRORS		(PCI_BRIDGE_CTL_SERR | PCI_BRIDGE_CTL_VGA)

static struct function *port, *refuser, *neighbor, *plain, *alone;
static u64 oops_ns;

static void small_machine(void)
{
	unit_begin();
	/* Few events while nothing happens. */
	fabric.relax_ns = NS_PER_MS;
	unit.oops_ns = oops_ns;
	port = unit_bridge(NULL, 8, &root_port, 1, 1);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, ERRORS);
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, PCI_EXP_DPC_CTL_EN_FATAL);
	unit_set(port, port->pcie + PCI_EXP_SLTSTA, 2, SLOT_EVENT);
	refuser = unit_add(port, 0, &endpoint);
	unit_set(refuser, PCI_BASE_ADDRESS_0, 4, BAR);
	refuser->set = 1U << STUCK_UNTIL_RESET;
	neighbor = unit_add(port, 1, &endpoint);
	unit_set(neighbor, PCI_BASE_ADDRESS_0, 4, BAR);
	/* No address: nothing shows that it was not reset. */
	plain = unit_add(port, 2, &endpoint);
	alone = unit_add(NULL, 0x18, &integrated_with_flr);
	unit_set(alone, PCI_BASE_ADDRESS_0, 4, BAR);
	unit_set(alone, alone->pcie + PCI_EXP_DEVCTL, 2, 0x280f);
	alone->set = 1U << STUCK_UNTIL_RESET;
}

/* Nothing of an earlier run may matter. */
static void spoil_work(void)
{
	memset(pciq_memory.work, 0xa5,
	       pciq_memory.room * sizeof(struct pciq_work));
}

/* False if it was over before. */
static bool interrupt(u32 event, bool after, bool machine_check)
{
	static char row[32];

	snprintf(row, sizeof(row), "event %u, %s it", event,
		 after ? "after" : "before");
	unit.row = row;
	small_machine();
	pciq_ctl.policy = PCIQ_ESCALATE;
	unit_snapshot();
	spoil_work();
	unit_crash();
	fabric.escape_at = event;
	fabric.escape_after = after;
	fabric.machine_check = machine_check;
	unit_go();
	return fabric.escaped;
}

/* A write whose effect is not known may not be undone. */
static bool is_as_it_was(const struct function *f, u16 reg, u16 value)
{
	return f->interrupted || unit_get(f, reg, 2) == value;
}

static void check(void)
{
	assert_non_null(unit.head);
	expect_number(unit.head->verdict, PCIQ_ABORTED);
	assert_true(unit.head->tsc[STEP(DONE)] > 0);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2) &
		      PCI_BRIDGE_CTL_BUS_RESET, 0);
	/* Of before the crash: evidence. */
	expect_number(unit_get(port, port->pcie + PCI_EXP_SLTSTA, 2) &
		      SLOT_EVENT, SLOT_EVENT);
}

static void check_configured(void)
{
	u32 i;

	/* Nobody is restored, or recorded as reset, for whom none was written. */
	for (i = 0; i < fabric.nr && unit.head->nr_entries; i++) {
		const struct function *f = fabric.functions[i];
		const struct pciq_entry *entry = unit_entry(f);

		if (f == port || was_reset(f) || entry->done & PCIQ_DID_FLR ||
		    (f->parent && unit_entry(port)->done & PCIQ_DID_ASSERT))
			continue;
		expect_number(entry->done & PCIQ_DID_RESTORE, 0);
		assert_int_not_equal(entry->outcome, PCIQ_WAS_RESET);
	}
	assert_true(link_reaches(neighbor));
	assert_true(is_as_it_was(port, PCI_BRIDGE_CONTROL, ERRORS));
	expect_number(unit_get(refuser, PCI_BASE_ADDRESS_0, 4), BAR);
	expect_number(unit_get(neighbor, PCI_BASE_ADDRESS_0, 4), BAR);
	expect_number(unit_get(alone, PCI_BASE_ADDRESS_0, 4), BAR);
	assert_true(is_as_it_was(port, port->dpc + PCI_EXP_DPC_CTL,
				 PCI_EXP_DPC_CTL_EN_FATAL));
	assert_true(is_as_it_was(alone, alone->pcie + PCI_EXP_DEVCTL, 0x280f));
}

static void check_each_event(void)
{
	u32 event, after, nr, met[2] = { 0 };

	assert_false(interrupt(0, false, false));
	expect_verdict(CLEAN, 4, 4);
	expect_recorded(plain, WAS_RESET, BY_LINK);
	nr = fabric.events;
	for (after = 0; after < 2; after++)
		for (event = 1; event <= nr; event++) {
			/* What is no access has no "after". */
			if (!interrupt(event, after, false))
				continue;
			check();
			check_configured();
			met[after]++;
		}
	expect_number(met[0], nr);
	expect_between(met[1], nr * 9 / 10, nr);
}

/* It may print itself to a serial line for longer than any reset takes. */
static void test_each_event(void **state)
{
	static const u64 ms[] = { 0, 50, 3000 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ms); i++) {
		oops_ns = ms[i] * NS_PER_MS;
		check_each_event();
	}
	oops_ns = 0;
}

/* A second one would be the end: links are released, and that is all. */
static void test_machine_check(void **state)
{
	u32 event, nr, left = 0, masked = 0;

	(void)state;
	assert_false(interrupt(0, false, true));
	nr = fabric.events;
	for (event = 1; event <= nr; event++) {
		assert_true(interrupt(event, false, true));
		check();
		fabric.now += 1000 * NS_PER_MS;
		assert_true(link_reaches(neighbor));
		left += !unit_get(neighbor, PCI_BASE_ADDRESS_0, 4);
		masked += unit_get(port, PCI_BRIDGE_CONTROL, 2) != ERRORS;
	}
	expect_between(left, 1, nr);
	expect_between(masked, 1, nr);
}

/* The step shows where it was. */
static void test_step_is_recorded(void **state)
{
	(void)state;
	/* The first probe of the snapshot. */
	assert_true(interrupt(1, false, false));
	expect_number(unit.head->step, PCIQ_STEP_VALIDATE);
	expect_number(unit.head->nr_entries, 0);
}

/* The step, and with which access it went wrong. */
static void test_where_it_was(void **state)
{
	enum pciq_step last = PCIQ_STEP_VALIDATE;
	u32 seen = 0, event;

	(void)state;
	for (event = 1; interrupt(event, false, false); event++) {
		assert_true(unit.head->step < PCIQ_STEP_DONE);
		assert_true(unit.head->step >= last);
		last = unit.head->step;
		seen |= 1U << last;
		/* Of what was not done by then nothing else is said. */
		if (unit.head->step == PCIQ_STEP_VALIDATE &&
		    unit.head->nr_entries)
			expect_recorded(neighbor, UNTOUCHED, BY_DEADLINE);
	}
	/* No access in "contain", as nothing is left for that. */
	expect_number(seen, 1U << PCIQ_STEP_VALIDATE | 1U << PCIQ_STEP_DISABLE |
		      1U << PCIQ_STEP_PORTS | 1U << PCIQ_STEP_RESET |
		      1U << PCIQ_STEP_READY | 1U << PCIQ_STEP_UNDO);
}

/* Another one while the first is dealt with. */
static u32 second_at;

static void again(const struct access *access)
{
	(void)access;
	if (fabric.escaped == 1 && !fabric.escape_at)
		fabric.escape_at = fabric.events + second_at;
}

static void test_second_oops(void **state)
{
	u32 first, nr, met = 0;

	(void)state;
	assert_false(interrupt(0, false, false));
	nr = fabric.events;
	for (first = 1; first <= nr; first += 7) {
		for (second_at = 1; second_at < 60; second_at += 3) {
			small_machine();
			unit.quirks = true;	/* two are one too many for it */
			unit_snapshot();
			spoil_work();
			unit_crash();
			unit.on_access = again;
			fabric.escape_at = first;
			unit_go();
			assert_true(fabric.escaped > 0);
			met += fabric.escaped > 1;
			/* Links are released, whatever else there is. */
			expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2) &
				      PCI_BRIDGE_CTL_BUS_RESET, 0);
			expect_number(unit.head->verdict, PCIQ_ABORTED);
		}
	}
	assert_true(met > 20);
}

/* Printing the oops took longer than there was time. */
static void test_deadline_begins_anew(void **state)
{
	struct pciq_run *run = &unit.run;

	(void)state;
	small_machine();
	unit_snapshot();
	unit_crash();
	unit_go();
	assert_non_null(run->resets);
	fabric.now += 100000 * NS_PER_MS;
	pciq_recover(run);
	expect_between(run->until - fabric.now, 9990 * NS_PER_MS,
		       10000 * NS_PER_MS);
	expect_between(run->work_until - fabric.now, 8740 * NS_PER_MS,
		       8750 * NS_PER_MS);
}

/* Before there was a record there is nothing to end. */
static void test_before_it_began(void **state)
{
	struct pciq_run run = { 0 };

	(void)state;
	pciq_recover(&run);
	pciq_abort(&run);
	assert_null(run.record);
}

const struct CMUnitTest oops_tests[] = {
	UNIT(test_each_event),
	UNIT(test_machine_check),
	UNIT(test_step_is_recorded),
	UNIT(test_where_it_was),
	UNIT(test_second_oops),
	UNIT(test_deadline_begins_anew),
	UNIT(test_before_it_began),
};

const size_t nr_oops_tests = ARRAY_SIZE(oops_tests);
