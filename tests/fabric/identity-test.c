// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who responds: one dword says whether it is the function of the snapshot.  If it
 * is not, nothing is written to whatever it is, nor is it taken for quiet.
 */
#include "unit.h"

#define RRS		0xffff0001U	/* 2.3.2 */

/* What a function is shown instead of its own page from the crash on. */
static void show(u32 reg, u32 value)
{
	config_put(unit.host->page, reg, 4, value);
}

/* It takes each write and reads back quiet: all zeros, or what was there. */
static void test_plain_memory(void **state)
{
	static const u8 fills[] = { 0, 0x5a, 0xf0 };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(fills); i++) {
		struct function *port, *f;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		f = unit_add(port, 0, &endpoint);
		memset(unit.host->page, fills[i], sizeof(unit.host->page));
		unit.host->remapped = true;
		unit_run(PCIQ_RESET);
		expect_recorded(f, UNTOUCHED, BY_IDENTITY);
		expect_recorded(port, UNTOUCHED, BY_IDENTITY);
		expect_number(unit.head->writes, 0);
		expect_number(unit.head->reads, 2);
		expect_number(unit_entry(f)->done, 0);
		expect_number(unit_entry(f)->command_before, 0xffff);
		expect_number(unit_entry(f)->duration, PCIQ_NOT_QUIET);
		expect_verdict(PARTIAL, 0, 2);
	}
}

/* As if nothing were there: that is recorded of each. */
static void test_all_ones(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated);

	(void)state;
	memset(unit.host->page, 0xff, sizeof(unit.host->page));
	unit.host->remapped = true;
	unit.quirks = true;	/* the model knows that it has not gone */
	unit_run(PCIQ_ESCALATE);
	expect_recorded(f, ABSENT, BY_NO_RESPONSE);
	expect_verdict(SKIPPED, 0, 1);
}

/* What is no response, and what is another one. */
static void test_which_value(void **state)
{
	static const struct {
		const char *name;
		u32 id;
		u8 outcome;
		u8 reason;
	} rows[] = {
		{ "its own", 0x100e8086, PCIQ_QUIET, PCIQ_BY_PLAN },
		{ "all ones", 0xffffffff, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE },
		{ "RRS", RRS, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE },
		{ "half of RRS", 0x12340001, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
		{ "almost RRS", 0xffff0002, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
		{ "no Vendor ID", 0x100effff, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
		{ "no Device ID", 0xffff8086, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
		{ "another vendor", 0x100e8087, PCIQ_UNTOUCHED,
		  PCIQ_BY_IDENTITY },
		{ "another device", 0x100f8086, PCIQ_UNTOUCHED,
		  PCIQ_BY_IDENTITY },
		{ "zero", 0, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *f;

		unit.row = rows[i].name;
		unit_begin();
		f = unit_add(NULL, 0x18, &conventional);
		unit_snapshot();
		config_put(f->now, PCI_VENDOR_ID, 4, rows[i].id);
		unit_crash();
		unit.quirks = true;	/* the model knows one ID of it */
		unit_go();
		expect_number(unit_entry(f)->outcome, rows[i].outcome);
		expect_number(unit_entry(f)->reason, rows[i].reason);
		expect_number(unit_count(ALL_OF(f)),
			      rows[i].outcome == PCIQ_QUIET ? 4 : 1);
		expect_number(unit_first(ALL_OF(f), PCI_VENDOR_ID)->size, 4);
		/* What it is, says the snapshot. */
		expect_number(unit_entry(f)->vendor, 0x8086);
		expect_number(unit_entry(f)->device, 0x100e);
	}
}

/* A VF shows no ID of its own (9.3.4.1.1): its class, and its revision. */
static void test_vf(void **state)
{
	static const struct {
		const char *name;
		u32 class_revision;
		u8 outcome;
		u8 reason;
	} rows[] = {
		{ "its own", 0x02000001, PCIQ_QUIET, PCIQ_BY_PLAN },
		{ "another class", 0x02010001, PCIQ_UNTOUCHED,
		  PCIQ_BY_IDENTITY },
		{ "another revision", 0x02000002, PCIQ_UNTOUCHED,
		  PCIQ_BY_IDENTITY },
		{ "all ones", 0xffffffff, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE },
		{ "zero", 0, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct function *port, *pf, *vf;

		unit.row = rows[i].name;
		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		pf = unit_add(port, 0, &physical);
		vf = unit_vf(pf, 8);
		pciq_ctl.policy = PCIQ_BUSMASTER;
		unit_snapshot();
		config_put(vf->now, PCI_CLASS_REVISION, 4,
			   rows[i].class_revision);
		unit_crash();
		unit.quirks = true;
		unit_go();
		expect_number(unit_entry(vf)->outcome, rows[i].outcome);
		expect_number(unit_entry(vf)->reason, rows[i].reason);
		expect_number(unit_count(WRITES_OF(DISABLE, vf)),
			      rows[i].outcome == PCIQ_QUIET);
		expect_recorded(pf, QUIET, BY_PLAN);
	}
}

/* The class of what shows an ID may change: drivers write it, and it is the same. */
static void test_class_of_others(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &conventional);

	(void)state;
	unit_snapshot();
	config_put(f->now, PCI_CLASS_REVISION, 4, 0x01080202);
	unit_crash();
	unit_go();
	expect_recorded(f, QUIET, BY_PLAN);
}

/* Another host bridge is reached as ever. */
static void test_one_of_two(void **state)
{
	struct function *f = unit_add(NULL, 0x18, &integrated), *g;
	struct host *first = unit.host;

	(void)state;
	unit.host = build_host(1, 0, 0xff, PCIQ_ECAM, true);
	g = unit_add(NULL, 0x18, &integrated);
	first->remapped = true;
	unit_run(PCIQ_BUSMASTER);
	expect_recorded(f, UNTOUCHED, BY_IDENTITY);
	expect_recorded(g, QUIET, BY_PLAN);
	expect_verdict(PARTIAL, 1, 2);
}

/* One page only: it is neither written to nor believed quiet, whatever it shows. */
static void page_of(const struct shape *shape, u32 shown)
{
	struct function *port, *f, *other;

	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	other = unit_add(port, 1, &physical);
	f = shape->vf ? unit_vf(other, 9) : unit_add(port, 0, shape);
	show(PCI_COMMAND, shown);
	f->remapped = true;
	unit_run(PCIQ_BUSMASTER);
	expect_number(unit_count(ALL_OF(f)), 1);
	expect_number(unit_entry(f)->done, 0);
	expect_number(unit_entry(f)->command_before, 0xffff);
	expect_recorded(f, UNTOUCHED, BY_IDENTITY);
	expect_recorded(other, QUIET, BY_PLAN);
	expect_verdict(PARTIAL, 1, 2);
}

static void test_one_page(void **state)
{
	static const u32 shown[] = { 0, 0x00000400, 0x00000007, 0xffef0006,
				     0xffff0006 };
	static const struct shape *const shapes[] = { &endpoint, &conventional,
						      &virtual };
	u32 i, k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(shapes); k++)
		for (i = 0; i < ARRAY_SIZE(shown); i++)
			page_of(shapes[k], shown[i]);
}

/* Nor is it reset through that page, nor is anything restored there. */
static void test_page_is_not_reset(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint_with_flr);

	(void)state;
	unit_add(port, 1, &endpoint);
	f->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	f->remapped = true;
	unit_run(PCIQ_RESET);
	expect_recorded(f, UNTOUCHED, BY_IDENTITY);
	expect_number(unit.head->functions_reset, 0);
	expect_none(ALL_WRITES_OF(f));
}

/* What is on a link with it is not reset either: its addresses are not as saved. */
static void test_beside_refuser(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);
	struct function *refuser = unit_add(port, 1, &endpoint);

	(void)state;
	unit_set(f, PCI_BASE_ADDRESS_0, 4, 0xfe000000);
	refuser->set = 1U << STUCK_UNTIL_RESET;
	f->remapped = true;
	unit_run(PCIQ_ESCALATE);
	expect_number(port->asserts, 0);
	expect_number(unit_entry(port)->no_reset, PCIQ_NOT_CURRENT);
	expect_recorded(refuser, WAS_CONTAINED, BY_BME);
}

/*
 * A port that is not what it was is not written to either, whatever is to be reset
 * below it: neither to mask errors, nor to reset the link, nor to contain.
 */
static void test_another_port(void **state)
{
	static const u32 policies[] = { PCIQ_ESCALATE, PCIQ_RESET };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		struct function *port, *refuser;

		unit_begin();
		port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
		refuser = unit_add(port, 0, &endpoint);
		refuser->set = 1U << STUCK_UNTIL_RESET;
		unit_snapshot();
		config_put(port->now, PCI_DEVICE_ID, 2, 0x1234);
		pciq_ctl.policy = policies[i];
		unit_crash();
		unit.quirks = true;	/* the model knows of no other port */
		unit_go();
		expect_none(ALL_WRITES_OF(port));
		expect_recorded(port, UNTOUCHED, BY_IDENTITY);
		expect_number(unit_entry(port)->no_reset, PCIQ_NOT_CURRENT);
		expect_recorded(refuser, REFUSED, BY_BME);
		expect_number(unit.head->verdict, PCIQ_PARTIAL);
	}
}

/* One wrong answer is enough: it costs one function, and is recorded. */
static void test_wrong_once(void **state)
{
	static const struct {
		u32 lie;
		u8 outcome;
		u8 reason;
	} lies[] = {
		{ 1, PCIQ_UNTOUCHED, PCIQ_BY_IDENTITY },
		{ ~0U, PCIQ_ABSENT, PCIQ_BY_NO_RESPONSE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		struct function *f, *other;

		unit_begin();
		f = unit_add(NULL, 0x18, &integrated);
		other = unit_add(NULL, 0x20, &integrated);
		f->set = 1U << LIES_ONCE;
		f->at = 1;
		f->lie = lies[i].lie;
		unit_run(PCIQ_BUSMASTER);
		expect_number(f->accesses, 1);
		expect_number(unit_entry(f)->outcome, lies[i].outcome);
		expect_number(unit_entry(f)->reason, lies[i].reason);
		expect_recorded(other, QUIET, BY_PLAN);
		expect_verdict(PARTIAL, 1, 2);
	}
}

/* Asleep at the snapshot: who it is, the kernel knew from before. */
static void test_known_by_the_kernel(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *pf = unit_add(port, 0, &physical);
	struct function *vf = unit_vf(pf, 8);

	(void)state;
	topology_sleep_below(port);
	pf->offline = true;
	vf->offline = true;
	unit_snapshot();
	expect_number(unit_func(pf)->entry.vendor, pf->vendor);
	expect_number(unit_func(pf)->entry.device, pf->device);
	expect_number(unit_func(vf)->entry.vendor, vf->vendor);
	expect_number(unit_func(vf)->entry.class_revision, 0x02000001);
	topology_wake_below(port);
	unit_crash();
	unit_go();
	expect_recorded(pf, QUIET, BY_PLAN);
	expect_recorded(vf, QUIET, BY_PLAN);
	expect_verdict(CLEAN, 2, 2);

	unit_begin();
	port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	pf = unit_add(port, 0, &physical);
	topology_sleep_below(port);
	pf->offline = true;
	unit_snapshot();
	topology_wake_below(port);
	unit_crash();
	pf->remapped = true;
	unit_go();
	expect_recorded(pf, UNTOUCHED, BY_IDENTITY);
	expect_verdict(PARTIAL, 0, 1);
}

/* What must not be touched is not read, not even for that. */
static void test_excluded_is_not_read(void **state)
{
	struct function *f = unit_add(NULL, 0x10, &integrated);
	struct function *excluded = unit_add(NULL, 0x18, &integrated);

	(void)state;
	unit_exclude(excluded);
	unit_run(PCIQ_BUSMASTER);
	expect_number(excluded->accesses, 0);
	expect_recorded(f, QUIET, BY_PLAN);
}

/* Not ready, as after a reset of its own: it is cut off, and not written. */
static void test_not_ready(void **state)
{
	struct function *port = unit_bridge(NULL, 8, &slow_root_port, 1, 1);
	struct function *f = unit_add(port, 0, &endpoint);

	(void)state;
	unit_snapshot();
	unit_crash();
	f->rrs_until = NEVER;
	unit.quirks = true;	/* for the model that is a response */
	unit_go();
	expect_none(ALL_WRITES_OF(f));
	expect_recorded(f, WAS_CONTAINED, BY_NO_RESPONSE);
	expect_verdict(CONTAINED, 0, 1);
}

const struct CMUnitTest identity_tests[] = {
	UNIT(test_plain_memory),
	UNIT(test_all_ones),
	UNIT(test_which_value),
	UNIT(test_vf),
	UNIT(test_class_of_others),
	UNIT(test_one_of_two),
	UNIT(test_one_page),
	UNIT(test_page_is_not_reset),
	UNIT(test_beside_refuser),
	UNIT(test_another_port),
	UNIT(test_wrong_once),
	UNIT(test_known_by_the_kernel),
	UNIT(test_excluded_is_not_read),
	UNIT(test_not_ready),
};

const size_t nr_identity_tests = ARRAY_SIZE(identity_tests);
