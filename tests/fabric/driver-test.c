// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers have to do with it: who has made a function a master, who will do
 * so again, who interrupts how, and what a reset does to who is beside it.
 */
#include "unit.h"

static struct function *add(u32 class)
{
	struct shape shape = integrated;

	shape.class = class;
	return unit_add(NULL, 0x18, &shape);
}

/* Drivers that never call pci_set_master(): what firmware set must stay. */
static void test_firmware_bme(void **state)
{
	static const struct {
		const char *name;
		u32 class;
		bool made_master;
		bool driver;
		bool user;
		bool spared;
	} rows[] = {
		{ "ips, initio", 0x010000, .driver = true, .spared = true },
		{ "myrb, myrs", 0x010400, .driver = true, .spared = true },
		{ "via-sdmmc", 0x080501, .driver = true, .spared = true },
		{ "megaraid_sas", 0x010400, .driver = true, .made_master = true },
		{ "no driver", 0x010000 },
		{ "SPDK by uio or vfio", 0x010802, .driver = true, .user = true },
		{ "a NIC", 0x020000, .driver = true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		unit_add(NULL, 0x20, &integrated);
		f = add(rows[i].class);
		f->driver = rows[i].driver;
		f->made_master = rows[i].made_master;
		f->user_driver = rows[i].user;
		f->needs_bme = rows[i].spared;
		f->spared = rows[i].spared;
		unit_run(PCIQ_RESET);
		if (rows[i].spared) {
			expect_number(f->accesses - f->reads, 0);
			expect_recorded(f, UNTOUCHED, BY_FIRMWARE);
			expect_number(unit_plan(f)->plan[PCIQ_ESCALATE],
				      PCIQ_PLAN_LEAVE);
			expect_verdict(PARTIAL, 1, 2);
		} else {
			expect_recorded(f, QUIET, BY_PLAN);
			expect_verdict(CLEAN, 2, 2);
		}
	}
}

/* With its BME off there is nothing to leave on. */
static void test_firmware_bme_is_off(void **state)
{
	struct function *f = add(0x010000);

	(void)state;
	f->made_master = false;
	unit_set(f, PCI_COMMAND, 2, 0x0402);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, ALREADY_QUIET, BY_PLAN);
}

/* Classes that are said to have no masters, and their drivers. */
static void test_excluded_classes(void **state)
{
	static const struct {
		const char *name;
		u32 class;
		u8 outcome;
		u8 reason;
		u8 verdict;
	} rows[] = {
		{ "DMA controller", 0x080102, PCIQ_QUIET,
		  PCIQ_BY_PLAN, PCIQ_CLEAN },
		{ "switch management", 0x058000, PCIQ_QUIET,
		  PCIQ_BY_PLAN, PCIQ_CLEAN },
		{ "memory", 0x050000, PCIQ_QUIET,
		  PCIQ_BY_PLAN, PCIQ_CLEAN },
		{ "non-transparent bridge", 0x068000, PCIQ_UNTOUCHED,
		  PCIQ_BY_PEER, PCIQ_PARTIAL },
	};
	size_t i;
	bool user;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (user = false;; user = true) {
			struct function *f;

			unit.row = rows[i].name;
			unit_begin();
			unit_add(NULL, 0x20, &integrated);
			f = add(rows[i].class);
			f->driver = true;
			f->made_master = !user;
			f->user_driver = user;
			f->spared = rows[i].reason == PCIQ_BY_PEER;
			unit_run(PCIQ_ESCALATE);
			expect_number(unit_entry(f)->outcome, rows[i].outcome);
			expect_number(unit_entry(f)->reason, rows[i].reason);
			expect_number(unit.head->verdict, rows[i].verdict);
			if (user)
				break;
		}
	}
}

/* Left alone, but it may interrupt: not clean. */
static void test_excluded_class_interrupts(void **state)
{
	struct function *f = add(0x060100);

	(void)state;
	unit_add(NULL, 0x20, &integrated);
	f->driver = true;
	f->idle = true;
	f->uses_intx = true;
	unit_run(PCIQ_ESCALATE);
	expect_number(f->accesses, 0);
	expect_recorded(f, UNTOUCHED, BY_INTX);
	expect_verdict(PARTIAL, 1, 2);
}

/* INTx Disable that is known to have no effect (broken_intx_masking). */
static void test_intx_broken(void **state)
{
	static const struct {
		const char *name;
		bool driver;
		bool msi;
		u16 command;
		u8 outcome;
	} rows[] = {
		{ "masters", true, false, 0x0006, PCIQ_REFUSED },
		{ "is off", true, false, 0x0402, PCIQ_REFUSED },
		{ "uses MSI", true, true, 0x0006, PCIQ_QUIET },
		{ "has no driver", false, false, 0x0002,
		  PCIQ_ALREADY_QUIET },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		f = add(0x020000);
		f->driver = rows[i].driver;
		f->made_master = f->driver;
		f->intx_broken = true;
		f->uses_intx = f->driver && !rows[i].msi;
		unit_set(f, PCI_COMMAND, 2, rows[i].command);
		if (rows[i].msi)
			unit_set(f, f->msi + PCI_MSI_FLAGS, 2, 0x0081);
		unit_run(PCIQ_ESCALATE);
		expect_number(unit_entry(f)->outcome, rows[i].outcome);
		if (rows[i].outcome != PCIQ_REFUSED)
			continue;
		expect_number(unit_entry(f)->reason, PCIQ_BY_INTX);
		expect_verdict(PARTIAL, 0, 1);
	}
}

/* Neither written, nor in the way of clean. */
static void test_chipset_without_driver(void **state)
{
	struct function *f = add(0x088000);

	(void)state;
	f->driver = false;
	f->made_master = false;
	unit_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	unit_run(PCIQ_ESCALATE);
	expect_none(WRITES(DISABLE));
	expect_recorded(f, ALREADY_QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

/* CXL.cache writes host memory whatever BME says. */
static void test_cxl_cache(void **state)
{
	struct shape shape = endpoint;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f;

	(void)state;
	shape.class = 0x120000;
	shape.cxl = true;
	shape.cxl_cache = true;
	f = unit_add(port, 0, &shape);
	unit_run(PCIQ_RESET);
	expect_number(unit_get(f, PCI_COMMAND, 2), DISABLED);
	expect_recorded(f, REFUSED, BY_CACHE);
	expect_number(port->asserts, 0);
	expect_number(unit.head->ports_contained, 0);
	expect_verdict(PARTIAL, 0, 1);
}

/* Nothing that lies in memory unsummed says what to do. */
static void test_run_is_spoiled(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit_snapshot();
	unit_crash();
	memset(&unit.run, 0xa5, sizeof(unit.run));
	unit_go();
	expect_number(dma_masters(f), false);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

/* A panic that is a machine check: another one would be the end. */
static void test_machine_check(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *beside = unit_add(port, 1, &endpoint);

	(void)state;
	f->set = 1U << STUCK_UNTIL_RESET;
	pciq_ctl.policy = PCIQ_RESET;
	unit_snapshot();
	unit_crash();
	fabric.mcip = true;
	fabric.policy = PCIQ_BUSMASTER;
	unit_go();
	expect_number(unit.head->policy, PCIQ_BUSMASTER);
	expect_none(ALL(RESET));
	expect_none(ALL(CONTAIN));
	expect_recorded(f, REFUSED, BY_BME);
	expect_recorded(beside, QUIET, BY_PLAN);
}

/* === What a reset would do to who works === */

/* A snapshot in the middle of a reset, under the lock that says so, or not. */
static void test_snapshot_in_reset(void **state)
{
	bool locked;

	(void)state;
	for (locked = false;; locked = true) {
		struct function *port, *f;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		f->was_in_reset = true;
		f->dev.block_cfg_access = locked;
		unit_set(f, PCI_COMMAND, 2, 0);
		unit_snapshot();
		unit_set(f, PCI_BASE_ADDRESS_0, 4, 0xfe000000);
		unit_set(f, PCI_COMMAND, 2, COMMAND);
		pciq_ctl.policy = PCIQ_RESET;
		unit_crash();
		unit_go();
		expect_recorded(f, QUIET, BY_PLAN);
		expect_number(port->asserts, 0);
		expect_number(unit_get(f, PCI_BASE_ADDRESS_0, 4), 0xfe000000);
		if (locked) {
			/* Not even planned: nothing was saved. */
			expect_number(unit_plan(f)->no_reset, PCIQ_NOT_SAVED);
			break;
		}
		expect_number(unit_entry(port)->no_reset, PCIQ_NOT_CURRENT);
	}
}

/* A BAR that was resized: no event says so. */
static void test_addresses_have_moved(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *refuser = unit_add(port, 1, &endpoint);

	(void)state;
	refuser->set = 1U << STUCK_UNTIL_RESET;
	unit_set(f, PCI_BASE_ADDRESS_2, 4, 0xfe000000);
	unit_snapshot();
	unit_set(f, PCI_BASE_ADDRESS_2, 4, 0xc0000000);
	f->moved = true;
	unit_crash();
	unit_go();
	expect_number(port->asserts, 0);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_number(unit_entry(port)->no_reset, PCIQ_NOT_CURRENT);
	expect_recorded(refuser, WAS_CONTAINED, BY_BME);
}

/* And the read that would show it is not answered: that is no confirmation. */
static void test_address_is_not_seen(void **state)
{
	u32 at;

	(void)state;
	/* After identity and Command, twice: six base addresses. */
	for (at = 3; at <= 10; at++) {
		struct function *port, *f;
		bool seen = at < 4 || at > 9;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		unit_add(port, 1, &endpoint)->set = 1U << STUCK_UNTIL_RESET;
		f->set = 1U << LIES_ONCE;
		f->lie = ~0U;
		f->at = at;
		unit_run(PCIQ_ESCALATE);
		expect_number(port->asserts, seen);
		expect_number(unit_entry(port)->no_reset, seen ?
			      PCIQ_MAY_RESET : PCIQ_NOT_CURRENT);
	}
}

/* It protects each link above it, not only the nearest. */
static void test_addresses_below_a_switch(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 4);
	struct function *a = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *b = unit_bridge(up, 8, &downstream_port, 4, 4);
	struct function *f = unit_add(a, 0, &endpoint);
	struct function *other = unit_add(b, 0, &endpoint);

	(void)state;
	unit_set(f, PCI_BASE_ADDRESS_2, 4, 0xfe000000);
	pciq_ctl.policy = PCIQ_RESET;
	unit_snapshot();
	unit_set(f, PCI_BASE_ADDRESS_2, 4, 0xc0000000);
	f->moved = true;
	unit_crash();
	unit_go();
	expect_number(port->asserts + up->asserts + a->asserts, 0);
	expect_number(b->asserts, 1);
	expect_number(unit_entry(port)->no_reset, PCIQ_NOT_CURRENT);
	expect_number(unit_entry(a)->no_reset, PCIQ_NOT_CURRENT);
	expect_number(unit_get(f, PCI_BASE_ADDRESS_2, 4), 0xc0000000);
	expect_recorded(f, QUIET, BY_PLAN);
	expect_recorded(other, WAS_RESET, BY_PLAN);
}

/* A function that came since would not be restored. */
static void test_arrived_since(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *refuser = unit_add(port, 0, &endpoint), *late;

	(void)state;
	refuser->set = 1U << STUCK_UNTIL_RESET;
	pciq_watch();
	unit_snapshot();
	late = unit_add(port, 1, &endpoint);
	pci_arrive(late);
	unit_crash();
	unit_go();
	pciq_unwatch();
	expect_number(port->asserts, 0);
	expect_number(unit_entry(refuser)->no_reset, PCIQ_NOT_SAVED);
	expect_recorded(refuser, WAS_CONTAINED, BY_BME);
}

/* igc and its like: a reset with PTM on leaves registers that hang. */
static void test_ptm(void **state)
{
	struct shape shape = endpoint;
	struct function *port, *f, *other;
	bool taken;
	u16 reg;

	(void)state;
	shape.ptm = true;
	for (taken = false;; taken = true) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &shape);
		unit_set(f, PCI_BASE_ADDRESS_0, 4, 0xfe000000);
		f->set = 1U << PTM_HANGS | 1U << STUCK_UNTIL_RESET;
		port->set = taken ? 0 : 1U << IGNORES_SBR;
		reg = f->ptm + PCI_PTM_CTRL;
		unit_set(f, reg, 2, PCI_PTM_CTRL_ENABLE);
		other = unit_add(unit_bridge(NULL, 0x10, &slow_root_port, 2, 2),
				 0, &shape);
		unit_set(other, other->ptm + PCI_PTM_CTRL, 2,
			 PCI_PTM_CTRL_ENABLE);
		unit_run(PCIQ_ESCALATE);
		expect_number(f->hung, false);
		expect_number(unit_first(WRITES_OF(RESET, f), reg)->value, 0);
		assert_true(unit_first(WRITES_OF(RESET, f), reg)->at <
			    unit_first(WRITES_OF(RESET, port),
				       PCI_BRIDGE_CONTROL)->at);
		/* As before, whether or not there was a reset. */
		expect_number(unit_get(f, reg, 2), PCI_PTM_CTRL_ENABLE);
		expect_number(unit_entry(f)->outcome, taken ?
			      PCIQ_WAS_RESET : PCIQ_WAS_CONTAINED);
		expect_none(WRITES_OF(RESET, other));
		if (taken)
			break;
	}
}

/* By FLR as well. */
static void test_ptm_and_flr(void **state)
{
	struct shape shape = endpoint_with_flr;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1), *f;

	(void)state;
	shape.ptm = true;
	f = unit_add(port, 0, &shape);
	f->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	f->set = 1U << PTM_HANGS;
	unit_set(f, f->ptm + PCI_PTM_CTRL, 2, PCI_PTM_CTRL_ENABLE);
	unit_run(PCIQ_RESET);
	expect_number(f->flrs, 1);
	expect_number(f->hung, false);
}

/* Of a port, PTM is that of the link below, and stays. */
static void test_ptm_of_port(void **state)
{
	struct shape shape = slow_root_port;
	struct function *port;

	(void)state;
	shape.ptm = true;
	port = unit_bridge(NULL, 8, &shape, 1, 1);
	unit_set(port, port->ptm + PCI_PTM_CTRL, 2, PCI_PTM_CTRL_ENABLE);
	unit_add(port, 0, &endpoint);
	unit_run(PCIQ_RESET);
	expect(WRITES_OF(RESET, port),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET),
	       W2(port, PCI_BRIDGE_CONTROL, 0),
	       W2(port, PCI_BRIDGE_CONTROL, 0));

	/* Also of one that is itself reset. */
	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 2);
	shape = pcie_to_pci;
	shape.ptm = true;
	port = unit_bridge(port, 0, &shape, 2, 2);
	unit_set(port, port->ptm + PCI_PTM_CTRL, 2, PCI_PTM_CTRL_ENABLE);
	unit_add(port, 0, &conventional);
	unit_run(PCIQ_RESET);
	expect_none(WRITES_OF(RESET, port));
	expect_recorded(port, WAS_RESET, BY_BRIDGE);
}

/* Bandwidth notifications that a reset provokes keep some links down. */
static void test_bandwidth(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	u16 reg = port->pcie + PCI_EXP_LNKCTL;

	(void)state;
	port->set = 1U << BANDWIDTH_BLOCKS;
	unit_set(port, reg, 2, PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE);
	unit_run(PCIQ_RESET);
	expect_recorded(f, WAS_RESET, BY_PLAN);
	/* By message here: the source is as it was. */
	expect_number(unit_get(port, reg, 2),
		      PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE);
}

/* Nor does a port below get them back with its other settings, or its power. */
static void test_port_below_a_reset(void **state)
{
	struct shape with_slot = downstream_port;
	struct function *port, *down;
	u16 link, slot;

	(void)state;
	with_slot.slot = true;
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	down = unit_bridge(unit_bridge(port, 0, &upstream_port, 2, 3), 0,
			   &with_slot, 3, 3);
	link = down->pcie + PCI_EXP_LNKCTL;
	slot = down->pcie + PCI_EXP_SLTCTL;
	unit_add(down, 0, &endpoint);
	unit_set(down, link, 2, 0x0c43);
	unit_set(down, slot, 2, PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PIC);
	unit_run(PCIQ_RESET);
	expect_recorded(down, WAS_RESET, BY_BRIDGE);
	expect_number(unit_get(down, link, 2), 0x0040);
	expect_number(unit_get(down, slot, 2), PCI_EXP_SLTCTL_PIC);
}

/* One reset, eight links below it that train by themselves, the last one late. */
static void test_eight_links(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 10);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 10);
	struct function *f[8];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(f); i++)
		f[i] = unit_add(unit_bridge(up, i << 3, &downstream_port, 3 + i,
					    3 + i), 0, &endpoint);
	unit_set(f[7], PCI_BASE_ADDRESS_0, 4, 0xfe000000);
	f[7]->set = 1U << BACK_LATE;
	f[7]->ms = 900;
	unit_run(PCIQ_RESET);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		expect_recorded(f[i], WAS_RESET, BY_PLAN);
	expect_number(unit_get(f[7], PCI_BASE_ADDRESS_0, 4), 0xfe000000);
	expect_verdict(CLEAN, 8, 8);
}

/* reset= names a function, and its link takes its neighbor with it. */
static void test_named_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *named = unit_add(port, 0, &endpoint);
	struct function *beside = unit_add(port, 1, &endpoint);
	struct function *other = unit_add(unit_bridge(NULL, 0x10,
						      &slow_root_port, 2, 2),
					  0, &endpoint);

	(void)state;
	unit_reset(named);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(named, WAS_RESET, BY_PLAN);
	expect_recorded(beside, WAS_RESET, BY_LINK);
	expect_recorded(other, QUIET, BY_PLAN);
	expect_number(unit_plan(named)->plan[PCIQ_ESCALATE],
		      PCIQ_PLAN_RESET);
	expect_number(unit_plan(beside)->plan[PCIQ_ESCALATE],
		      PCIQ_PLAN_RESET);
	expect_number(unit_plan(other)->plan[PCIQ_ESCALATE],
		      PCIQ_PLAN_DISABLE);
	expect_verdict(CLEAN, 3, 3);

	/* What is never to be reset is not. */
	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	named = unit_add(port, 0, &endpoint);
	unit_reset(named);
	unit_noreset(named);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(named, QUIET, BY_PLAN);
	expect_number(port->asserts, 0);
}

/*
 * Firmware-first: each unsupported request may be reported to it.  None is made
 * unless what is read has gone; then it is recorded.
 */
static void test_no_errors_of_ours(void **state)
{
	struct function *port, *gone;
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unit_begin();
		memset(&unit.host->bridge, 0, sizeof(unit.host->bridge));
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		unit_add(port, 0, &endpoint);
		gone = unit_add(port, 1, &endpoint);
		if (i)
			gone->set = 1U << DEAD;
		unit_run(PCIQ_ESCALATE);
		expect_number(unit.head->unanswered, i);
		expect_number(fabric.unanswered, i);
	}
}

const struct CMUnitTest driver_tests[] = {
	UNIT(test_firmware_bme),
	UNIT(test_firmware_bme_is_off),
	UNIT(test_excluded_classes),
	UNIT(test_excluded_class_interrupts),
	UNIT(test_intx_broken),
	UNIT(test_chipset_without_driver),
	UNIT(test_cxl_cache),
	UNIT(test_run_is_spoiled),
	UNIT(test_machine_check),
	UNIT(test_snapshot_in_reset),
	UNIT(test_addresses_have_moved),
	UNIT(test_address_is_not_seen),
	UNIT(test_addresses_below_a_switch),
	UNIT(test_arrived_since),
	UNIT(test_ptm),
	UNIT(test_ptm_and_flr),
	UNIT(test_ptm_of_port),
	UNIT(test_bandwidth),
	UNIT(test_port_below_a_reset),
	UNIT(test_eight_links),
	UNIT(test_named_reset),
	UNIT(test_no_errors_of_ours),
};

const size_t nr_driver_tests = ARRAY_SIZE(driver_tests);
