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
		unit_snapshot();
		topology_sleep_below(port);
		unit_crash();
		unit_go();
		expect_number(gpu->accesses + audio->accesses, 0);
		expect_number(port->asserts + root->asserts, 0);
		expect_number(unit.head->ports_contained, 0);
		expect_recorded(gpu, ABSENT, BY_POWER);
		expect_recorded(audio, ABSENT, BY_POWER);
		expect_verdict(CLEAN, 1, 1);
	}
}

/* All that is below it, however deep. */
static void test_whole_hierarchy(void **state)
{
	(void)state;
	lay();
	pciq_ctl.policy = PCIQ_RESET;
	unit_snapshot();
	topology_sleep_below(root);
	unit_crash();
	unit_go();
	expect_number(port->accesses + port->parent->accesses, 0);
	expect_recorded(port, ABSENT, BY_POWER);
	expect_recorded(gpu, ABSENT, BY_POWER);
	expect_number(root->asserts, 0);
	expect_verdict(CLEAN, 1, 1);
}

/* Asleep at the snapshot, and the port is in D0 since. */
static void test_woke(void **state)
{
	(void)state;
	lay();
	topology_sleep_below(port);
	gpu->offline = true;
	audio->offline = true;
	unit_snapshot();
	topology_wake_below(port);
	unit_crash();
	unit_go();
	expect_number(unit_get(gpu, PCI_COMMAND, 2), DISABLED);
	expect_recorded(gpu, QUIET, BY_PLAN);
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
	expect_recorded(gpu, UNTOUCHED, BY_POWER);
	expect_recorded(other, UNTOUCHED, BY_POWER);
	expect_recorded(audio, QUIET, BY_PLAN);
	expect_number(unit_plan(gpu)->plan[PCIQ_RESET], PCIQ_PLAN_LEAVE);
	expect_verdict(PARTIAL, 1, 3);
}

/* A VF has the power of its PF, whatever the kernel notes of itself. */
static void test_vf_of_own_power(void **state)
{
	struct function *pf, *vf;

	(void)state;
	root = unit_bridge(NULL, 8, &root_port, 1, 1);
	pf = unit_add(root, 0, &physical);
	vf = unit_vf(pf, 8);
	pf->asleep = true;
	pf->own_power = true;
	pf->offline = true;
	vf->asleep = true;
	vf->offline = true;
	unit_snapshot();
	vf->dev.current_state = PCI_D0;
	assert_int_equal(pciq_take_snapshot(), 0);
	expect_number(unit_func(vf)->entry.flags & PCIQ_F_UNREAD,
		      PCIQ_F_UNREAD);
	unit_crash();
	unit_go();
	expect_number(pf->accesses + vf->accesses, 0);
	expect_recorded(pf, UNTOUCHED, BY_POWER);
	expect_recorded(vf, UNTOUCHED, BY_POWER);
}

/* All ones are no power state: what is below is read, and counts. */
static void test_port_does_not_respond(void **state)
{
	(void)state;
	lay();
	port->set = 1U << DEAD;
	unit_run(PCIQ_ESCALATE);
	assert_true(gpu->accesses > 0);
	expect_recorded(gpu, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_recorded(port, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_verdict(CONTAINED, 1, 4);
}

/* Nor is what memory shows, or another card in its place. */
static void test_port_is_another(void **state)
{
	(void)state;
	lay();
	unit_snapshot();
	config_put(port->now, PCI_DEVICE_ID, 2, 0x1234);
	config_put(port->now, port->pm + PCI_PM_CTRL, 2, PCI_D3hot);
	unit_crash();
	fabric.sleep_hangs = false;
	unit.quirks = true;	/* it neither sleeps nor forwards */
	unit_go();
	expect_none(ALL_WRITES_OF(port));
	assert_true(gpu->accesses > 0);
	expect_recorded(port, UNTOUCHED, BY_IDENTITY);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* A port may have a power state in which what is below has power. */
static void test_states_of_port(void **state)
{
	static const struct {
		const char *name;
		u16 control;
		bool asleep;
	} rows[] = {
		{ "D0", 0x0000, false },
		{ "D0, PME enabled", 0x0100, false },
		{ "D1", 0x0001, true },
		{ "D2", 0x0002, true },
		{ "D3hot", 0x0003, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unit.row = rows[i].name;
		unit_begin();
		lay();
		unit_snapshot();
		config_put(port->now, port->pm + PCI_PM_CTRL, 2,
			   rows[i].control);
		gpu->asleep = rows[i].asleep;
		audio->asleep = rows[i].asleep;
		unit_crash();
		unit_go();
		expect_number(gpu->accesses, rows[i].asleep ? 0 : 4);
		expect_number(unit_entry(gpu)->outcome, rows[i].asleep ?
			      PCIQ_ABSENT : PCIQ_QUIET);
		expect_verdict(CLEAN, rows[i].asleep ? 1 : 3,
			       rows[i].asleep ? 1 : 3);
	}
}

/* A wrong power state, once, must not let masters go on. */
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
		expect_recorded(gpu, QUIET, BY_PLAN);
		expect_verdict(CLEAN, 3, 3);
	}
}

/* D3hot responds, and may have BME on; 29 of the real machines' functions have. */
static void test_d3hot(void **state)
{
	(void)state;
	lay();
	config_put(gpu->now, gpu->pm + PCI_PM_CTRL, 2, PCI_D3hot);
	unit_run(PCIQ_BUSMASTER);
	expect_recorded(gpu, QUIET, BY_PLAN);
	expect_number(unit_get(gpu, gpu->pm + PCI_PM_CTRL, 2), PCI_D3hot);
	expect_verdict(CLEAN, 3, 3);
}

/* The kernel lists it, and it reads all ones, then as before: no loss. */
static void test_all_ones_at_snapshot(void **state)
{
	(void)state;
	lay();
	gpu->dead = true;
	gpu->offline = true;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(gpu, ABSENT, BY_PLAN);
	expect_number(port->asserts, 0);
	expect_number(unit.head->ports_contained, 0);
	expect_verdict(CLEAN, 2, 2);
}

/* And what reads all ones only then is like any other. */
static void test_all_ones_once(void **state)
{
	(void)state;
	lay();
	gpu->dead = true;
	gpu->offline = true;
	unit_snapshot();
	gpu->dead = false;
	unit_crash();
	unit_go();
	expect_recorded(gpu, QUIET, BY_PLAN);
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
	unit_snapshot();
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
	unit_set_time(2000);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(nic, QUIET, BY_PLAN);
	expect_recorded(other, QUIET, BY_PLAN);
	expect_recorded(slow[47], UNTOUCHED, BY_DEADLINE);
	expect_number(dma_masters(nic) || dma_masters(other), false);
}

/* A switch that is dead and slow: its ports, and its functions, come last. */
static void test_slow_switch(void **state)
{
	struct function *up, *down[31], *below[31], *nic;
	u32 i, read = 0;

	(void)state;
	unit_set_time(1000);
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
	unit_run(PCIQ_BUSMASTER);
	expect_recorded(nic, QUIET, BY_PLAN);
	for (i = 0; i < ARRAY_SIZE(down); i++) {
		if (down[i]->accesses)
			expect_recorded(down[i], ABSENT, BY_NO_RESPONSE);
		else
			expect_recorded(down[i], UNTOUCHED, BY_DEADLINE);
		read += down[i]->accesses;
		if (down[i]->accesses)
			assert_true(unit_first(ALL_OF(down[i]),
					       PCI_VENDOR_ID)->at >
				    unit_first(ALL_OF(nic), PCI_COMMAND)->at);
	}
	/* In 875 ms, without the first. */
	expect_between(read, 16, 17);
	expect_recorded(up, ABSENT, BY_NO_RESPONSE);
	/* There was no time for some of them. */
	expect_recorded(below[30], UNTOUCHED, BY_DEADLINE);
	expect_number(unit.head->verdict, PCIQ_PARTIAL);
}

/* On the root bus all others come last as well: in the time that there is. */
static void test_slow_root_device(void **state)
{
	struct function *slow[8], *beside;
	u32 i;

	(void)state;
	unit_set_time(2000);
	for (i = 0; i < ARRAY_SIZE(slow); i++) {
		slow[i] = unit_add(NULL, 0x10 + i, &conventional);
		slow[i]->set = 1U << HANGS | 1U << DEAD;
		slow[i]->us = 50000;
	}
	beside = unit_add(NULL, 0x18, &conventional);
	unit.host = build_host(1, 0, 0xff, PCIQ_ECAM, true);
	other = unit_add(NULL, 0x18, &conventional);
	unit_run(PCIQ_BUSMASTER);
	expect_recorded(beside, QUIET, BY_PLAN);
	expect_recorded(other, QUIET, BY_PLAN);
	/* One of the slow ones was in time to find out. */
	assert_true(unit_first(ALL_OF(other), PCI_COMMAND)->at <
		    unit_first(ALL_OF(slow[1]), PCI_VENDOR_ID)->at);
	assert_true(unit_first(ALL_OF(slow[7]), PCI_VENDOR_ID)->at <
		    unit_first(ALL_OF(beside), PCI_COMMAND)->at);
}

/* What responds, if slowly, takes its turn: it may be all there is. */
static void test_slow_and_responds(void **state)
{
	struct function *slow, *next;

	(void)state;
	root = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	slow = unit_add(root, 0, &endpoint);
	next = unit_add(root, 1, &endpoint);
	other = unit_add(NULL, 0x18, &integrated);
	slow->set = 1U << HANGS;
	slow->us = 50000;
	unit_run(PCIQ_BUSMASTER);
	assert_true(unit_first(ALL_OF(next), PCI_COMMAND)->at <
		    unit_first(ALL_OF(other), PCI_COMMAND)->at);
	expect_between(unit_entry(slow)->ticks, 200 * NS_PER_MS,
		       201 * NS_PER_MS);
	expect_verdict(CLEAN, 3, 3);
}

/* And what does not, but at once, costs nothing. */
static void test_dead_and_fast(void **state)
{
	struct function *dead, *next;

	(void)state;
	root = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	dead = unit_add(root, 0, &endpoint);
	next = unit_add(root, 1, &endpoint);
	other = unit_add(NULL, 0x18, &integrated);
	dead->set = 1U << DEAD;
	unit_run(PCIQ_BUSMASTER);
	assert_true(unit_first(ALL_OF(next), PCI_COMMAND)->at <
		    unit_first(ALL_OF(other), PCI_COMMAND)->at);
	expect_recorded(next, QUIET, BY_PLAN);
}

const struct CMUnitTest sleep_tests[] = {
	UNIT(test_fell_asleep),
	UNIT(test_whole_hierarchy),
	UNIT(test_woke),
	UNIT(test_own_power),
	UNIT(test_vf_of_own_power),
	UNIT(test_port_does_not_respond),
	UNIT(test_port_is_another),
	UNIT(test_states_of_port),
	UNIT(test_wrong_once),
	UNIT(test_d3hot),
	UNIT(test_all_ones_at_snapshot),
	UNIT(test_all_ones_once),
	UNIT(test_beside_refuser),
	UNIT(test_slow_device),
	UNIT(test_slow_switch),
	UNIT(test_slow_root_device),
	UNIT(test_slow_and_responds),
	UNIT(test_dead_and_fast),
};

const size_t nr_sleep_tests = ARRAY_SIZE(sleep_tests);
