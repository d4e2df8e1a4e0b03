// SPDX-License-Identifier: GPL-2.0-only
/* Step "drain": one wait for all that has transactions pending. */
#include "unit.h"

#define DRAIN_MS	100

static u16 devsta(const struct function *f)
{
	return f->pcie + PCI_EXP_DEVSTA;
}

static void test_nothing_pending(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *a = unit_add(port, 0, &endpoint);
	struct function *b = unit_add(port, 1, &endpoint);
	struct function *off = unit_add(port, 2, &endpoint);
	struct function *pci = unit_add(NULL, 0x20, &conventional);

	(void)state;
	unit_set(a, devsta(a), 2, 0x000f);	/* errors: evidence */
	unit_set(off, PCI_COMMAND, 2, 0x0402);
	unit_run(KEXEC_QUIESCE_ESCALATE);
	/* Asked once; what was quiet already, or has no such bit, never. */
	expect(ALL(DRAIN), R2(a, devsta(a)), R2(b, devsta(b)));
	expect_number(unit_get(a, devsta(a), 2), 0x000f);
	expect_told(off, ALREADY_QUIET, BY_PLAN);
	expect_told(pci, QUIET, BY_PLAN);
	expect_number(unit_entry(a)->done & KEXEC_QUIESCE_DID_DRAIN, 0);
	expect_verdict(CLEAN, 4, 4);
}

static void test_late(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *late = unit_add(port, 0, &endpoint);
	struct function *other = unit_add(port, 1, &endpoint);

	(void)state;
	late->set = 1U << DRAINS_LATE;
	late->us = 5000;
	unit_run(KEXEC_QUIESCE_BUSMASTER);
	expect_told(late, QUIET, BY_PLAN);
	expect_number(unit_entry(late)->done & KEXEC_QUIESCE_DID_DRAIN,
		      KEXEC_QUIESCE_DID_DRAIN);
	expect_between(unit_took(STEP(DRAIN)), 4900000, 5300000);
	/* Every 100 us, and only what is still pending. */
	expect_between(unit_count(OF(DRAIN, late)), 45, 52);
	expect(OF(DRAIN, other), R2(other, devsta(other)));
	expect_verdict(CLEAN, 2, 2);
}

static void test_never(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f[8];
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		f[i] = unit_add(port, i, &endpoint);
		f[i]->set = 1U << PENDS_FOREVER;
	}
	unit_run(KEXEC_QUIESCE_BUSMASTER);
	/* All of them in the time of one. */
	expect_between(unit_took(STEP(DRAIN)), DRAIN_MS * NS_PER_MS,
		       (DRAIN_MS + 1) * NS_PER_MS);
	for (i = 0; i < ARRAY_SIZE(f); i++)
		expect_told(f[i], REFUSED, BY_PENDING);
	expect_none(WRITES(DRAIN));
	expect_verdict(PARTIAL, 0, 8);
}

static void test_vanishes(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << DIES;
	f->at = 4;
	unit_run(KEXEC_QUIESCE_BUSMASTER);
	expect(ALL(DRAIN), R2(f, devsta(f)));
	expect_told(f, REFUSED, BY_VANISHING);
	expect_verdict(PARTIAL, 0, 1);
}

/* A refuser is asked by no other means, whatever is pending. */
static void test_refuser_is_not_asked(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << STUCK | 1U << PENDS_FOREVER;
	unit_run(KEXEC_QUIESCE_BUSMASTER);
	expect_none(ALL(DRAIN));
	expect_told(f, REFUSED, BY_BME);
}

static void test_dry_run_does_not_wait(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	f->set = 1U << PENDS_FOREVER;
	kexec_quiesce_ctl.policy = KEXEC_QUIESCE_BUSMASTER;
	unit_capture();
	unit_crash();
	fabric.dry = true;
	unit.run.dry = true;
	unit_go();
	expect(ALL(DRAIN), R2(f, devsta(f)));
	expect_told(f, REFUSED, BY_PENDING);
}

const struct CMUnitTest drain_tests[] = {
	UNIT(test_nothing_pending),
	UNIT(test_late),
	UNIT(test_never),
	UNIT(test_vanishes),
	UNIT(test_refuser_is_not_asked),
	UNIT(test_dry_run_does_not_wait),
};

const size_t nr_drain_tests = ARRAY_SIZE(drain_tests);
