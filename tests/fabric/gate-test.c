// SPDX-License-Identifier: GPL-2.0-only
/* Step "busmaster": what is written to whom, and what becomes of it. */
#include "unit.h"

#define STARTS_AT(n)	.at = n

static const struct {
	const char *name;
	u16 command;
	u16 written;		/* 0: nothing is */
	u32 set;		/* 1 << enum behaviour */
	u32 at;
	u8 outcome;
	u8 reason;
	u16 done;
	bool no_pin;
	bool no_intx_disable;
} gates[] = {
	{ "masters", 0x0006, 0x0402, .outcome = PCIQ_QUIET,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE |
		  PCIQ_DID_INTX },
	{ "keeps all other bits", 0x0147, 0x0543,
	  .outcome = PCIQ_QUIET,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE |
		  PCIQ_DID_INTX },
	{ "is off already", 0x0402, .outcome = PCIQ_ALREADY_QUIET,
	  .done = PCIQ_DID_READ },
	{ "is off, but may raise INTx", 0x0002, 0x0402,
	  .outcome = PCIQ_QUIET,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE |
		  PCIQ_DID_INTX },
	{ "is off, and has no INTx", 0x0002, .no_pin = true,
	  .outcome = PCIQ_ALREADY_QUIET,
	  .done = PCIQ_DID_READ },
	{ "masters with INTx disabled", 0x0406, 0x0402,
	  .outcome = PCIQ_QUIET,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE |
		  PCIQ_DID_INTX },
	{ "cannot disable INTx", 0x0006, 0x0402, .no_intx_disable = true,
	  .outcome = PCIQ_REFUSED, .reason = PCIQ_BY_INTX,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE },
	{ "masters, has no pin, cannot disable INTx", 0x0006, 0x0002,
	  .no_pin = true, .no_intx_disable = true,
	  .outcome = PCIQ_QUIET,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE },
	{ "keeps its BME", 0x0006, 0x0402, .set = 1U << STUCK,
	  .outcome = PCIQ_REFUSED, .reason = PCIQ_BY_BME,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE |
		  PCIQ_DID_INTX },
	{ "does not answer", 0x0006, .set = 1U << DEAD,
	  .outcome = PCIQ_ABSENT,
	  .reason = PCIQ_BY_VANISHING },
	{ "dies of the write", 0x0006, 0x0402, .set = 1U << DIES, STARTS_AT(3),
	  .outcome = PCIQ_REFUSED,
	  .reason = PCIQ_BY_VANISHING,
	  .done = PCIQ_DID_READ | PCIQ_DID_GATE },
	{ "faults", 0x0006, .set = 1U << FAULTS, STARTS_AT(2),
	  .outcome = PCIQ_UNTOUCHED,
	  .reason = PCIQ_BY_WINDOW },
};

static void test_gates(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(gates); i++) {
		struct shape shape = conventional;
		struct function *f;

		unit.row = gates[i].name;
		unit_begin();
		shape.pin = !gates[i].no_pin;
		shape.no_intx_disable = gates[i].no_intx_disable;
		f = unit_add(NULL, 0x18, &shape);
		unit_set(f, PCI_COMMAND, 2, gates[i].command);
		unit_set(f, PCI_STATUS, 2, 0xf900);	/* errors: evidence; no list */
		f->set = gates[i].set;
		f->at = gates[i].at;
		unit_run(PCIQ_BUSMASTER);

		if (gates[i].written)
			expect(ALL(BUSMASTER), R4(f, PCI_COMMAND),
			       W2(f, PCI_COMMAND, gates[i].written),
			       R2(f, PCI_COMMAND));
		else
			expect(ALL(BUSMASTER), R4(f, PCI_COMMAND));
		expect_number(unit_entry(f)->outcome, gates[i].outcome);
		expect_number(unit_entry(f)->reason, gates[i].reason);
		expect_number(unit_entry(f)->done, gates[i].done);
		expect_number(unit_get(f, PCI_STATUS, 2), 0xf900);
	}
}

static void test_commands_are_told(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	unit_set(f, PCI_COMMAND, 2, 0x0107);
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit_entry(f)->command_before, 0x0107);
	expect_number(unit_entry(f)->command_after, 0x0503);
	/* Read, write, read, and two looks at the clock. */
	expect_between(unit_entry(f)->ticks, 3 * ACCESS_NS, 4 * ACCESS_NS);
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
	/* VFs before their PF, and the port is not touched. */
	expect(ALL(BUSMASTER), R4(on, PCI_COMMAND),
	       W2(on, PCI_COMMAND, 0),
	       R2(on, PCI_COMMAND), R4(off, PCI_COMMAND), R4(pf, PCI_COMMAND),
	       W2(pf, PCI_COMMAND, GATED), R2(pf, PCI_COMMAND));
	expect_told(on, QUIET, BY_PLAN);
	expect_told(off, ALREADY_QUIET, BY_PLAN);
	expect_told(pf, QUIET, BY_PLAN);
	expect_told(port, UNTOUCHED, BY_BRIDGE);
	expect_verdict(CLEAN, 3, 3);
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
	expect(WRITES(BUSMASTER), W2(deep, PCI_COMMAND, GATED),
	       W2(shallow, PCI_COMMAND, GATED), W2(root, PCI_COMMAND, GATED));
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
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << STUCK_UNTIL_RESET;
	pciq_ctl.policy = PCIQ_NR_POLICIES;
	unit_capture();
	unit_crash();
	fabric.policy = PCIQ_BUSMASTER;
	unit_go();
	expect_number(unit.head->policy, PCIQ_BUSMASTER);
	expect_none(ALL(RESET));
	expect_none(ALL(HEADERS));
	expect_told(f, REFUSED, BY_BME);
	expect_verdict(PARTIAL, 0, 1);
}

const struct CMUnitTest gate_tests[] = {
	UNIT(test_gates),
	UNIT(test_commands_are_told),
	UNIT(test_vf),
	UNIT(test_deepest_first),
	UNIT(test_policy_off),
	UNIT(test_policy_unknown),
};

const size_t nr_gate_tests = ARRAY_SIZE(gate_tests);
