// SPDX-License-Identifier: GPL-2.0-only
/* Step "reset": which links, which functions alone, how, and why not. */
#include "unit.h"

#define SBR		PCI_BRIDGE_CTL_BUS_RESET
#define FLR		PCI_EXP_DEVCTL_BCR_FLR
#define DPC_BOTH	(PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL)

static const u32 refuses = 1U << STUCK_UNTIL_RESET;

static struct function *add_refuser(struct function *parent, u8 devfn,
				    const struct shape *shape)
{
	struct function *f = unit_add(parent, devfn, shape);

	f->set = refuses;
	return f;
}

static void expect_forbidden(const struct function *f,
			     enum pciq_forbidden why)
{
	expect_number(unit_entry(f)->forbidden, why);
}

/* Each access to a port that has everything. */
static void test_one_link(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);
	u16 cap = port->pcie, dpc = port->dpc + PCI_EXP_DPC_CTL;

	(void)state;
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_VGA);
	unit_set(port, dpc, 2, PCI_EXP_DPC_CTL_EN_FATAL);
	unit_run(PCIQ_ESCALATE);
	/* What was saved is still so; the link is up; nothing is pending. */
	expect(ALL(DRAIN), R4(f, PCI_BASE_ADDRESS_0), R4(f, PCI_BASE_ADDRESS_1),
	       R4(f, PCI_BASE_ADDRESS_2), R4(f, PCI_BASE_ADDRESS_3),
	       R4(f, PCI_BASE_ADDRESS_4), R4(f, PCI_BASE_ADDRESS_5),
	       R4(f, PCI_INTERRUPT_LINE), R4(port, PCI_BASE_ADDRESS_0),
	       R4(port, PCI_BASE_ADDRESS_1), R4(port, PCI_PRIMARY_BUS),
	       R2(port, cap + PCI_EXP_LNKSTA),
	       R2(f, f->pcie + PCI_EXP_DEVSTA));
	expect(ALL(RESET), R2(port, PCI_BRIDGE_CONTROL), R2(port, dpc),
	       R2(port, port->dpc + PCI_EXP_DPC_STATUS),
	       W2(port, dpc, 0), R2(port, cap + PCI_EXP_SLTSTA),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA | SBR),
	       R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA),
	       R2(port, PCI_BRIDGE_CONTROL));
	/* Trst is 1 ms; twice that. */
	expect_between(unit_took(STEP(RESET)), 2 * NS_PER_MS,
		       2 * NS_PER_MS + 200000);
	expect_told(f, WAS_RESET, BY_BME);
	expect_told(port, UNTOUCHED, BY_BRIDGE);
	expect_number(unit_entry(port)->done & PCIQ_DID_ASSERT,
		      PCIQ_DID_ASSERT);
	expect_number(unit.head->links_reset, 1);
	expect_number(unit.head->functions_reset, 0);
	expect_number(unit.head->ports_contained, 0);
	expect_number(unit_get(port, PCI_COMMAND, 2) & PCI_COMMAND_MASTER,
		      PCI_COMMAND_MASTER);
	expect_verdict(CLEAN, 1, 1);
}

static void test_nobody_refuses(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(RESET));
	expect_none(ALL(HEADERS));
	expect_verdict(CLEAN, 1, 1);
}

/*
 * What calls for a reset: a BME that reads back 1.  Transactions that are pending
 * write nothing (7.5.3.5), and what does not respond is cut off at its port.
 */
static void test_reasons(void **state)
{
	static const struct {
		const char *name;
		u32 set;
		u32 asserts;
		u8 outcome;
		u8 reason;
	} reasons[] = {
		{ "BME stays set", 1U << STUCK_UNTIL_RESET, 1,
		  PCIQ_WAS_RESET, PCIQ_BY_BME },
		{ "transactions pending", 1U << NEVER_DRAINS, 0,
		  PCIQ_QUIET, PCIQ_BY_PLAN },
		{ "does not respond", 1U << MUTE, 0,
		  PCIQ_WAS_CONTAINED, PCIQ_BY_VANISHING },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct function *port, *f;

		unit.row = reasons[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		f->set = reasons[i].set;
		f->at = 1;
		unit_run(PCIQ_ESCALATE);
		expect_number(port->asserts, reasons[i].asserts);
		expect_number(unit_entry(f)->outcome, reasons[i].outcome);
		expect_number(unit_entry(f)->reason, reasons[i].reason);
	}
}

/* One VF in the middle of its guest's reset must not cost the PF its link. */
static void test_vf_does_not_respond(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	vf->set = 1U << DEAD;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts + pf->flrs, 0);
	expect_told(pf, QUIET, BY_PLAN);
	expect_told(vf, WAS_CONTAINED, BY_VANISHING);
}

static void test_busmaster_resets_nothing(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_BUSMASTER);
	expect_none(ALL(RESET));
	expect_none(ALL(HEADERS));
	expect_told(f, REFUSED, BY_BME);
	expect_number(unit.head->ports_contained, 0);
	expect_verdict(PARTIAL, 0, 1);
}

/* All asserted, one wait, all released: the time of one link. */
static void test_links_at_once(void **state)
{
	struct function *ports[16], *f[16];
	const struct access *first;
	u32 i, nr = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		ports[i] = unit_bridge(NULL, 8 * (i + 1), &slow_root_port,
				       i + 1, i + 1);
		f[i] = unit_add(ports[i], 0, &endpoint);
	}
	unit_run(PCIQ_RESET);
	/* Each is set and then cleared, all of one before any of the other. */
	for (i = 0; i < unit.nr; i++) {
		first = &unit.log[i];
		if (!first->write || first->reg != PCI_BRIDGE_CONTROL)
			continue;
		expect_number(first->value, nr < ARRAY_SIZE(ports) ? SBR : 0);
		nr++;
	}
	expect_number(nr, 2 * ARRAY_SIZE(ports));
	expect_number(unit.head->links_reset, ARRAY_SIZE(ports));
	expect_between(unit_took(STEP(RESET)), 2 * NS_PER_MS,
		       2 * NS_PER_MS + 300000);
	expect_between(unit_took(STEP(HEADERS)), 100 * NS_PER_MS,
		       104 * NS_PER_MS);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		expect_told(f[i], WAS_RESET, BY_PLAN);
	expect_verdict(CLEAN, 16, 16);
}

/* The topmost of the wanted links takes what is below with it. */
static void test_topmost(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 4);
	struct function *a = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *b = unit_bridge(up, 8, &downstream_port, 4, 4);
	struct function *f = unit_add(a, 0, &endpoint);

	(void)state;
	unit_add(b, 0, &endpoint);
	unit_run(PCIQ_RESET);
	expect_number(port->asserts, 1);
	expect_number(up->asserts + a->asserts + b->asserts, 0);
	expect_number(unit.head->links_reset, 1);
	expect_told(up, WAS_RESET, BY_BRIDGE);
	expect_told(f, WAS_RESET, BY_PLAN);
	expect_verdict(CLEAN, 2, 2);
}

/* Only the refuser's own link. */
static void test_nearest(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 4);
	struct function *a = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *b = unit_bridge(up, 8, &downstream_port, 4, 4);
	struct function *f = add_refuser(a, 0, &endpoint);
	struct function *neighbour = unit_add(a, 1, &endpoint);
	struct function *other = unit_add(b, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_number(a->asserts, 1);
	expect_number(port->asserts + up->asserts + b->asserts, 0);
	expect_told(f, WAS_RESET, BY_BME);
	expect_told(neighbour, WAS_RESET, BY_LINK);
	expect_told(other, QUIET, BY_PLAN);
	expect_number(other->resets, 0);
	expect_verdict(CLEAN, 3, 3);
}

static void test_flr(void **state)
{
	struct function *f = add_refuser(NULL, 0x18, &integrated_with_flr);
	u16 reg = f->pcie + PCI_EXP_DEVCTL;

	(void)state;
	unit_set(f, reg, 2, 0x2820);
	unit_run(PCIQ_ESCALATE);
	expect(ALL(RESET), R2(f, reg), W2(f, reg, 0x2820 | FLR));
	expect_told(f, WAS_RESET, BY_BME);
	expect_number(unit_entry(f)->done & PCIQ_DID_FLR,
		      PCIQ_DID_FLR);
	expect_number(unit.head->functions_reset, 1);
	expect_number(unit.head->links_reset, 0);
	expect_verdict(CLEAN, 1, 1);
}

/* Neither a port above nor FLR: nothing can be done, and that is said. */
static void test_no_means(void **state)
{
	struct function *f = add_refuser(NULL, 0x18, &integrated);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(RESET));
	expect_told(f, REFUSED, BY_BME);
	expect_forbidden(f, PCIQ_NOT_BELOW);
	expect_verdict(PARTIAL, 0, 1);
}

/* The link of a VF is the one of its PF. */
static void test_vf_by_link(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	vf->set = refuses;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 1);
	expect_told(vf, WAS_RESET, BY_BME);
	expect_told(pf, WAS_RESET, BY_LINK);
	/* It is gone until its driver makes it anew. */
	expect_number(unit_entry(vf)->command_after, 0xffff);
	expect_verdict(CLEAN, 2, 2);
}

/* Where the link must not be reset, a VF has FLR of its own. */
static void test_vf_alone(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8), *other = unit_vf(pf, 9);

	(void)state;
	pf->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	vf->set = refuses;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 0);
	expect(WRITES(RESET), W2(vf, vf->pcie + PCI_EXP_DEVCTL, 0x2810 | FLR));
	expect_told(vf, WAS_RESET, BY_BME);
	expect_told(other, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 3, 3);
}

/* FLR of the PF takes its VFs with it: none of its own. */
static void test_pf_alone(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	pf->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_run(PCIQ_RESET);
	expect(WRITES(RESET), W2(pf, pf->pcie + PCI_EXP_DEVCTL, 0x2810 | FLR));
	expect_told(pf, WAS_RESET, BY_PLAN);
	expect_told(vf, WAS_RESET, BY_PLAN);
	expect_number(unit.head->functions_reset, 1);
	expect_verdict(CLEAN, 2, 2);
}

/* === Why not === */

static void test_bit_does_not_stick(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = unit_add(down, 0, &endpoint);

	(void)state;
	port->writable[PCI_BRIDGE_CONTROL] &= ~SBR;
	unit.quirks = true;	/* the model has no such port */
	unit_run(PCIQ_RESET);
	/* Asked three times: one answer may be wrong. */
	expect(OF(RESET, port), R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, SBR), R2(port, PCI_BRIDGE_CONTROL),
	       R2(port, PCI_BRIDGE_CONTROL), R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, 0), R2(port, PCI_BRIDGE_CONTROL));
	/* What is below was gated, and nothing else has become of it. */
	expect_told(f, QUIET, BY_PLAN);
	expect_forbidden(up, PCIQ_NOT_TAKEN);
	expect_forbidden(f, PCIQ_NOT_TAKEN);
	expect_none(ALL(HEADERS));
	expect_number(unit.head->links_reset, 0);
	expect_verdict(CLEAN, 1, 1);
}

/* A store that faults was never made: nothing was reset, so nothing is restored. */
static void test_flr_faults(void **state)
{
	struct function *f = add_refuser(NULL, 0x18, &integrated_with_flr);
	u16 reg = f->pcie + PCI_EXP_DEVCTL;

	(void)state;
	f->set |= 1U << FAULTS_ONCE;
	/* The write that sets Initiate FLR. */
	f->at = 15;
	unit_run(PCIQ_ESCALATE);
	expect(ALL(RESET), R2(f, reg), W2(f, reg, 0x2810 | FLR));
	expect_none(ALL(HEADERS));
	expect_told(f, REFUSED, BY_BME);
	expect_forbidden(f, PCIQ_NOT_TAKEN);
	expect_number(unit_entry(f)->done & PCIQ_DID_FLR, 0);
	expect_number(unit.head->functions_reset, 0);
	expect_number(unit.head->faults, 1);
	expect_verdict(PARTIAL, 0, 1);
}

/* From there on the port cannot be asked either: its silence is no answer. */
static void test_assert_faults(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	port->set = 1U << FAULTS;
	/* The write that sets Secondary Bus Reset. */
	port->at = 16;
	unit_run(PCIQ_ESCALATE);
	expect(OF(RESET, port), R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, SBR),
	       W2(port, PCI_BRIDGE_CONTROL, 0), R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, 0), R2(port, PCI_BRIDGE_CONTROL),
	       W2(port, PCI_BRIDGE_CONTROL, 0), R2(port, PCI_BRIDGE_CONTROL));
	expect_none(OF(HEADERS, f));
	expect_told(f, REFUSED, BY_BME);
	expect_forbidden(f, PCIQ_NOT_TAKEN);
	expect_number(unit.head->links_reset, 0);
	expect_verdict(PARTIAL, 0, 1);
}

static void test_port_pretends(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);
	struct function *obeys = unit_add(port, 1, &endpoint);

	(void)state;
	port->set = 1U << IGNORES_SBR;
	unit_run(PCIQ_ESCALATE);
	/* Command still has what the gate wrote: no reset, nothing restored. */
	expect(OF(HEADERS, obeys), R4(obeys, PCI_VENDOR_ID),
	       R2(obeys, PCI_COMMAND));
	expect_forbidden(obeys, PCIQ_NOT_TAKEN);
	expect_told(obeys, QUIET, BY_PLAN);
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_verdict(CONTAINED, 1, 2);
}

/* Nobody knows what was in Command: after a reset it would be nothing. */
static void test_vanished_and_port_pretends(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	port->set = 1U << IGNORES_SBR;
	f->set = 1U << LIES_ONCE;
	f->lie = ~0U;
	f->at = 1;
	unit_run(PCIQ_RESET);
	expect(OF(HEADERS, f), R4(f, PCI_VENDOR_ID), R2(f, PCI_COMMAND));
	expect_forbidden(f, PCIQ_NOT_TAKEN);
	expect_told(f, WAS_CONTAINED, BY_VANISHING);
	expect_verdict(CONTAINED, 0, 1);
}

/* From before PCI 2.3: once it is gated, there is nothing in Command. */
static struct function *add_without_intx_disable(u32 port_set)
{
	struct shape shape = conventional;
	struct function *port, *f;

	shape.no_intx_disable = true;
	shape.pin = 0;
	port = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
	port->set = port_set;
	f = unit_add(port, 0, &shape);
	unit_set(f, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	return f;
}

/* All that Command shows is a BME that is stuck, before and after: BARs tell. */
static void test_command_does_not_tell(void **state)
{
	static const struct {
		const char *name;
		u32 set;
		bool restored;
		u8 forbidden;
	} ports[] = {
		{ "was reset", 0, true, PCIQ_ALLOWED },
		{ "was not", 1U << IGNORES_SBR, false,
		  PCIQ_NOT_TAKEN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		struct function *f;

		unit.row = ports[i].name;
		unit_begin();
		f = add_without_intx_disable(ports[i].set);
		unit_set(f, PCI_BASE_ADDRESS_3, 4, 0xfe000000);
		f->set = 1U << STUCK;
		unit_run(PCIQ_ESCALATE);
		expect_number(!!(unit_entry(f)->done &
				 PCIQ_DID_RESTORE), ports[i].restored);
		expect_number(!!unit_count(WRITES_OF(HEADERS, f)),
			      ports[i].restored);
		expect_number(unit_get(f, PCI_BASE_ADDRESS_3, 4), 0xfe000000);
		expect_forbidden(f, ports[i].forbidden);
		expect_told(f, WAS_CONTAINED, BY_BME);
	}
}

/* Gated, nothing is left in Command that a reset would clear: BARs tell again. */
static void test_command_had_nothing(void **state)
{
	static const struct {
		const char *name;
		u32 set, bar, upper;
		u8 outcome, forbidden;
	} rows[] = {
		{ "was reset", 0, 0xfe000000, 0, PCIQ_WAS_RESET,
		  PCIQ_ALLOWED },
		{ "was not", 1U << IGNORES_SBR, 0xfe000000, 0,
		  PCIQ_QUIET, PCIQ_NOT_TAKEN },
		/* All of its address is in four bits of the upper half. */
		{ "was, at 32 GiB", 0, 0x0000000c, 8, PCIQ_WAS_RESET,
		  PCIQ_ALLOWED },
		{ "was not, at 32 GiB", 1U << IGNORES_SBR, 0x0000000c, 8,
		  PCIQ_QUIET, PCIQ_NOT_TAKEN },
		/* What kind of address it is stays: nothing tells. */
		{ "has none", 0, 0x0000000c, 0, PCIQ_WAS_RESET,
		  PCIQ_ALLOWED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *f;
		u16 reg;

		unit.row = rows[i].name;
		unit_begin();
		f = add_without_intx_disable(rows[i].set);
		for (reg = PCI_BASE_ADDRESS_0; reg <= PCI_BASE_ADDRESS_5; reg += 4)
			unit_set(f, reg, 4, 0);
		unit_set(f, PCI_BASE_ADDRESS_2, 4, rows[i].bar);
		unit_set(f, PCI_BASE_ADDRESS_3, 4, rows[i].upper);
		config_put(f->initial, PCI_BASE_ADDRESS_2, 4, rows[i].bar & 0xf);
		config_put(f->writable, PCI_BASE_ADDRESS_2, 4, ~0xfU);
		unit_run(PCIQ_RESET);
		expect_number(unit_entry(f)->outcome, rows[i].outcome);
		expect_forbidden(f, rows[i].forbidden);
		expect_number(unit_get(f, PCI_BASE_ADDRESS_2, 4), rows[i].bar);
		expect_number(unit_get(f, PCI_BASE_ADDRESS_3, 4), rows[i].upper);
		expect_verdict(CLEAN, 1, 1);
	}
}

/* It looked quiet, by a wrong answer; that its BME is set comes out afterwards. */
static void test_refuses_only_now(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit_set(f, PCI_BASE_ADDRESS_3, 4, 0xfe000000);
	port->set = 1U << IGNORES_SBR;
	f->set = 1U << LIES_ONCE;
	f->lie = PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
	f->at = 1;
	unit_run(PCIQ_RESET);
	expect_none(WRITES_OF(BUSMASTER, f));
	expect_forbidden(f, PCIQ_NOT_TAKEN);
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_verdict(CONTAINED, 0, 1);
}

/* All ones are no bus numbers, and no proof that there was a reset. */
static void test_bridge_is_mute_once(void **state)
{
	u32 at, silent = 0;

	(void)state;
	for (at = 1; at <= 30; at++) {
		struct function *port, *up, *down;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
		up = unit_bridge(port, 0, &upstream_port, 2, 3);
		down = unit_bridge(up, 0, &downstream_port, 3, 3);
		unit_add(down, 0, &endpoint);
		port->set = 1U << IGNORES_SBR;
		up->set = 1U << LIES_ONCE;
		up->lie = ~0U;
		up->at = at;
		unit_run(PCIQ_RESET);
		silent += up->silent;
		assert_false(unit_entry(up)->done & PCIQ_DID_RESTORE);
	}
	assert_true(silent > 5);
}

static void test_link_is_down(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	pciq_ctl.policy = PCIQ_RESET;
	unit_capture();
	unit_crash();
	f->worked = false;
	link_go_down(port);
	unit_go();
	expect_none(ALL(RESET));
	expect_forbidden(f, PCIQ_NOT_UP);
	/* Nothing comes through now; it might once the link is back. */
	expect_told(f, WAS_CONTAINED, BY_VANISHING);
	expect_verdict(CONTAINED, 0, 1);
}

static void spoil_headers(void)
{
	const struct pciq_image *image = pciq_newest();

	*(u8 *)memory_writable((const u8 *)image + image->saved_offset) ^= 1;
}

static void test_headers_are_spoiled(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);
	struct function *alone = add_refuser(NULL, 0x18, &integrated_with_flr);

	(void)state;
	unit_capture();
	spoil_headers();
	unit_crash();
	fabric.headers_good = false;
	unit_go();
	expect_none(ALL(RESET));
	expect_forbidden(f, PCIQ_NOT_HEADERS);
	expect_forbidden(alone, PCIQ_NOT_HEADERS);
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_told(alone, REFUSED, BY_BME);
	expect_verdict(PARTIAL, 0, 2);
}

/* === Time === */

/* A machine whose only link takes @settle ms: is it reset in that deadline? */
static bool is_reset_within(u32 deadline_ms, u32 access_ns, u32 functions)
{
	struct function *port;
	u32 i;

	unit_begin();
	fabric.access_ns = access_ns;
	pciq_ctl.deadline_ms = deadline_ms;
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	for (i = 0; i < functions; i++)
		unit_add(port, i, &endpoint);
	add_refuser(port, functions, &endpoint);
	unit_run(PCIQ_ESCALATE);
	if (port->asserts)
		return true;
	expect_none(ALL(RESET));
	expect_forbidden(fabric.functions[functions + 1],
			 PCIQ_NOT_TIME);
	return false;
}

/* 100 ms for the link, as many for what is pending, and 20 to spare: in 7/8 of it. */
static void test_no_time_to_wait(void **state)
{
	(void)state;
	assert_false(is_reset_within(220 * 8 / 7 - 1, ACCESS_NS, 0));
	assert_true(is_reset_within(220 * 8 / 7 + 3, ACCESS_NS, 0));
}

/* Nor for looking at the headers: that does not make them bad. */
static void test_no_time_to_look(void **state)
{
	u32 ms, refused = 0;

	(void)state;
	for (ms = 1; ms <= 20; ms++) {
		struct function *port, *f;

		unit_begin();
		fabric.access_ns = NS_PER_MS / 2;
		pciq_ctl.deadline_ms = ms;
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = add_refuser(port, 0, &endpoint);
		unit_run(PCIQ_ESCALATE);
		expect_none(ALL(RESET));
		if (unit_entry(f)->reason != PCIQ_BY_BME)
			continue;
		refused++;
		expect_forbidden(f, PCIQ_NOT_TIME);
	}
	assert_true(refused > 0);
}

/* And 40 accesses for each function that is to be restored. */
static void test_no_time_to_restore(void **state)
{
	const u32 ns = 500000;

	(void)state;
	/* Some 110 accesses until then, of 0.5 ms; 160 ms for 8 functions. */
	assert_false(is_reset_within((220 + 160) * 8 / 7, ns, 7));
	assert_true(is_reset_within((220 + 160 + 70) * 8 / 7, ns, 7));
}

/* Links behind each other add up. */
static void test_no_time_for_a_row(void **state)
{
	static const u32 deadlines[] = { 365, 372 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(deadlines); i++) {
		struct function *port, *up, *down;

		unit_begin();
		pciq_ctl.deadline_ms = deadlines[i];
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
		up = unit_bridge(port, 0, &upstream_port, 2, 3);
		down = unit_bridge(up, 0, &downstream_port, 3, 3);
		unit_add(down, 0, &endpoint);
		unit_run(PCIQ_RESET);
		/* 100 for each of two, as many for the drain, 20 to spare. */
		expect_number(port->asserts, i);
	}
}

/* === What a reset does to a port === */

/* A reset looks like an error to it; where DPC is ours, it is held off. */
static void test_dpc_is_held(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, DPC_BOTH);
	port->set = 1U << TRIGGERS_DPC_AT_RESET;
	unit_run(PCIQ_ESCALATE);
	expect_number(unit_get(port, port->dpc + PCI_EXP_DPC_CTL, 2), DPC_BOTH);
	expect_number(unit_get(port, port->dpc + PCI_EXP_DPC_STATUS, 2) &
		      PCI_EXP_DPC_STATUS_TRIGGER, 0);
	expect_told(f, WAS_RESET, BY_BME);
}

/* Where it is firmware's, nobody would end the containment: no reset. */
static void test_dpc_of_firmware(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);
	struct function *disk = unit_add(port, 1, &endpoint);

	(void)state;
	unit.host->bridge.native_dpc = false;
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, PCI_EXP_DPC_CTL_EN_FATAL);
	port->set = 1U << TRIGGERS_DPC_AT_RESET;
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(RESET));
	expect_number(unit_func(port)->forbidden, PCIQ_NOT_FIRMWARE);
	expect_forbidden(f, PCIQ_NOT_FIRMWARE);
	expect_told(f, WAS_CONTAINED, BY_BME);
	expect_told(disk, QUIET, BY_PLAN);
	expect_number(link_reaches(disk), true);
}

/* Its triggers came on after the capture: seen before the link is reset. */
static void test_dpc_since_capture(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit.host->bridge.native_dpc = false;
	unit_capture();
	unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, DPC_BOTH);
	unit_crash();
	unit_go();
	expect_none(WRITES(RESET));
	expect_forbidden(f, PCIQ_NOT_FIRMWARE);
	expect_forbidden(port, PCIQ_NOT_FIRMWARE);
	expect_told(f, WAS_CONTAINED, BY_BME);
}

/* Somebody was resetting the link as the kernel died: it is left in that. */
static void test_found_in_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit_capture();
	unit_set(port, PCI_BRIDGE_CONTROL, 2, SBR);
	unit_crash();
	unit_go();
	expect_none(WRITES(RESET));
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), SBR);
	expect_forbidden(port, PCIQ_NOT_HELD);
	expect_told(f, WAS_CONTAINED, BY_BME);
}

/* Discard Timer Status is RW1C, and shares Bridge Control. */
static void test_status_stays(void **state)
{
	struct function *bridge = unit_bridge(NULL, 8, &pci_bridge, 1, 1);

	(void)state;
	add_refuser(bridge, 0, &conventional);
	unit_set(bridge, PCI_BRIDGE_CONTROL, 2, 0x0400);
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(bridge, PCI_BRIDGE_CONTROL, SBR),
	       W2(bridge, PCI_BRIDGE_CONTROL, 0));
	expect_number(unit_get(bridge, PCI_BRIDGE_CONTROL, 2), 0x0400);
}

/* One that keeps the bit is told three times, and no more. */
static void test_bit_is_kept(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	port->set = 1U << KEEPS_SBR;
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(port, PCI_BRIDGE_CONTROL, SBR),
	       W2(port, PCI_BRIDGE_CONTROL, 0), W2(port, PCI_BRIDGE_CONTROL, 0),
	       W2(port, PCI_BRIDGE_CONTROL, 0));
	expect_told(f, WAS_CONTAINED, BY_SILENCE);
}

const struct CMUnitTest reset_tests[] = {
	UNIT(test_one_link),
	UNIT(test_nobody_refuses),
	UNIT(test_reasons),
	UNIT(test_vf_does_not_respond),
	UNIT(test_busmaster_resets_nothing),
	UNIT(test_links_at_once),
	UNIT(test_topmost),
	UNIT(test_nearest),
	UNIT(test_flr),
	UNIT(test_no_means),
	UNIT(test_vf_by_link),
	UNIT(test_vf_alone),
	UNIT(test_pf_alone),
	UNIT(test_bit_does_not_stick),
	UNIT(test_flr_faults),
	UNIT(test_assert_faults),
	UNIT(test_port_pretends),
	UNIT(test_vanished_and_port_pretends),
	UNIT(test_command_does_not_tell),
	UNIT(test_command_had_nothing),
	UNIT(test_refuses_only_now),
	UNIT(test_bridge_is_mute_once),
	UNIT(test_link_is_down),
	UNIT(test_headers_are_spoiled),
	UNIT(test_no_time_to_wait),
	UNIT(test_no_time_to_look),
	UNIT(test_no_time_to_restore),
	UNIT(test_no_time_for_a_row),
	UNIT(test_dpc_is_held),
	UNIT(test_dpc_of_firmware),
	UNIT(test_dpc_since_capture),
	UNIT(test_found_in_reset),
	UNIT(test_status_stays),
	UNIT(test_bit_is_kept),
};

const size_t nr_reset_tests = ARRAY_SIZE(reset_tests);
