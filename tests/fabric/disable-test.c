// SPDX-License-Identifier: GPL-2.0-only
/* Step "disable": what is read of whom, what is written, and what becomes of it. */
#include "unit.h"

static const struct {
	const char *name;
	u16 command;
	u16 written;		/* 0: nothing is */
	u32 set;		/* 1 << enum behaviour */
	u8 outcome;
	u8 reason;
	u8 duration;
	bool no_pin;
	bool no_driver;
	bool uses_msi;
	bool no_intx_disable;
} rows[] = {
	{ "masters", 0x0006, 0x0402, .outcome = PCIQ_QUIET,
	  .duration = PCIQ_HELD },
	{ "keeps all other bits", 0x0147, 0x0543, .outcome = PCIQ_QUIET,
	  .duration = PCIQ_HELD },
	{ "is off already", 0x0402, .outcome = PCIQ_ALREADY_QUIET,
	  .duration = PCIQ_LASTS },
	{ "is off, but may raise INTx", 0x0002, 0x0402,
	  .outcome = PCIQ_QUIET, .duration = PCIQ_HELD },
	{ "is off, and has no INTx", 0x0002, .no_pin = true,
	  .outcome = PCIQ_ALREADY_QUIET, .duration = PCIQ_LASTS },
	{ "is off, and has no driver", 0x0002, .no_driver = true,
	  .outcome = PCIQ_ALREADY_QUIET, .duration = PCIQ_LASTS },
	{ "is off, and uses MSI", 0x0002, .uses_msi = true,
	  .outcome = PCIQ_ALREADY_QUIET, .duration = PCIQ_LASTS },
	{ "masters with INTx disabled", 0x0406, 0x0402,
	  .outcome = PCIQ_QUIET, .duration = PCIQ_HELD },
	{ "masters, and uses MSI", 0x0006, 0x0402, .uses_msi = true,
	  .outcome = PCIQ_QUIET, .duration = PCIQ_HELD },
	{ "masters, and has no pin", 0x0006, 0x0002, .no_pin = true,
	  .outcome = PCIQ_QUIET, .duration = PCIQ_HELD },
	{ "cannot disable INTx", 0x0006, 0x0402, .no_intx_disable = true,
	  .outcome = PCIQ_REFUSED, .reason = PCIQ_BY_INTX },
	{ "cannot disable INTx, which is not used", 0x0006, 0x0402,
	  .no_intx_disable = true, .uses_msi = true,
	  .outcome = PCIQ_QUIET, .duration = PCIQ_HELD },
	{ "masters, has no pin, cannot disable INTx", 0x0006, 0x0002,
	  .no_pin = true, .no_intx_disable = true,
	  .outcome = PCIQ_QUIET, .duration = PCIQ_HELD },
	{ "keeps its BME", 0x0006, 0x0402, .set = 1U << STUCK,
	  .outcome = PCIQ_REFUSED, .reason = PCIQ_BY_BME },
};

static void test_each(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = conventional;
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		shape.pin = !rows[i].no_pin;
		shape.no_intx_disable = rows[i].no_intx_disable;
		f = unit_add(NULL, 0x18, &shape);
		f->driver = !rows[i].no_driver;
		f->made_master = f->driver;
		unit_set(f, PCI_COMMAND, 2, rows[i].command);
		unit_set(f, PCI_STATUS, 2, 0xf900);	/* errors: evidence */
		if (rows[i].uses_msi)
			unit_set(f, f->msi + PCI_MSI_FLAGS, 2,
				 PCI_MSI_FLAGS_ENABLE);
		f->set = rows[i].set;
		unit_run(PCIQ_BUSMASTER);

		/* One dword of identity, Command once, and once read back. */
		if (rows[i].written)
			expect(ALL_OF(f), R4(f, PCI_VENDOR_ID),
			       R2(f, PCI_COMMAND),
			       W2(f, PCI_COMMAND, rows[i].written),
			       R2(f, PCI_COMMAND));
		else
			expect(ALL_OF(f), R4(f, PCI_VENDOR_ID),
			       R2(f, PCI_COMMAND));
		expect_number(unit_entry(f)->outcome, rows[i].outcome);
		expect_number(unit_entry(f)->reason, rows[i].reason);
		expect_number(unit_entry(f)->duration, rows[i].duration);
		expect_number(unit_entry(f)->done, PCIQ_DID_READ |
			      (rows[i].written ? PCIQ_DID_DISABLE : 0));
		expect_number(unit_get(f, PCI_STATUS, 2), 0xf900);
		/* MSI Enable is left alone: with it off, INTx would be used. */
		if (rows[i].uses_msi)
			expect_number(unit_get(f, f->msi + PCI_MSI_FLAGS, 2) &
				      PCI_MSI_FLAGS_ENABLE,
				      PCI_MSI_FLAGS_ENABLE);
	}
}

/* Who stops responding, at each of the four accesses: nothing is repeated. */
static void test_no_response(void **state)
{
	static const struct {
		const char *name;
		u32 set;
		u32 at;
		u32 accesses;
		u8 outcome;
		u16 done;
	} rows[] = {
		{ "never responds", 1U << DEAD, 0, 1, PCIQ_ABSENT, 0 },
		{ "dies before its Command is read", 1U << DIES, 2, 2,
		  PCIQ_REFUSED, PCIQ_DID_READ },
		{ "dies of the write", 1U << DIES, 3, 4, PCIQ_REFUSED,
		  PCIQ_DID_READ | PCIQ_DID_DISABLE },
		{ "dies after it", 1U << DIES, 4, 4, PCIQ_REFUSED,
		  PCIQ_DID_READ | PCIQ_DID_DISABLE },
		{ "faults at once", 1U << FAULTS, 1, 1, PCIQ_ABSENT, 0 },
		{ "faults from its Command on", 1U << FAULTS, 2, 2,
		  PCIQ_REFUSED, PCIQ_DID_READ },
		{ "faults from the write on", 1U << FAULTS, 3, 4, PCIQ_REFUSED,
		  PCIQ_DID_READ | PCIQ_DID_DISABLE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		f = unit_add(NULL, 0x18, &conventional);
		unit_add(NULL, 0x20, &conventional);
		f->set = rows[i].set;
		f->at = rows[i].at;
		unit_run(PCIQ_BUSMASTER);
		expect_number(unit_count(ALL_OF(f)), rows[i].accesses);
		expect_number(unit_entry(f)->outcome, rows[i].outcome);
		expect_number(unit_entry(f)->reason, PCIQ_BY_NO_RESPONSE);
		expect_number(unit_entry(f)->done, rows[i].done);
		expect_number(unit_entry(f)->duration, PCIQ_NOT_QUIET);
		expect_verdict(PARTIAL, 1, 2);
	}
}

/* A write that faults was not made: it masters, and that is what is read back. */
static void test_write_faults_once(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	f->set = 1U << FAULTS_ONCE;
	f->at = 3;
	unit_run(PCIQ_BUSMASTER);
	expect_recorded(f, REFUSED, BY_BME);
	expect_number(unit.head->faults, 1);
	expect_verdict(PARTIAL, 0, 1);
}

/*
 * Nothing refuses: this is all that is written to the whole machine.  Functions
 * first, deepest first; then ports, by their sources or by message.
 */
static void test_nothing_refuses(void **state)
{
	struct function *port, *pf, *vf, *slow, *f, *off, *root;
	unsigned int policy;

	(void)state;
	for (policy = PCIQ_BUSMASTER; policy <= PCIQ_ESCALATE; policy++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		pf = unit_add(port, 0, &physical);
		vf = unit_vf(pf, 8);
		slow = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);
		f = unit_add(slow, 0, &endpoint);
		off = unit_add(slow, 1, &endpoint);
		root = unit_add(NULL, 0x18, &integrated);
		/* All error reporting is on, and is left alone. */
		unit_set(port, PCI_COMMAND, 2, PORT_COMMAND | PCI_COMMAND_SERR);
		unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
		unit_set(port, port->pcie + PCI_EXP_DEVCTL, 2, 0x281f);
		unit_set(port, port->msi + PCI_MSI_FLAGS, 2, 0x0081);
		unit_set(slow, slow->pcie + PCI_EXP_RTCTL, 2, 0x001f);
		unit_set(off, PCI_COMMAND, 2, 0x0402);
		unit_run(policy);
		expect(ALL_WRITES, W2(vf, PCI_COMMAND, 0),
		       W2(pf, PCI_COMMAND, DISABLED),
		       W2(f, PCI_COMMAND, DISABLED),
		       W2(root, PCI_COMMAND, DISABLED),
		       W2(port, PCI_COMMAND, 0x0506),
		       W2(port, port->msi + PCI_MSI_FLAGS, 0x0080),
		       W2(slow, slow->pcie + PCI_EXP_RTCTL, 0x0017));
		expect_number(unit.head->tsc[STEP(RESET)], 0);
		expect_number(unit.head->tsc[STEP(READY)], 0);
		expect_number(unit.head->tsc[STEP(CONTAIN)], 0);
		expect_number(unit.head->tsc[STEP(UNDO)], 0);
		expect_verdict(CLEAN, 5, 5);
		expect_number(unit.head->held, 4);
	}
}

/* What could not be written in time is not read either: see deadline-test.c. */
static void test_commands_are_recorded(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	unit_set(f, PCI_COMMAND, 2, 0x0107);
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit_entry(f)->command_before, 0x0107);
	expect_number(unit_entry(f)->command_after, 0x0503);
	/* Four accesses, and two looks at the clock. */
	expect_between(unit_entry(f)->ticks, 4 * ACCESS_NS, 5 * ACCESS_NS);
}

/* A VF has no INTx, and an ID that reads as all ones. */
static void test_vf(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *on = unit_vf(pf, 8), *off = unit_vf(pf, 9);

	(void)state;
	unit_set(off, PCI_COMMAND, 2, 0);
	unit_run(PCIQ_BUSMASTER);
	/* The port is read first, and keeps its BME; VFs before their PF. */
	expect(ALL(DISABLE), R4(port, PCI_VENDOR_ID),
	       R2(port, port->pm + PCI_PM_CTRL),
	       R4(on, PCI_CLASS_REVISION), R2(on, PCI_COMMAND),
	       W2(on, PCI_COMMAND, 0), R2(on, PCI_COMMAND),
	       R4(off, PCI_CLASS_REVISION), R2(off, PCI_COMMAND),
	       R4(pf, PCI_VENDOR_ID), R2(pf, PCI_COMMAND),
	       W2(pf, PCI_COMMAND, DISABLED), R2(pf, PCI_COMMAND));
	expect_recorded(on, QUIET, BY_PLAN);
	expect_recorded(off, ALREADY_QUIET, BY_PLAN);
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
	expect_verdict(CLEAN, 3, 3);
}

/* Whatever the register of its pin says (9.3.4.1.14). */
static void test_vf_with_pin(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	vf->initial[PCI_INTERRUPT_PIN] = 1;
	vf->now[PCI_INTERRUPT_PIN] = 1;
	unit_run(PCIQ_BUSMASTER);
	expect(ALL_WRITES_OF(vf), W2(vf, PCI_COMMAND, 0));
	expect_number(unit_entry(vf)->flags & (PCIQ_F_INTX | PCIQ_F_INTX_USED),
		      0);
	expect_recorded(vf, QUIET, BY_PLAN);
}

static void test_deepest_first(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *root = unit_add(NULL, 0x18, &integrated);
	struct function *deep = unit_add(down, 0, &endpoint);
	struct function *other = unit_bridge(NULL, 0x10, &root_port, 4, 4);
	struct function *shallow = unit_add(other, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_BUSMASTER);
	expect(WRITES(DISABLE), W2(deep, PCI_COMMAND, DISABLED),
	       W2(shallow, PCI_COMMAND, DISABLED),
	       W2(root, PCI_COMMAND, DISABLED));
	expect_number(unit_get(down, PCI_COMMAND, 2) & PCI_COMMAND_MASTER,
		      PCI_COMMAND_MASTER);
	expect_verdict(CLEAN, 3, 3);
}

static void test_policy_off(void **state)
{
	(void)state;
	unit_add(NULL, 0x18, &integrated);
	unit_run(PCIQ_OFF);
	assert_null(unit.head);
	expect_number(fabric.reads + fabric.writes, 0);
}

/* A control block that was written over: nothing drastic. */
static void test_policy_unknown(void **state)
{
	static const u32 policies[] = { PCIQ_NR_POLICIES, 0x5a5a5a5a, ~0U };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		struct function *port, *f;

		unit_begin();
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		f->set = 1U << STUCK_UNTIL_RESET;
		pciq_ctl.policy = policies[i];
		unit_snapshot();
		unit_crash();
		fabric.policy = PCIQ_BUSMASTER;
		unit_go();
		expect_number(unit.head->policy, PCIQ_BUSMASTER);
		expect_none(ALL(RESET));
		expect_none(ALL(CONTAIN));
		expect_recorded(f, REFUSED, BY_BME);
		expect_verdict(PARTIAL, 0, 1);
	}
}

const struct CMUnitTest disable_tests[] = {
	UNIT(test_each),
	UNIT(test_no_response),
	UNIT(test_write_faults_once),
	UNIT(test_nothing_refuses),
	UNIT(test_commands_are_recorded),
	UNIT(test_vf),
	UNIT(test_vf_with_pin),
	UNIT(test_deepest_first),
	UNIT(test_policy_off),
	UNIT(test_policy_unknown),
};

const size_t nr_disable_tests = ARRAY_SIZE(disable_tests);
