// SPDX-License-Identifier: GPL-2.0-only
/*
 * An oops, a panic or a machine check at each point of the routine in turn: what
 * was begun is ended, what was taken is given back, and the verdict is "aborted".
 */
#include "unit.h"

#define BAR		0xfe000000U
#define SLOT_EVENT	(PCI_EXP_SLTSTA_PDS | PCI_EXP_SLTSTA_PDC)
#define ERRORS		(PCI_BRIDGE_CTL_SERR | PCI_BRIDGE_CTL_VGA)

static struct function *port, *refuser, *neighbour, *alone;

static void small_machine(void)
{
	unit_begin();
	/* Few events while nothing happens. */
	fabric.relax_ns = NS_PER_MS;
	port = unit_bridge(NULL, 8, &root_port, 1, 1);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, ERRORS);
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, PCI_EXP_DPC_CTL_EN_FATAL);
	unit_set(port, port->pcie + PCI_EXP_SLTSTA, 2, SLOT_EVENT);
	refuser = unit_add(port, 0, &endpoint);
	unit_set(refuser, PCI_BASE_ADDRESS_0, 4, BAR);
	refuser->set = 1U << STUCK_UNTIL_RESET;
	neighbour = unit_add(port, 1, &endpoint);
	unit_set(neighbour, PCI_BASE_ADDRESS_0, 4, BAR);
	alone = unit_add(NULL, 0x18, &integrated_with_flr);
	unit_set(alone, PCI_BASE_ADDRESS_0, 4, BAR);
	unit_set(alone, alone->pcie + PCI_EXP_DEVCTL, 2, 0x280f);
	alone->set = 1U << STUCK_UNTIL_RESET;
}

/* The healthy side gives zeroed pages; the model's are as they come. */
static void blank_work(void)
{
	const struct pciq_image *image = pciq_newest();

	memset((u8 *)(unsigned long)image->record_virt + image->record_bytes, 0,
	       image->nr_funcs * sizeof(struct pciq_work));
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
	unit_capture();
	blank_work();
	unit_crash();
	fabric.escape_at = event;
	fabric.escape_after = after;
	fabric.machine_check = machine_check;
	unit_go();
	return fabric.escaped;
}

/* A write whose effect is not known may not be given back. */
static bool is_as_it_was(const struct function *f, u16 reg, u16 value)
{
	return f->interrupted || unit_get(f, reg, 2) == value;
}

static void check(void)
{
	assert_non_null(unit.head);
	expect_number(unit.head->verdict, PCIQ_ABORTED);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2) &
		      PCI_BRIDGE_CTL_BUS_RESET, 0);
	/* Of before the crash: evidence. */
	expect_number(unit_get(port, port->pcie + PCI_EXP_SLTSTA, 2) &
		      SLOT_EVENT, SLOT_EVENT);
}

static void check_configured(void)
{
	assert_true(link_reaches(neighbour));
	assert_true(is_as_it_was(port, PCI_BRIDGE_CONTROL, ERRORS));
	expect_number(unit_get(refuser, PCI_BASE_ADDRESS_0, 4), BAR);
	expect_number(unit_get(neighbour, PCI_BASE_ADDRESS_0, 4), BAR);
	expect_number(unit_get(alone, PCI_BASE_ADDRESS_0, 4), BAR);
	assert_true(is_as_it_was(port, port->dpc + PCI_EXP_DPC_CTL,
				 PCI_EXP_DPC_CTL_EN_FATAL));
	assert_true(is_as_it_was(alone, alone->pcie + PCI_EXP_DEVCTL, 0x280f));
}

static void test_each_event(void **state)
{
	u32 event, after, nr, met[2] = { 0 };

	(void)state;
	assert_false(interrupt(0, false, false));
	expect_verdict(CLEAN, 3, 3);
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
		assert_true(link_reaches(neighbour));
		left += !unit_get(neighbour, PCI_BASE_ADDRESS_0, 4);
		masked += unit_get(port, PCI_BRIDGE_CONTROL, 2) != ERRORS;
	}
	expect_between(left, 1, nr);
	expect_between(masked, 1, nr);
}

/* The step tells where it was. */
static void test_step_is_told(void **state)
{
	(void)state;
	/* Some probes of the image, then the first access. */
	assert_true(interrupt(1, false, false));
	expect_number(unit.head->step, PCIQ_STEP_VALIDATE);
	expect_number(unit.head->nr_entries, 0);
}

/* Printing the oops took longer than there was time. */
static void test_deadline_begins_anew(void **state)
{
	struct pciq_run *run = &unit.run;

	(void)state;
	small_machine();
	unit_capture();
	unit_crash();
	unit_go();
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
	UNIT(test_step_is_told),
	UNIT(test_deadline_begins_anew),
	UNIT(test_before_it_began),
};

const size_t nr_oops_tests = ARRAY_SIZE(oops_tests);
