// SPDX-License-Identifier: GPL-2.0-only
/*
 * FLR of conventional functions: Advanced Capabilities for Conventional PCI ECN,
 * 27 July 2006.
 */
#include "unit.h"

/* An EHCI of a PCH: on the root bus, with a BAR. */
static const struct shape ehci = {
	.vendor = 0x8086, .device = 0x3a3c, .class = 0x0c0320,
	.type = CONVENTIONAL, .pin = 1, .af = 0x03,
};

#define AF_CONTROL(f)	((f)->af + 4)	/* and AF Status above it */
#define AF_FLR		0x0001
#define AF_TP		0x0100

#define BAR		0xf7d18000U
#define FLR_MS		100

static struct function *add(struct function *parent, const struct shape *shape)
{
	struct function *f = unit_add(parent, 0xd0, shape);

	config_put(f->writable, PCI_BASE_ADDRESS_0, 4, 0xfffffc00);
	unit_set(f, PCI_BASE_ADDRESS_0, 4, BAR);
	return f;
}

static u16 device_control(const struct function *f)
{
	return f->pcie + PCI_EXP_DEVCTL;
}

static u32 reads_of_status(const struct function *f)
{
	u32 i, nr = 0;

	for (i = 0; i < unit.nr; i++)
		nr += unit.log[i].f == f && unit.log[i].reg == AF_CONTROL(f) &&
		      !unit.log[i].write;
	return nr;
}

/* Which of two capabilities, if any. */
static void test_which(void **state)
{
	static const struct {
		const char *name;
		u8 type;
		bool express;
		u8 af;
		u16 dev_flags;
		u8 no_reset;
		bool by_af;
	} rows[] = {
		{ "AF FLR", CONVENTIONAL, false, 0x03, .by_af = true,
		  .no_reset = PCIQ_NOT_BELOW },
		{ "no AF capability", CONVENTIONAL, false, 0,
		  .no_reset = PCIQ_NOT_BELOW },
		{ "not capable of FLR", CONVENTIONAL, false, 0x01,
		  .no_reset = PCIQ_NOT_BELOW },
		{ "no Transactions Pending", CONVENTIONAL, false, 0x02,
		  .no_reset = PCIQ_NOT_BELOW },
		{ "NO_FLR_RESET", CONVENTIONAL, false, 0x03,
		  .dev_flags = PCI_DEV_FLAGS_NO_FLR_RESET,
		  .no_reset = PCIQ_NOT_FLR },
		{ "PCI Express without FLR", TYPE_RC_END, false, 0x03,
		  .by_af = true, .no_reset = PCIQ_NOT_BELOW },
		{ "both: that of PCI Express", TYPE_RC_END, true, 0x03,
		  .no_reset = PCIQ_NOT_BELOW },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct shape shape = ehci;
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		shape.type = rows[i].type;
		shape.flr = rows[i].express;
		shape.af = rows[i].af;
		f = add(NULL, &shape);
		f->dev_flags = rows[i].dev_flags;
		if (f->pcie)
			unit_set(f, device_control(f), 2, 0x2810);
		unit_run(PCIQ_RESET);
		expect_number(unit_plan(f)->no_reset, rows[i].no_reset);
		expect_number(unit_plan(f)->method,
			      rows[i].by_af || rows[i].express ?
				      PCIQ_RESET_FLR : PCIQ_RESET_NONE);
		if (rows[i].by_af)
			expect(WRITES(RESET), W2(f, AF_CONTROL(f), AF_FLR));
		else if (rows[i].express)
			expect(WRITES(RESET), W2(f, device_control(f), 0xa810));
		else
			expect_none(WRITES(RESET));
		if (rows[i].by_af || rows[i].express)
			expect_recorded(f, WAS_RESET, BY_PLAN);
		else
			expect_recorded(f, QUIET, BY_PLAN);
	}
}

static void test_refuser(void **state)
{
	struct function *f = add(NULL, &ehci);

	(void)state;
	f->set = 1U << STUCK_UNTIL_RESET;
	unit_run(PCIQ_ESCALATE);
	expect(WRITES(RESET), W2(f, AF_CONTROL(f), AF_FLR));
	expect_recorded(f, WAS_RESET, BY_BME);
	expect_number(unit_entry(f)->done & PCIQ_DID_FLR, PCIQ_DID_FLR);
	expect_number(unit.head->functions_reset, 1);
	expect_number(unit_get(f, PCI_BASE_ADDRESS_0, 4), BAR);
	expect_verdict(CLEAN, 1, 1);
}

/* Not before 100 ms, and the time of the links that are reset meanwhile. */
static void test_time(void **state)
{
	struct function *f = add(NULL, &ehci);
	u32 i;

	(void)state;
	unit_run(PCIQ_RESET);
	for (i = 0; i < unit.nr; i++)
		if (unit.log[i].f == f && unit.log[i].at > f->flr_at)
			break;
	expect_number(f->flrs, 1);
	expect_between(unit.log[i].at - f->flr_at, FLR_MS * NS_PER_MS,
		       (FLR_MS + 3) * NS_PER_MS);
}

/* Of its own register: conventional functions have no Device Status. */
static void test_pending(void **state)
{
	struct function *f = add(NULL, &ehci);

	(void)state;
	f->set = 1U << DRAINS_LATE;
	f->us = 5000;
	unit_run(PCIQ_RESET);
	expect(WRITES(RESET), W2(f, AF_CONTROL(f), AF_FLR));
	expect_number(unit_entry(f)->done & PCIQ_DID_DRAIN, PCIQ_DID_DRAIN);
	/* Every 100 us, and once to write. */
	expect_between(reads_of_status(f), 45, 53);
	expect_recorded(f, WAS_RESET, BY_PLAN);
}

static void test_never_drains(void **state)
{
	struct function *f = add(NULL, &ehci);

	(void)state;
	f->set = 1U << NEVER_DRAINS;
	unit_run(PCIQ_RESET);
	expect(WRITES(RESET), W2(f, AF_CONTROL(f), AF_TP | AF_FLR));
	expect_recorded(f, WAS_RESET, BY_PLAN);
	expect_verdict(CLEAN, 1, 1);
}

/* Also if it is the bus above that is reset. */
static void test_pending_below_bridge(void **state)
{
	struct function *bridge = unit_bridge(NULL, 8, &pci_bridge, 1, 1);
	struct function *f = add(bridge, &ehci);

	(void)state;
	f->set = 1U << DRAINS_LATE;
	f->us = 5000;
	unit_run(PCIQ_RESET);
	expect_number(bridge->asserts, 1);
	expect_number(f->flr_writes, 0);
	expect_number(unit_entry(f)->done & PCIQ_DID_DRAIN, PCIQ_DID_DRAIN);
	expect_recorded(f, WAS_RESET, BY_PLAN);
}

static void test_ignored(void **state)
{
	struct function *f = add(NULL, &ehci);

	(void)state;
	f->set = 1U << STUCK_UNTIL_RESET | 1U << IGNORES_FLR;
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, REFUSED, BY_BME);
	expect_number(unit_entry(f)->no_reset, PCIQ_NOT_TAKEN);
	expect_verdict(PARTIAL, 0, 1);
}

const struct CMUnitTest af_tests[] = {
	UNIT(test_which),
	UNIT(test_refuser),
	UNIT(test_time),
	UNIT(test_pending),
	UNIT(test_never_drains),
	UNIT(test_pending_below_bridge),
	UNIT(test_ignored),
};

const size_t nr_af_tests = ARRAY_SIZE(af_tests);
