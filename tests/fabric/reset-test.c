// SPDX-License-Identifier: GPL-2.0-only
/* Step "reset": which links, which functions by themselves, how, and why not. */
#include "unit.h"

#define SBR		PCI_BRIDGE_CTL_BUS_RESET
#define FLR		PCI_EXP_DEVCTL_BCR_FLR
#define DPC_BOTH	(PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL)
#define BAR		0xfe000000U

static const u32 refuses = 1U << STUCK_UNTIL_RESET;

static struct function *add_refuser(struct function *parent, u8 devfn,
				    const struct shape *shape)
{
	struct function *f = unit_add(parent, devfn, shape);

	f->set = refuses;
	return f;
}

/* With an address, which a reset clears. */
static struct function *add_with_bar(struct function *parent, u8 devfn,
				     const struct shape *shape)
{
	struct function *f = unit_add(parent, devfn, shape);

	unit_set(f, PCI_BASE_ADDRESS_0, 4, BAR);
	return f;
}

static void expect_no_reset(const struct function *f, enum pciq_no_reset why)
{
	expect_number(unit_entry(f)->no_reset, why);
}

/* Of one link nothing is written but the bit of its port, and of nobody else's. */
static void test_one_link(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);
	struct function *other = unit_bridge(NULL, 0x10, &slow_root_port, 2, 2);

	(void)state;
	unit_add(other, 0, &endpoint);
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_VGA);
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(port, PCI_BRIDGE_CONTROL,
				 PCI_BRIDGE_CTL_VGA | SBR),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA),
	       W2(port, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_VGA));
	/* Trst is 1 ms; twice that. */
	expect_between(unit_took(STEP(RESET)), 2 * NS_PER_MS,
		       2 * NS_PER_MS + 200000);
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_recorded(port, UNTOUCHED, BY_BRIDGE);
	expect_number(unit_entry(f)->done, PCIQ_DID_READ | PCIQ_DID_DISABLE |
		      PCIQ_DID_RESET | PCIQ_DID_RESTORE);
	expect_number(unit_entry(f)->duration, PCIQ_LASTS);
	expect_number(unit_entry(port)->done & PCIQ_DID_ASSERT,
		      PCIQ_DID_ASSERT);
	expect_number(unit_entry(port)->done & PCIQ_DID_RESET, 0);
	expect_number(unit.head->links_reset, 1);
	expect_number(unit.head->functions_reset, 0);
	expect_number(unit.head->ports_contained, 0);
	expect_number(unit_get(port, PCI_COMMAND, 2) & PCI_COMMAND_MASTER,
		      PCI_COMMAND_MASTER);
	expect_none(ALL(CONTAIN));
	expect_number(other->asserts, 0);
	expect_verdict(CLEAN, 2, 2);
}

static void test_nobody_refuses(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);

	(void)state;
	unit_add(port, 0, &endpoint);
	unit_run(PCIQ_ESCALATE);
	expect_none(ALL(RESET));
	expect_none(ALL(READY));
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
		u32 at;
		bool no_intx_disable;
		u32 asserts;
		u8 outcome;
		u8 reason;
	} reasons[] = {
		{ "BME stays set", 1U << STUCK_UNTIL_RESET, .asserts = 1,
		  .outcome = PCIQ_WAS_RESET, .reason = PCIQ_BY_BME },
		{ "transactions pending", 1U << NEVER_DRAINS,
		  .outcome = PCIQ_QUIET, .reason = PCIQ_BY_PLAN },
		{ "never responds", 1U << MUTE, .at = 1,
		  .outcome = PCIQ_WAS_CONTAINED,
		  .reason = PCIQ_BY_NO_RESPONSE },
		{ "stops responding", 1U << MUTE, .at = 3,
		  .outcome = PCIQ_WAS_CONTAINED,
		  .reason = PCIQ_BY_NO_RESPONSE },
		{ "cannot disable INTx", 0, .no_intx_disable = true,
		  .outcome = PCIQ_REFUSED, .reason = PCIQ_BY_INTX },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct shape shape = endpoint;
		struct function *port, *f;

		unit.row = reasons[i].name;
		unit_begin();
		shape.no_intx_disable = reasons[i].no_intx_disable;
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		f = add_with_bar(port, 0, &shape);
		f->set = reasons[i].set;
		f->at = reasons[i].at;
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
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_recorded(vf, WAS_CONTAINED, BY_NO_RESPONSE);
}

static void test_busmaster_resets_nothing(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_BUSMASTER);
	expect_none(ALL(RESET));
	expect_none(ALL(READY));
	expect_none(ALL(CONTAIN));
	expect_recorded(f, REFUSED, BY_BME);
	expect_no_reset(f, PCIQ_MAY_RESET);
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
	/* Each is set and then cleared, twice, all of one before any of the other. */
	for (i = 0; i < unit.nr; i++) {
		first = &unit.log[i];
		if (!first->write || first->reg != PCI_BRIDGE_CONTROL)
			continue;
		expect_number(first->value, nr < ARRAY_SIZE(ports) ? SBR : 0);
		nr++;
	}
	expect_number(nr, 3 * ARRAY_SIZE(ports));
	expect_number(unit.head->links_reset, ARRAY_SIZE(ports));
	expect_between(unit_took(STEP(RESET)), 2 * NS_PER_MS,
		       2 * NS_PER_MS + 500000);
	expect_between(unit_took(STEP(READY)), 100 * NS_PER_MS,
		       104 * NS_PER_MS);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		expect_recorded(f[i], WAS_RESET, BY_PLAN);
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
	expect_recorded(up, WAS_RESET, BY_BRIDGE);
	expect_recorded(f, WAS_RESET, BY_PLAN);
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
	struct function *neighbor = unit_add(a, 1, &endpoint);
	struct function *other = unit_add(b, 0, &endpoint);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_number(a->asserts, 1);
	expect_number(port->asserts + up->asserts + b->asserts, 0);
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_recorded(neighbor, WAS_RESET, BY_LINK);
	expect_recorded(other, QUIET, BY_PLAN);
	expect_number(other->resets, 0);
	expect_verdict(CLEAN, 3, 3);
}

/* One refuses above another: the upper link takes both. */
static void test_two_in_a_row(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *deep = add_refuser(down, 0, &endpoint);
	struct function *f = add_refuser(port, 1, &endpoint);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 1);
	expect_number(down->asserts, 0);
	expect_recorded(deep, WAS_RESET, BY_BME);
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_verdict(CLEAN, 2, 2);
}

static void test_flr(void **state)
{
	struct function *f = add_refuser(NULL, 0x18, &integrated_with_flr);
	u16 reg = f->pcie + PCI_EXP_DEVCTL;

	(void)state;
	unit_set(f, reg, 2, 0x2820);
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(f, reg, 0x2820 | FLR));
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_number(unit_entry(f)->done & (PCIQ_DID_FLR | PCIQ_DID_RESET),
		      PCIQ_DID_FLR | PCIQ_DID_RESET);
	expect_number(unit.head->functions_reset, 1);
	expect_number(unit.head->links_reset, 0);
	expect_verdict(CLEAN, 1, 1);
}

/* Below a port whose link is reset nothing is reset by itself as well. */
static void test_flr_below_link(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint_with_flr);

	(void)state;
	unit_run(PCIQ_RESET);
	expect_number(port->asserts, 1);
	expect_number(f->flr_writes, 0);
	expect_recorded(f, WAS_RESET, BY_BME);
}

/* Neither a port above nor FLR: nothing can be done, and that is recorded. */
static void test_no_means(void **state)
{
	struct function *f = add_refuser(NULL, 0x18, &integrated);

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_none(WRITES(RESET));
	expect_recorded(f, REFUSED, BY_BME);
	expect_no_reset(f, PCIQ_NOT_BELOW);
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
	expect_recorded(vf, WAS_RESET, BY_BME);
	expect_recorded(pf, WAS_RESET, BY_LINK);
	/* Its addresses are in the PF's capability. */
	expect(OF(RESET, vf), R2(vf, vf->pcie + PCI_EXP_DEVSTA));
	/* It is gone until its driver makes it anew, so nothing is restored. */
	expect_number(unit_entry(vf)->command_after, 0xffff);
	expect_none(WRITES_OF(READY, vf));
	expect_number(unit_entry(vf)->done & PCIQ_DID_RESTORE, 0);
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
	/* All else is reserved in a VF (SR-IOV 3.5.4). */
	expect(WRITES(RESET), W2(vf, vf->pcie + PCI_EXP_DEVCTL, FLR));
	expect_recorded(vf, WAS_RESET, BY_BME);
	expect_number(unit_entry(vf)->done & PCIQ_DID_RESTORE,
		      PCIQ_DID_RESTORE);
	expect_recorded(other, QUIET, BY_PLAN);
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 3, 3);
}

/* FLR of the PF takes its VFs with it: none of their own. */
static void test_pf_alone(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	pf->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_run(PCIQ_RESET);
	expect(WRITES(RESET), W2(pf, pf->pcie + PCI_EXP_DEVCTL, 0x2810 | FLR));
	expect_recorded(pf, WAS_RESET, BY_PLAN);
	expect_recorded(vf, WAS_RESET, BY_PLAN);
	expect_none(WRITES_OF(READY, vf));
	expect_number(unit.head->functions_reset, 1);
	expect_verdict(CLEAN, 2, 2);
}

/* A PF that is not ready again has no VFs that would be known to be quiet. */
static void test_vf_of_lost_pf(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	pf->set = 1U << NEVER_BACK;
	unit_run(PCIQ_RESET);
	expect_recorded(pf, WAS_CONTAINED, BY_NOT_READY);
	expect_recorded(vf, WAS_CONTAINED, BY_NOT_READY);
	expect_none(OF(READY, vf));
	expect_verdict(CONTAINED, 0, 2);
}

/* What does not respond is reset with its neighbor, and not restored. */
static void test_neighbor_does_not_respond(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);
	struct function *dead = unit_add(port, 1, &endpoint);

	(void)state;
	dead->set = 1U << DEAD;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_number(unit_entry(dead)->done & PCIQ_DID_RESET, PCIQ_DID_RESET);
	expect_none(OF(READY, dead));
	expect_recorded(dead, WAS_CONTAINED, BY_NO_RESPONSE);
	/* Nobody has waited for it. */
	expect_between(unit_took(STEP(READY)), 100 * NS_PER_MS,
		       104 * NS_PER_MS);
	expect_verdict(CONTAINED, 1, 2);
}

/* INTx of what cannot disable it ends with a reset of the link all the same. */
static void test_neighbor_interrupts(void **state)
{
	struct shape shape = endpoint;
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f;

	(void)state;
	add_refuser(port, 0, &endpoint);
	shape.no_intx_disable = true;
	f = add_with_bar(port, 1, &shape);
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_RESET, BY_LINK);
	expect_verdict(CLEAN, 2, 2);
}

/* === Whether there was a reset === */

/*
 * The port pretends: addresses are still there, as no reset would have left them.
 * So there was none: nothing is restored, and the outcomes are what they were.
 */
static void test_port_pretends(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 3);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 3);
	struct function *down = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *f = add_with_bar(down, 0, &endpoint);
	struct function *obeys = add_with_bar(down, 1, &endpoint);
	struct function *pf = add_with_bar(port, 1, &physical);
	struct function *vf = unit_vf(pf, 0x20);
	struct function *const all[] = { up, down, f, obeys, pf };
	size_t i;

	(void)state;
	f->set = refuses;
	port->set = 1U << IGNORES_SBR;
	unit_run(PCIQ_RESET);
	expect_number(port->asserts, 1);
	expect_none(WRITES(READY));
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		expect_no_reset(all[i], PCIQ_NOT_TAKEN);
		expect_number(unit_entry(all[i])->done &
			      (PCIQ_DID_RESET | PCIQ_DID_RESTORE), 0);
		expect_number(unit_entry(all[i])->ready_us, 0);
	}
	expect_recorded(up, UNTOUCHED, BY_BRIDGE);
	expect_recorded(obeys, QUIET, BY_PLAN);
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_recorded(vf, QUIET, BY_PLAN);
	expect_number(unit_entry(vf)->done & PCIQ_DID_RESET, 0);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_number(unit.head->links_reset, 1);
	expect_verdict(CONTAINED, 3, 4);
}

/* Command was 0 before: that it is so now does not show a reset. */
static void test_command_was_clear(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct shape shape = endpoint;
	struct function *f;

	(void)state;
	shape.pin = 0;
	f = add_with_bar(port, 0, &shape);
	unit_set(f, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	port->set = 1U << IGNORES_SBR;
	unit_run(PCIQ_RESET);
	expect_none(WRITES(READY));
	expect_no_reset(f, PCIQ_NOT_TAKEN);
	expect_recorded(f, QUIET, BY_PLAN);
}

static void test_flr_is_ignored(void **state)
{
	struct function *f = add_with_bar(NULL, 0x18, &integrated_with_flr);

	(void)state;
	f->set = refuses | 1U << IGNORES_FLR;
	unit_run(PCIQ_ESCALATE);
	expect_none(WRITES(READY));
	expect_recorded(f, REFUSED, BY_BME);
	expect_no_reset(f, PCIQ_NOT_TAKEN);
	expect_number(unit_entry(f)->done & PCIQ_DID_FLR, PCIQ_DID_FLR);
	expect_number(unit_entry(f)->done & PCIQ_DID_RESET, 0);
	expect_verdict(PARTIAL, 0, 1);
}

/* Whichever read is not answered: it does not show that there was a reset. */
static void test_flr_is_ignored_and_one_read_fails(void **state)
{
	u32 nr = 1, at;

	(void)state;
	for (at = 0; at <= nr; at++) {
		struct function *f;

		unit_begin();
		f = add_with_bar(NULL, 0x18, &integrated_with_flr);
		f->set = refuses | 1U << IGNORES_FLR |
			 (at ? 1U << LIES_ONCE : 0);
		f->lie = ~0U;
		f->at = at;
		unit_run(PCIQ_ESCALATE);
		expect_none(WRITES(READY));
		expect_number(unit_entry(f)->done & PCIQ_DID_RESET, 0);
		if (!at)
			nr = f->reads;
	}
	assert_true(nr > 5);
}

static struct function *keeper;

static void keep_address(const struct access *access)
{
	if (access->f == keeper && !access->write &&
	    access->reg == PCI_BASE_ADDRESS_0)
		config_put(keeper->now, PCI_BASE_ADDRESS_0, 4, BAR);
}

/* vfio-user: QEMU shows the addresses of before, but Command of after. */
static void test_address_is_kept(void **state)
{
	keeper = add_with_bar(NULL, 0x18, &integrated_with_flr);

	(void)state;
	keeper->set = refuses;
	unit.on_access = keep_address;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(keeper, WAS_RESET, BY_BME);
	expect_no_reset(keeper, PCIQ_MAY_RESET);
	expect_number(unit_entry(keeper)->done & PCIQ_DID_RESTORE,
		      PCIQ_DID_RESTORE);
}

static void be_slow(const struct access *access)
{
	if (access->write && access->reg == PCI_BRIDGE_CONTROL &&
	    access->value & SBR)
		arch_pass(100 * NS_PER_MS);
}

/* Resets that took all the time: what was reset is restored in any case. */
static void test_resets_are_slow(void **state)
{
	struct function *ports[24], *f[24];
	u32 i, reset = 0;

	(void)state;
	unit_set_time(2000);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		ports[i] = unit_bridge(NULL, 8 * (i + 1), &slow_root_port,
				       i + 1, i + 1);
		f[i] = add_with_bar(ports[i], 0, &endpoint);
	}
	unit.on_access = be_slow;
	unit_run(PCIQ_RESET);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		if (!ports[i]->asserts)
			continue;
		reset++;
		expect_recorded(f[i], WAS_RESET, BY_PLAN);
	}
	expect_between(reset, 14, 20);
}

/* Secondary Bus Reset that cannot be set is one that has no effect. */
static void test_bit_does_not_stick(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_with_bar(port, 0, &endpoint);

	(void)state;
	port->writable[PCI_BRIDGE_CONTROL] &= ~SBR;
	unit.quirks = true;	/* the model has no such port */
	unit_run(PCIQ_RESET);
	expect_none(WRITES(READY));
	expect_recorded(f, QUIET, BY_PLAN);
	expect_no_reset(f, PCIQ_NOT_TAKEN);
	expect_verdict(CLEAN, 1, 1);
}

/* So many reads of base addresses since the link was released. */
static u32 reads_back(const struct function *f, const struct function *port)
{
	u32 nr = 0, i;

	for (i = 0; i < unit.nr; i++) {
		const struct access *access = &unit.log[i];

		if (access->f == port && access->write &&
		    access->reg == PCI_BRIDGE_CONTROL)
			nr = 0;
		nr += access->f == f && !access->write &&
		      access->reg >= PCI_BASE_ADDRESS_0 &&
		      access->reg <= PCI_BASE_ADDRESS_5;
	}
	return nr;
}

/* What shows it: any address, of memory or ports, but not what kind it is. */
static void test_what_shows_it(void **state)
{
	static const struct {
		const char *name;
		u16 reg;
		u32 value;
		bool shows;
	} rows[] = {
		{ "first BAR", PCI_BASE_ADDRESS_0, 0xfe000000, true },
		{ "last BAR", PCI_BASE_ADDRESS_5, 0xfe000000, true },
		{ "ports", PCI_BASE_ADDRESS_2, 0x0000e001, true },
		{ "prefetchable", PCI_BASE_ADDRESS_2, 0xfe00000c, true },
		{ "above 64 GiB", PCI_BASE_ADDRESS_3, 0x00000380, true },
		{ "nothing but what kind", PCI_BASE_ADDRESS_2, 0x0000000c, false },
		{ "expansion ROM", PCI_ROM_ADDRESS, 0xfe000000, false },
		{ "none", 0, 0, false },
	};
	size_t i;
	bool reset;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t k = i / 2;
		struct function *port, *f;

		reset = i % 2;
		unit.row = rows[k].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		if (rows[k].reg) {
			unit_set(f, rows[k].reg, 4, rows[k].value);
			config_put(f->initial, rows[k].reg, 4,
				   rows[k].value & 0xf);
			config_put(f->writable, rows[k].reg, 4, ~0xfU);
		}
		port->set = reset ? 0 : 1U << IGNORES_SBR;
		unit_run(PCIQ_RESET);
		/* If nothing shows it, it is taken for reset, and written. */
		expect_number(unit_entry(f)->outcome, rows[k].shows && !reset ?
			      PCIQ_QUIET : PCIQ_WAS_RESET);
		expect_no_reset(f, rows[k].shows && !reset ? PCIQ_NOT_TAKEN :
							     PCIQ_MAY_RESET);
		expect_number(unit_count(WRITES_OF(READY, f)) > 0,
			      !rows[k].shows || reset);
		if (rows[k].reg)
			expect_number(unit_get(f, rows[k].reg, 4),
				      rows[k].value);
		/* Nor is anything read in order to tell. */
		expect_number(reads_back(f, port), rows[k].shows);
	}
}

/* It did not respond before, so nobody knows it well enough to restore it. */
static void test_no_response_and_port_pretends(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_with_bar(port, 0, &endpoint);

	(void)state;
	port->set = 1U << IGNORES_SBR;
	f->set = 1U << LIES_ONCE;
	f->lie = ~0U;
	f->at = 1;
	unit_run(PCIQ_RESET);
	expect_none(ALL_WRITES_OF(f));
	expect_recorded(f, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_verdict(CONTAINED, 0, 1);
}

static struct function *lone_refuser(void)
{
	struct function *f;

	unit_begin();
	f = add_with_bar(NULL, 0x18, &integrated_with_flr);
	f->set = refuses;
	return f;
}

/* A store that faults was never made: nothing was reset, so nothing is restored. */
static void test_flr_faults(void **state)
{
	struct function *f = lone_refuser();
	u32 at = 0;

	(void)state;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_RESET, BY_BME);
	while (!unit.log[at].write || unit.log[at].reg != f->pcie + PCI_EXP_DEVCTL)
		at++;
	f = lone_refuser();
	f->set |= 1U << FAULTS_ONCE;
	f->at = at + 1;
	unit_run(PCIQ_ESCALATE);
	expect_number(unit.head->faults, 1);
	expect_number(f->flrs, 0);
	expect_none(WRITES(READY));
	expect_recorded(f, REFUSED, BY_BME);
	expect_no_reset(f, PCIQ_NOT_TAKEN);
	expect_number(unit_entry(f)->done & PCIQ_DID_RESET, 0);
	expect_verdict(PARTIAL, 0, 1);
}

/* And one that cannot be read is not written. */
static void test_control_does_not_respond(void **state)
{
	struct function *f = lone_refuser();
	u32 at = 0;

	(void)state;
	unit_run(PCIQ_ESCALATE);
	while (unit.log[at].reg != f->pcie + PCI_EXP_DEVCTL)
		at++;
	f = lone_refuser();
	f->set |= 1U << LIES_ONCE;
	f->lie = ~0U;
	f->at = at;		/* of its reads; one was a write */
	unit_run(PCIQ_ESCALATE);
	expect_none(WRITES(RESET));
	expect_recorded(f, REFUSED, BY_BME);
	expect_no_reset(f, PCIQ_NOT_TAKEN);
	expect_number(unit.head->functions_reset, 0);
}

/* From there on the port cannot be read either. */
static void test_assert_faults(void **state)
{
	struct function *port, *f;
	u32 at;

	(void)state;
	for (at = 3; at < 30; at++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = add_with_bar(port, 0, &endpoint);
		f->set = refuses;
		port->set = 1U << FAULTS;
		port->at = at;
		unit_run(PCIQ_ESCALATE);
		expect_recorded(f, REFUSED, BY_BME);
		expect_number(f->resets, 0);
		expect_none(WRITES_OF(READY, f));
		expect_verdict(PARTIAL, 0, 1);
		if (port->asserts)
			break;
	}
	assert_true(port->asserts > 0);
	expect_no_reset(f, PCIQ_NOT_TAKEN);
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0);
}

/* === Why not === */

/* Nothing comes through now; it might once the link is up again. */
static void test_link_is_down(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	pciq_ctl.policy = PCIQ_ESCALATE;
	unit_snapshot();
	unit_crash();
	f->worked = false;
	link_go_down(port);
	unit_go();
	expect_none(WRITES(RESET));
	expect_recorded(f, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_verdict(CONTAINED, 0, 1);
}

/* Without the second part of the snapshot nothing can be restored. */
static void test_second_part_is_spoiled(void **state)
{
	static const u32 policies[] = { PCIQ_ESCALATE, PCIQ_RESET };
	const struct pciq_snapshot *snapshot;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		struct function *port, *f, *alone;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = add_refuser(port, 0, &endpoint);
		alone = add_refuser(NULL, 0x18, &integrated_with_flr);
		pciq_ctl.policy = policies[i];
		unit_snapshot();
		snapshot = pciq_newest();
		*(u8 *)memory_writable((const u8 *)snapshot +
				       snapshot->restores.offset) ^= 1;
		unit_crash();
		fabric.headers_good = false;
		unit_go();
		expect_none(ALL(RESET));
		expect_none(ALL(CONTAIN));
		expect_recorded(f, REFUSED, BY_BME);
		expect_recorded(alone, REFUSED, BY_BME);
		expect_verdict(PARTIAL, 0, 2);
	}
}

/* === Time === */

/* A machine whose only link takes 100 ms: is it reset in that deadline? */
static bool is_reset_within(u32 deadline_ms, u32 functions)
{
	struct function *port, *f;
	u32 i;

	unit_begin();
	unit_set_time(deadline_ms);
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	for (i = 0; i < functions; i++)
		unit_add(port, i, &endpoint);
	f = add_refuser(port, functions, &endpoint);
	unit_run(PCIQ_ESCALATE);
	if (port->asserts)
		return true;
	expect_none(WRITES(RESET));
	expect_no_reset(f, PCIQ_NOT_TIME);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	return false;
}

/* 100 ms for the link, as many for what is pending, and 20 to spare: in 7/8 of it. */
static void test_no_time_to_wait(void **state)
{
	(void)state;
	assert_false(is_reset_within(220 * 8 / 7 - 1, 0));
	assert_true(is_reset_within(220 * 8 / 7 + 3, 0));
}

/* And 50 us for each function of the machine. */
static void test_no_time_to_restore(void **state)
{
	(void)state;
	assert_false(is_reset_within((220 + 10) * 8 / 7 - 1, 200));
	assert_true(is_reset_within((220 + 10) * 8 / 7 + 4, 200));
}

/* Nor for looking at what was saved: then nothing of it is used. */
static void test_no_time_to_look(void **state)
{
	u32 ms, refused = 0;

	(void)state;
	for (ms = 1; ms <= 20; ms++) {
		struct function *port, *f;

		unit_begin();
		fabric.access_ns = NS_PER_MS / 2;
		unit_set_time(ms);
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = add_refuser(port, 0, &endpoint);
		unit_run(PCIQ_ESCALATE);
		expect_none(WRITES(RESET));
		refused += unit_entry(f)->reason == PCIQ_BY_BME;
	}
	assert_true(refused > 0);
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
		unit_set_time(deadlines[i]);
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
	expect_recorded(f, WAS_RESET, BY_BME);
}

/* Where it is firmware's, nobody would end the containment: no reset. */
static void test_dpc_of_firmware(void **state)
{
	static const u16 triggers[] = { PCI_EXP_DPC_CTL_EN_FATAL,
					PCI_EXP_DPC_CTL_EN_NONFATAL };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(triggers); i++) {
		struct function *port, *f, *disk;

		unit_begin();
		port = unit_bridge(NULL, 8, &root_port, 1, 1);
		f = add_refuser(port, 0, &endpoint);
		disk = unit_add(port, 1, &endpoint);
		unit.host->bridge.native_dpc = false;
		unit_set(port, port->dpc + PCI_EXP_DPC_CTL, 2, triggers[i]);
		port->set = 1U << TRIGGERS_DPC_AT_RESET;
		unit_run(PCIQ_ESCALATE);
		expect_none(WRITES(RESET));
		expect_number(unit_plan(port)->no_reset, PCIQ_NOT_FIRMWARE);
		expect_no_reset(f, PCIQ_NOT_FIRMWARE);
		expect_recorded(f, WAS_CONTAINED, BY_BME);
		expect_recorded(disk, QUIET, BY_PLAN);
		expect_number(link_reaches(disk), true);
	}
}

/* Firmware has it off: it would not trigger. */
static void test_dpc_of_firmware_is_off(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit.host->bridge.native_dpc = false;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, WAS_RESET, BY_BME);
}

/* Through ports 0xCF8 and 0xCFC nobody sees: only of what may have DPC. */
static void test_dpc_out_of_sight(void **state)
{
	static const struct {
		const char *name;
		const struct shape *port, *below;
		u8 no_reset;
	} rows[] = {
		{ "root port", &slow_root_port, &endpoint, PCIQ_NOT_FIRMWARE },
		{ "conventional", &pci_bridge, &conventional, PCIQ_MAY_RESET },
		{ "PCIe to PCI", &pcie_to_pci, &conventional, PCIQ_MAY_RESET },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *port, *f;

		unit.row = rows[i].name;
		unit_begin();
		unit.host->window = PCIQ_CF8;
		port = unit_bridge(NULL, 8, rows[i].port, 1, 1);
		f = add_refuser(port, 0, rows[i].below);
		unit_run(PCIQ_ESCALATE);
		expect_number(unit_plan(port)->no_reset, rows[i].no_reset);
		expect_number(unit_entry(f)->outcome, rows[i].no_reset ?
			      PCIQ_WAS_CONTAINED : PCIQ_WAS_RESET);
	}
}

/* Somebody was resetting the link as the kernel died: it is left in that. */
static void test_found_in_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	unit_set(port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR);
	unit_snapshot();
	unit_set(port, PCI_BRIDGE_CONTROL, 2, SBR | PCI_BRIDGE_CTL_SERR);
	unit_crash();
	unit_go();
	expect_none(WRITES(RESET));
	expect_none(WRITES(READY));
	expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2),
		      SBR | PCI_BRIDGE_CTL_SERR);
	expect_no_reset(port, PCIQ_NOT_HELD);
	expect_recorded(f, WAS_CONTAINED, BY_BME);
	expect_number(unit_entry(f)->done & PCIQ_DID_RESET, 0);
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
	       W2(bridge, PCI_BRIDGE_CONTROL, 0),
	       W2(bridge, PCI_BRIDGE_CONTROL, 0));
	expect_number(unit_get(bridge, PCI_BRIDGE_CONTROL, 2), 0x0400);
}

/* One that keeps the bit was written for nothing. */
static void test_bit_is_kept(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = add_refuser(port, 0, &endpoint);

	(void)state;
	port->set = 1U << KEEPS_SBR;
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(port, PCI_BRIDGE_CONTROL, SBR),
	       W2(port, PCI_BRIDGE_CONTROL, 0), W2(port, PCI_BRIDGE_CONTROL, 0));
	expect_recorded(f, WAS_CONTAINED, BY_NOT_READY);
}

/* Whether the access to @port that was lost is one that ends the reset. */
static bool lost_release(const struct function *port)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++) {
		if (unit.log[i].f != port || ++nr != port->at)
			continue;
		return unit.log[i].write && !unit.log[i].value &&
		       unit.log[i].reg == PCI_BRIDGE_CONTROL;
	}
	return false;
}

/* A release that is lost on the way is made up for. */
static void test_release_is_lost(void **state)
{
	struct function *port, *f;
	u32 at, faults = 0;

	(void)state;
	for (at = 3; at < 25; at++) {
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = add_refuser(port, 0, &endpoint);
		port->set = 1U << FAULTS_ONCE;
		port->at = at;
		unit_run(PCIQ_ESCALATE);
		expect_number(unit_get(port, PCI_BRIDGE_CONTROL, 2), 0);
		if (!lost_release(port))
			continue;
		faults++;
		expect_recorded(f, WAS_RESET, BY_BME);
		expect_number(unit.head->verdict, PCIQ_PARTIAL);
	}
	/* One for each write. */
	expect_number(faults, 2);
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
	UNIT(test_two_in_a_row),
	UNIT(test_flr),
	UNIT(test_flr_below_link),
	UNIT(test_no_means),
	UNIT(test_vf_by_link),
	UNIT(test_vf_alone),
	UNIT(test_pf_alone),
	UNIT(test_vf_of_lost_pf),
	UNIT(test_neighbor_does_not_respond),
	UNIT(test_neighbor_interrupts),
	UNIT(test_port_pretends),
	UNIT(test_command_was_clear),
	UNIT(test_flr_is_ignored),
	UNIT(test_flr_is_ignored_and_one_read_fails),
	UNIT(test_address_is_kept),
	UNIT(test_resets_are_slow),
	UNIT(test_bit_does_not_stick),
	UNIT(test_what_shows_it),
	UNIT(test_no_response_and_port_pretends),
	UNIT(test_flr_faults),
	UNIT(test_control_does_not_respond),
	UNIT(test_assert_faults),
	UNIT(test_link_is_down),
	UNIT(test_second_part_is_spoiled),
	UNIT(test_no_time_to_wait),
	UNIT(test_no_time_to_restore),
	UNIT(test_no_time_to_look),
	UNIT(test_no_time_for_a_row),
	UNIT(test_dpc_is_held),
	UNIT(test_dpc_of_firmware),
	UNIT(test_dpc_of_firmware_is_off),
	UNIT(test_dpc_out_of_sight),
	UNIT(test_found_in_reset),
	UNIT(test_status_stays),
	UNIT(test_bit_is_kept),
	UNIT(test_release_is_lost),
};

const size_t nr_reset_tests = ARRAY_SIZE(reset_tests);
