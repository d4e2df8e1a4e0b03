// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has no power is not read, not reset and not held against anybody; what
 * merely does not respond is.
 */
#include "unit.h"

/* A port that reports Link Active, a switch, and what may sleep below it. */
static struct function *root, *port, *gpu, *audio, *other;

static void lay(void)
{
	root = unit_bridge(NULL, 8, &root_port, 1, 3);
	port = unit_bridge(unit_bridge(root, 0, &upstream_port, 2, 3), 0,
			   &downstream_port, 3, 3);
	gpu = unit_add(port, 0, &endpoint);
	audio = unit_add(port, 1, &endpoint);
	other = unit_add(NULL, 0x18, &integrated);
}

/* A laptop's GPU that is off: nothing said so, and nothing is written or reset. */
static void test_fell_asleep(void **state)
{
	unsigned int policy;

	(void)state;
	for (policy = PCIQ_BUSMASTER; policy < PCIQ_NR_POLICIES;
	     policy++) {
		unit_begin();
		lay();
		pciq_ctl.policy = policy;
		unit_capture();
		topology_sleep_below(port);
		unit_crash();
		unit_go();
		expect_number(gpu->accesses + audio->accesses, 0);
		expect_number(port->asserts + root->asserts, 0);
		expect_number(unit.head->ports_contained, 0);
		expect_told(gpu, ABSENT, BY_SLEEP);
		expect_told(audio, ABSENT, BY_SLEEP);
		expect_verdict(CLEAN, 1, 1);
	}
}

/* All that is below it, however deep. */
static void test_whole_hierarchy(void **state)
{
	(void)state;
	lay();
	pciq_ctl.policy = PCIQ_RESET;
	unit_capture();
	topology_sleep_below(root);
	unit_crash();
	unit_go();
	expect_number(port->accesses + port->parent->accesses, 0);
	expect_told(port, ABSENT, BY_SLEEP);
	expect_told(gpu, ABSENT, BY_SLEEP);
	expect_number(root->asserts, 0);
	expect_verdict(CLEAN, 1, 1);
}

/* Asleep when it was captured, and the port is in D0 since. */
static void test_woke(void **state)
{
	(void)state;
	lay();
	topology_sleep_below(port);
	gpu->offline = true;
	audio->offline = true;
	unit_capture();
	topology_wake_below(port);
	unit_crash();
	unit_go();
	expect_number(unit_get(gpu, PCI_COMMAND, 2), GATED);
	expect_told(gpu, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 3, 3);
}

/*
 * In D3cold by itself, below a port in D0 or on the root bus: nothing that may be
 * read shows whether it still is.
 */
static void test_own_power(void **state)
{
	(void)state;
	lay();
	gpu->asleep = true;
	gpu->own_power = true;
	gpu->offline = true;
	other->asleep = true;
	other->own_power = true;
	other->offline = true;
	unit_run(PCIQ_RESET);
	expect_number(gpu->accesses + other->accesses, 0);
	expect_told(gpu, UNTOUCHED, BY_SLEEP);
	expect_told(other, UNTOUCHED, BY_SLEEP);
	expect_told(audio, QUIET, BY_PLAN);
	expect_number(unit_func(gpu)->plan[PCIQ_RESET],
		      PCIQ_PLAN_LEAVE);
	expect_verdict(PARTIAL, 1, 3);
}

/* All ones are no power state: what is below is read, and counts. */
static void test_port_does_not_respond(void **state)
{
	(void)state;
	lay();
	port->set = 1U << DEAD;
	unit_run(PCIQ_ESCALATE);
	assert_true(gpu->accesses > 0);
	expect_told(gpu, WAS_CONTAINED, BY_VANISHING);
	expect_told(port, WAS_CONTAINED, BY_VANISHING);
	expect_verdict(CONTAINED, 1, 4);
}

/* Nor is what memory shows, or another card in its place. */
static void test_port_is_another(void **state)
{
	(void)state;
	lay();
	unit_capture();
	config_put(port->now, PCI_DEVICE_ID, 2, 0x1234);
	config_put(port->now, port->pm + PCI_PM_CTRL, 2, PCI_D3hot);
	unit_crash();
	fabric.sleep_hangs = false;
	unit.quirks = true;	/* it neither sleeps nor forwards */
	unit_go();
	expect_none(OF(MASK, port));
	assert_true(gpu->accesses > 0);
	expect_told(port, UNTOUCHED, BY_WINDOW);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* A wrong answer, once, must not let masters go on. */
static void test_wrong_once(void **state)
{
	static const u32 lies[] = { ~0U, PCI_D3hot };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		unit_begin();
		lay();
		port->set = 1U << LIES_ONCE;
		port->at = 2;	/* after its ID */
		port->lie = lies[i];
		unit_run(PCIQ_BUSMASTER);
		expect_told(gpu, QUIET, BY_PLAN);
		expect_verdict(CLEAN, 3, 3);
	}
}

/* D3hot answers, and may have BME on; 29 of the real machines' functions have. */
static void test_d3hot(void **state)
{
	(void)state;
	lay();
	config_put(gpu->now, gpu->pm + PCI_PM_CTRL, 2, PCI_D3hot);
	unit_run(PCIQ_BUSMASTER);
	expect_told(gpu, QUIET, BY_PLAN);
	expect_number(unit_get(gpu, gpu->pm + PCI_PM_CTRL, 2), PCI_D3hot);
	expect_verdict(CLEAN, 3, 3);
}

/* The kernel lists it, and it reads all ones, then as before: no loss. */
static void test_all_ones_at_capture(void **state)
{
	(void)state;
	lay();
	gpu->dead = true;
	gpu->offline = true;
	unit_run(PCIQ_ESCALATE);
	expect_told(gpu, ABSENT, BY_PLAN);
	expect_number(port->asserts, 0);
	expect_number(unit.head->ports_contained, 0);
	expect_verdict(CLEAN, 2, 2);
}

/* And what reads all ones only then is like any other: its Status is not known. */
static void test_all_ones_once(void **state)
{
	(void)state;
	lay();
	gpu->dead = true;
	gpu->offline = true;
	unit_capture();
	gpu->dead = false;
	unit_crash();
	unit_go();
	expect_told(gpu, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 3, 3);
}

/* What sleeps is not reset with what refuses beside it: it cannot be compared. */
static void test_beside_refuser(void **state)
{
	struct function *up;

	(void)state;
	lay();
	up = port->parent;
	unit_bridge(up, 8, &downstream_port, 3, 3);
	audio->set = 1U << STUCK_UNTIL_RESET;
	unit_capture();
	gpu->asleep = true;
	gpu->active = false;
	unit_crash();
	fabric.sleep_hangs = false;
	unit.quirks = true;
	unit_go();
	expect_number(unit_entry(audio)->outcome, PCIQ_WAS_RESET);
}

/* Slow and dead: each read of 48 functions takes 50 ms.  All others come first. */
static void test_slow_device(void **state)
{
	struct function *up, *down, *slow[48], *nic;
	u32 i;

	(void)state;
	root = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	up = unit_bridge(root, 0, &upstream_port, 2, 3);
	down = unit_bridge(up, 0, &downstream_port, 3, 3);
	for (i = 0; i < ARRAY_SIZE(slow); i++) {
		slow[i] = unit_add(down, i, &endpoint);
		slow[i]->set = 1U << HANGS | 1U << DEAD;
		slow[i]->us = 50000;
	}
	nic = unit_add(unit_bridge(NULL, 0x10, &slow_root_port, 4, 4), 0,
		       &endpoint);
	other = unit_add(NULL, 0x18, &integrated);
	pciq_ctl.deadline_ms = 2000;
	unit_run(PCIQ_ESCALATE);
	expect_told(nic, QUIET, BY_PLAN);
	expect_told(other, QUIET, BY_PLAN);
	expect_told(slow[47], UNTOUCHED, BY_DEADLINE);
	expect_number(dma_masters(nic) || dma_masters(other), false);
}

/* A switch that is dead and slow: its ports are not asked, its functions last. */
static void test_slow_switch(void **state)
{
	struct function *up, *down[32], *below[32], *nic;
	u32 i;

	(void)state;
	root = unit_bridge(NULL, 8, &slow_root_port, 1, 40);
	up = unit_bridge(root, 0, &upstream_port, 2, 40);
	up->set = 1U << HANGS | 1U << DEAD;
	up->us = 50000;
	for (i = 0; i < ARRAY_SIZE(down); i++) {
		down[i] = unit_bridge(up, i << 3, &downstream_port, 3 + i, 3 + i);
		below[i] = unit_add(down[i], 0, &endpoint);
		down[i]->set = 1U << HANGS;
		down[i]->us = 50000;
		below[i]->set = 1U << HANGS;
		below[i]->us = 50000;
	}
	/* After them, in the order of the snapshot. */
	nic = unit_add(NULL, 0x18, &integrated);
	pciq_ctl.deadline_ms = 1000;
	unit_run(PCIQ_BUSMASTER);
	expect_told(nic, QUIET, BY_PLAN);
	for (i = 0; i < ARRAY_SIZE(down); i++) {
		expect_number(down[i]->accesses, 0);
		expect_told(down[i], UNTOUCHED, BY_WINDOW);
	}
	expect_told(up, ABSENT, BY_VANISHING);
}

/* The same on a root bus, where no port tells them apart. */
static void test_slow_root_device(void **state)
{
	struct function *slow[8];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(slow); i++) {
		slow[i] = unit_add(NULL, 0x10 + i, &conventional);
		slow[i]->set = 1U << HANGS | 1U << DEAD;
		slow[i]->us = 50000;
	}
	other = unit_add(NULL, 0x18, &conventional);
	pciq_ctl.deadline_ms = 200;
	unit_run(PCIQ_BUSMASTER);
	expect_told(other, QUIET, BY_PLAN);
}

const struct CMUnitTest sleep_tests[] = {
	UNIT(test_fell_asleep),
	UNIT(test_whole_hierarchy),
	UNIT(test_woke),
	UNIT(test_own_power),
	UNIT(test_port_does_not_respond),
	UNIT(test_port_is_another),
	UNIT(test_wrong_once),
	UNIT(test_d3hot),
	UNIT(test_all_ones_at_capture),
	UNIT(test_beside_refuser),
	UNIT(test_slow_device),
	UNIT(test_all_ones_once),
	UNIT(test_slow_switch),
	UNIT(test_slow_root_device),
};

const size_t nr_sleep_tests = ARRAY_SIZE(sleep_tests);
