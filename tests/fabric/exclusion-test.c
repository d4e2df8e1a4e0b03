// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is not disabled, and what is not reset: each reason by itself, beside a
 * neighbor that would have the link reset.
 */
#include "unit.h"

enum left { DISABLED_ONLY, NOT_WRITTEN, NOT_READ };

static const struct {
	const char *name;
	u32 class;
	u16 dev_flags;
	bool excluded;
	bool noreset;
	bool named;		/* in reset= */
	u16 vendor;		/* 0: that of all others */
	u16 device;
	bool cxl;
	bool flr;
	bool asleep;
	enum left left;
	u8 outcome;
	u8 reason;
	u8 no_reset;		/* of the link */
	u8 method;		/* of the function, under policy "reset" */
} subjects[] = {
	{ "nothing special", 0x020000, .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
	{ "memory", 0x050000, .left = NOT_READ,
	  .outcome = PCIQ_EXCLUDED, .reason = PCIQ_BY_CLASS,
	  .no_reset = PCIQ_NOT_EXCLUDED },
	{ "non-transparent bridge", 0x068000, .left = NOT_READ,
	  .outcome = PCIQ_EXCLUDED, .reason = PCIQ_BY_CLASS,
	  .no_reset = PCIQ_NOT_EXCLUDED },
	{ "IOMMU", 0x080600, .left = NOT_READ,
	  .outcome = PCIQ_EXCLUDED, .reason = PCIQ_BY_CLASS,
	  .no_reset = PCIQ_NOT_EXCLUDED },
	{ "exclude=", 0x020000, .excluded = true, .left = NOT_READ,
	  .outcome = PCIQ_EXCLUDED, .reason = PCIQ_BY_USER,
	  .no_reset = PCIQ_NOT_EXCLUDED },
	{ "exclude=, with FLR", 0x020000, .excluded = true, .flr = true,
	  .left = NOT_READ,
	  .outcome = PCIQ_EXCLUDED, .reason = PCIQ_BY_USER,
	  .no_reset = PCIQ_NOT_EXCLUDED },
	{ "noreset=", 0x020000, .noreset = true,
	  .outcome = PCIQ_QUIET, .no_reset = PCIQ_NOT_USER },
	{ "noreset=, with FLR", 0x020000, .noreset = true, .flr = true,
	  .outcome = PCIQ_QUIET, .no_reset = PCIQ_NOT_USER },
	{ "display", 0x030000, .outcome = PCIQ_QUIET,
	  .no_reset = PCIQ_NOT_DISPLAY },
	{ "display, with FLR", 0x030200, .flr = true,
	  .outcome = PCIQ_QUIET,
	  .no_reset = PCIQ_NOT_DISPLAY },
	{ "CXL memory", 0x050210, .cxl = true, .left = NOT_READ,
	  .outcome = PCIQ_EXCLUDED, .reason = PCIQ_BY_CLASS,
	  .no_reset = PCIQ_NOT_EXCLUDED },
	{ "CXL accelerator, with FLR", 0x120000, .cxl = true, .flr = true,
	  .outcome = PCIQ_QUIET, .no_reset = PCIQ_NOT_CXL },
	{ "NO_BUS_RESET", 0x020000, PCI_DEV_FLAGS_NO_BUS_RESET,
	  .outcome = PCIQ_QUIET, .no_reset = PCIQ_NOT_QUIRK },
	{ "NO_BUS_RESET, with FLR", 0x020000, PCI_DEV_FLAGS_NO_BUS_RESET,
	  .flr = true, .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_NOT_QUIRK,
	  .method = PCIQ_RESET_FLR },
	{ "NO_BUS_RESET and NO_FLR_RESET", 0x020000,
	  PCI_DEV_FLAGS_NO_BUS_RESET | PCI_DEV_FLAGS_NO_FLR_RESET, .flr = true,
	  .outcome = PCIQ_QUIET, .no_reset = PCIQ_NOT_QUIRK },
	{ "NO_FLR_RESET", 0x020000, PCI_DEV_FLAGS_NO_FLR_RESET, .flr = true,
	  .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
	{ "unsaved: asleep at the snapshot", 0x020000, .asleep = true,
	  .left = NOT_READ, .outcome = PCIQ_UNTOUCHED,
	  .reason = PCIQ_BY_POWER,
	  .no_reset = PCIQ_NOT_SAVED },
	{ "LSI SAS1068E, which says SCSI", 0x010000, .vendor = 0x1000,
	  .device = 0x0058, .outcome = PCIQ_QUIET,
	  .no_reset = PCIQ_NOT_STORAGE },
	{ "another of LSI", 0x010000, .vendor = 0x1000, .device = 0x0012,
	  .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
	{ "0058 of Adaptec", 0x010000, .vendor = 0x9004, .device = 0x0058,
	  .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
	{ "RAID controller", 0x010400, .outcome = PCIQ_QUIET,
	  .no_reset = PCIQ_NOT_STORAGE },
	{ "SAS controller, with FLR", 0x010700, .flr = true,
	  .outcome = PCIQ_QUIET,
	  .no_reset = PCIQ_NOT_STORAGE },
	{ "SAS controller in reset=", 0x010700, .named = true,
	  .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
	{ "NVMe", 0x010802, .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
	{ "AHCI", 0x010601, .outcome = PCIQ_WAS_RESET,
	  .no_reset = PCIQ_MAY_RESET,
	  .method = PCIQ_RESET_LINK },
};

static void check_accesses(const struct function *f, enum left left)
{
	u32 reads = f->reads, writes = f->accesses - f->reads;

	if (left == NOT_READ)
		expect_number(reads, 0);
	if (left != DISABLED_ONLY) {
		expect_number(writes, 0);
		return;
	}
	expect(WRITES_OF(DISABLE, f), W2(f, PCI_COMMAND, DISABLED));
}

static void test_each(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		struct shape shape = endpoint;
		struct function *port, *f, *neighbor;
		bool allowed = !subjects[i].no_reset;

		unit.row = subjects[i].name;
		unit_begin();
		shape.class = subjects[i].class;
		shape.flr = subjects[i].flr;
		shape.cxl = subjects[i].cxl;
		shape.vendor = subjects[i].vendor ?: shape.vendor;
		shape.device = subjects[i].device ?: shape.device;
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &shape);
		neighbor = unit_add(port, 1, &endpoint);
		f->idle = is_left_alone(f);
		f->dev_flags = subjects[i].dev_flags;
		f->asleep = subjects[i].asleep;
		f->own_power = f->asleep;
		f->offline = f->asleep;
		if (subjects[i].excluded)
			unit_exclude(f);
		if (subjects[i].noreset)
			unit_noreset(f);
		if (subjects[i].named)
			unit_reset(f);
		unit_run(PCIQ_RESET);

		/* The plan, which the operator is shown. */
		expect_number(unit_plan(port)->no_reset, subjects[i].no_reset);
		expect_number(unit_plan(f)->no_reset,
			      subjects[i].method == PCIQ_RESET_LINK ?
				      PCIQ_MAY_RESET : subjects[i].no_reset);
		expect_number(unit_plan(f)->method, subjects[i].method);
		expect_number(unit_plan(neighbor)->method,
			      allowed ? PCIQ_RESET_LINK :
					PCIQ_RESET_NONE);
		/* And what was done. */
		expect_number(port->asserts, allowed);
		check_accesses(f, subjects[i].left);
		expect_number(unit_entry(f)->outcome, subjects[i].outcome);
		expect_number(unit_entry(f)->reason, subjects[i].reason);
		if (allowed)
			expect_recorded(neighbor, WAS_RESET, BY_PLAN);
		else
			expect_recorded(neighbor, QUIET, BY_PLAN);
	}
}

/* FLR that needs more than config space, or hangs, is not used. */
static void test_flr_needs_driver(void **state)
{
	static const struct {
		const char *name;
		u16 vendor;
		u16 device;
	} ids[] = {
		{ "Samsung SM961", 0x144d, 0xa804 },
		{ "Huawei 1822", 0x19e5, 0x375e },
		{ "Chelsio", 0x1425, 0x6001 },
		{ "Starship/Matisse, reserved", 0x1022, 0x1485 },
		{ "Starship/Matisse, cryptographic", 0x1022, 0x1486 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		struct shape shape = integrated_with_flr;
		struct function *f;

		unit.row = ids[i].name;
		unit_begin();
		shape.vendor = ids[i].vendor;
		shape.device = ids[i].device;
		f = unit_add(NULL, 0x18, &shape);
		unit_run(PCIQ_RESET);
		expect_none(WRITES(RESET));
		expect_number(unit_plan(f)->method, PCIQ_RESET_NONE);
		expect_number(unit_plan(f)->no_reset, PCIQ_NOT_FLR);
		expect_recorded(f, QUIET, BY_PLAN);
	}
}

/* One function that must not be reset protects every link above it. */
static void test_all_links_above(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 4);
	struct function *up = unit_bridge(port, 0, &upstream_port, 2, 4);
	struct function *a = unit_bridge(up, 0, &downstream_port, 3, 3);
	struct function *b = unit_bridge(up, 8, &downstream_port, 4, 4);
	struct function *f = unit_add(a, 0, &endpoint);
	struct function *other = unit_add(b, 0, &endpoint);

	(void)state;
	unit_noreset(f);
	unit_run(PCIQ_RESET);
	expect_number(unit_plan(a)->no_reset, PCIQ_NOT_USER);
	expect_number(unit_plan(up)->no_reset, PCIQ_NOT_USER);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_USER);
	expect_number(unit_plan(b)->no_reset, PCIQ_MAY_RESET);
	expect_number(port->asserts + up->asserts + a->asserts, 0);
	expect_number(b->asserts, 1);
	expect_recorded(other, WAS_RESET, BY_PLAN);
}

/* A port that is excluded is neither masked nor used, but forwards. */
static void test_excluded_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit_set(port, PCI_COMMAND, 2, COMMAND | PCI_COMMAND_SERR);
	unit_exclude(port);
	f->set = 1U << STUCK;
	unit_run(PCIQ_RESET);
	expect_number(port->accesses, 0);
	expect_recorded(port, EXCLUDED, BY_USER);
	expect_recorded(f, REFUSED, BY_BME);
	expect_verdict(PARTIAL, 0, 2);
}

/* A protected VF protects its PF from FLR as well. */
static void test_vf_protects_pf(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	unit_noreset(vf);
	unit_run(PCIQ_RESET);
	expect_none(WRITES(RESET));
	expect_number(unit_plan(pf)->method, PCIQ_RESET_NONE);
	expect_number(unit_plan(pf)->no_reset, PCIQ_NOT_USER);
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_recorded(vf, QUIET, BY_PLAN);
}

/* A quirk of the port itself: the links below it are something else. */
static void test_port_with_quirk(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);

	(void)state;
	port->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_run(PCIQ_RESET);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_QUIRK);
	expect_number(port->asserts, 0);
	expect_recorded(f, WAS_RESET, BY_PLAN);
	expect_number(f->flrs, 1);
}

/* What leaves FLR must not hide a reason that forbids it. */
static void test_strongest_reason_counts(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *quirk = unit_add(port, 0, &endpoint);
	struct function *user = unit_add(port, 1, &endpoint);

	(void)state;
	quirk->dev_flags = PCI_DEV_FLAGS_NO_BUS_RESET;
	unit_noreset(user);
	unit_snapshot();
	expect_number(unit_plan(quirk)->no_reset, PCIQ_NOT_QUIRK);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_USER);
}

static void test_empty_port(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);

	(void)state;
	unit_run(PCIQ_RESET);
	expect_number(unit_plan(port)->method, PCIQ_RESET_NONE);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_EMPTY);
	expect_none(WRITES(RESET));
	expect_verdict(CLEAN, 0, 0);
}

/*
 * What is behind VMD is reached through a window of its own, and is like all other
 * functions; a reset of the endpoint would take it away.
 */
static void test_vmd(void **state)
{
	struct function *vmd = unit_add(NULL, 0x18, &integrated_with_flr);
	struct function *port, *f;

	(void)state;
	vmd->set = 1U << STUCK_UNTIL_RESET;
	unit.host = build_host(0x10000, 0xe0, 0xff, PCIQ_ECAM, true);
	unit.host->vmd = vmd;
	fabric.vmd_gates = false;
	port = unit_bridge(NULL, 8, &slow_root_port, 0xe1, 0xe1);
	f = unit_add(port, 0, &endpoint);
	unit_set(port, PCI_COMMAND, 2, COMMAND | PCI_COMMAND_SERR);
	unit_run(PCIQ_RESET);
	expect_recorded(vmd, REFUSED, BY_BME);
	expect_number(vmd->flrs, 0);
	expect_number(unit_plan(vmd)->no_reset, PCIQ_NOT_VMD);
	expect_recorded(f, WAS_RESET, BY_PLAN);
	expect_number(port->asserts, 1);
	expect_number(unit_plan(port)->no_reset, PCIQ_MAY_RESET);
	expect_verdict(PARTIAL, 1, 2);
}

static void test_no_window(void **state)
{
	struct function *reached = unit_add(NULL, 0x18, &integrated);
	struct function *port, *f;

	(void)state;
	unit.host = build_host(1, 0, 0xff, 0, true);
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	f = unit_add(port, 0, &endpoint_with_flr);
	unit_run(PCIQ_RESET);
	expect_number(port->accesses + f->accesses, 0);
	expect_recorded(reached, QUIET, BY_PLAN);
	expect_recorded(f, UNTOUCHED, BY_WINDOW);
	expect_recorded(port, UNTOUCHED, BY_WINDOW);
	expect_number(unit_plan(port)->no_reset, PCIQ_NOT_SAVED);
	expect_number(unit_plan(f)->no_reset, PCIQ_NOT_SAVED);
	expect_number(unit_plan(f)->plan[PCIQ_RESET],
		      PCIQ_PLAN_LEAVE);
	/* Whether the port may interrupt is not known either. */
	expect_verdict(PARTIAL, 1, 3);
}

/* What each policy is to do, for kexec-quiesce plan. */
static void test_plan(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *root = unit_add(NULL, 0x18, &integrated);
	struct function *flr = unit_add(NULL, 0x20, &integrated_with_flr);
	const struct { struct function *f; u8 disable, reset; } plans[] = {
		{ port, PCIQ_PLAN_PORT, PCIQ_PLAN_RESET },
		{ f, PCIQ_PLAN_DISABLE, PCIQ_PLAN_RESET },
		{ root, PCIQ_PLAN_DISABLE, PCIQ_PLAN_DISABLE },
		{ flr, PCIQ_PLAN_DISABLE, PCIQ_PLAN_RESET },
	};
	size_t i;

	(void)state;
	unit_snapshot();
	for (i = 0; i < ARRAY_SIZE(plans); i++) {
		const u8 *plan = unit_plan(plans[i].f)->plan;

		expect_number(plan[PCIQ_OFF], PCIQ_PLAN_LEAVE);
		expect_number(plan[PCIQ_BUSMASTER], plans[i].disable);
		expect_number(plan[PCIQ_ESCALATE], plans[i].disable);
		expect_number(plan[PCIQ_RESET], plans[i].reset);
	}
	expect_number(unit_plan(root)->no_reset, PCIQ_NOT_BELOW);
}

const struct CMUnitTest exclusion_tests[] = {
	UNIT(test_each),
	UNIT(test_flr_needs_driver),
	UNIT(test_all_links_above),
	UNIT(test_excluded_port),
	UNIT(test_vf_protects_pf),
	UNIT(test_port_with_quirk),
	UNIT(test_strongest_reason_counts),
	UNIT(test_empty_port),
	UNIT(test_vmd),
	UNIT(test_no_window),
	UNIT(test_plan),
};

const size_t nr_exclusion_tests = ARRAY_SIZE(exclusion_tests);
